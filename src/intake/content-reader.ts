// The content of a request → how it is written: encoding, parts, format, or every reason why it cannot
// be sent so. A plain text that came before, as in an upload, is worked out once.
import { type FieldProblem, shown } from '../http/http.errors.js';
import { textEncodingOf } from '../message/data-coding.js';
import { chooseWriting, offendingCharacters, type Writing } from '../message/encoding-choice.js';
import type {
  BinaryBody,
  Encoding,
  MessageFormat,
  NationalTables,
  Replacement,
  TextEncoding,
} from '../message/message-format.js';
import { countParts } from '../message/short-message.js';
import { problemOfHeader } from '../message/user-data-header.js';
import type { MessageRequest } from './message-request.js';

/** As it stands in AcceptMessage. */
export interface ReadContent {
  readonly text: string;
  readonly encoding: Encoding;
  readonly partCount: number;
  readonly format?: MessageFormat;
  readonly binary?: BinaryBody;
  readonly replaced?: readonly Replacement[];
}

export interface ContentOptions {
  readonly allowLatin1: boolean;
  readonly maxParts: number;
}

type BinaryRequest = NonNullable<MessageRequest['binary']>;

/** In the problem of a text that its encoding cannot hold; more would only repeat themselves. */
const SHOWN_CHARACTERS = 5;

const OF_TEXTS = ['text', 'encoding', 'nationalLanguages', 'transliterate'] as const;

export class ContentReader {
  private lastPlain: ReadContent | null = null;

  constructor(private readonly options: ContentOptions) {}

  /** Null when the content has a problem: then `errors` got at least one more. */
  read(request: MessageRequest, errors: FieldProblem[]): ReadContent | null {
    const content = isPlain(request) ? this.plain(request.text) : this.formatted(request, errors);
    if (content !== null && content.partCount > this.options.maxParts) {
      errors.push(this.tooLong(content, request));
      return null;
    }
    return content;
  }

  private plain(text: string): ReadContent {
    if (this.lastPlain?.text === text) return this.lastPlain;
    const writing = this.write(text, {}, null);
    // Without a forced encoding UCS-2 takes every text.
    if (writing === null) throw new RangeError('a text that no encoding holds');
    const { encoding, partCount } = writing;
    this.lastPlain = { text, encoding, partCount };
    return this.lastPlain;
  }

  private formatted(request: MessageRequest, errors: FieldProblem[]): ReadContent | null {
    const before = errors.length;
    if (request.flash === true && request.dataCoding !== undefined) {
      const problem = 'says itself whether the message is flash: give dataCoding or flash, not both';
      errors.push({ field: 'dataCoding', problem, value: String(request.dataCoding) });
    }
    const { binary, text = '' } = request;
    const content =
      binary === undefined ? this.text(text, request, errors) : readBinary(binary, request, errors);
    return errors.length > before ? null : content;
  }

  private text(text: string, request: MessageRequest, errors: FieldProblem[]): ReadContent | null {
    const asked = this.askedEncoding(request, errors);
    if (asked === 'latin1' && request.flash === true) {
      const problem = 'cannot be latin1 in a flash message, which is GSM 7-bit or UCS-2';
      errors.push({ field: 'encoding', problem });
      return null;
    }
    const writing = this.write(text, request, asked);
    if (writing === null) {
      errors.push(notInEncoding(text, asked === 'latin1' ? 'latin1' : 'gsm7'));
      return null;
    }
    const { encoding, partCount, nationalTables, replaced } = writing;
    const content = { text: writing.text, encoding, partCount, ...formatOf(request, nationalTables) };
    return replaced.length === 0 ? content : { ...content, replaced };
  }

  /** Null: chosen by the text. */
  private askedEncoding(request: MessageRequest, errors: FieldProblem[]): TextEncoding | null {
    const { encoding = 'auto', dataCoding } = request;
    if (encoding !== 'auto') return encoding;
    if (dataCoding === undefined) return null;
    const named = textEncodingOf(dataCoding);
    if (named === null) {
      const problem = 'does not say how a text is written: give the encoding as well, or send it as binary';
      errors.push({ field: 'dataCoding', problem, value: String(dataCoding) });
    }
    return named;
  }

  private write(
    text: string,
    request: Partial<MessageRequest>,
    encoding: TextEncoding | null,
  ): Writing | null {
    return chooseWriting(text, {
      // There is no Latin-1 among the message classes.
      allowLatin1: this.options.allowLatin1 && request.flash !== true,
      encoding,
      nationalLanguages: request.nationalLanguages ?? [],
      transliterate: request.transliterate === true,
      ports: request.ports ?? null,
    });
  }

  private tooLong({ encoding, partCount }: ReadContent, { binary }: MessageRequest): FieldProblem {
    const parts = `${String(partCount)} parts in ${encoding}`;
    return {
      field: binary === undefined ? 'text' : 'binary.data',
      problem: `needs ${parts}; at most ${String(this.options.maxParts)} are allowed: shorten it`,
    };
  }
}

function isPlain(request: MessageRequest): request is MessageRequest & { text: string } {
  return (
    request.text !== undefined &&
    request.encoding === undefined &&
    request.dataCoding === undefined &&
    request.nationalLanguages === undefined &&
    request.transliterate === undefined &&
    request.flash === undefined &&
    request.ports === undefined &&
    request.binary === undefined
  );
}

function readBinary(
  binary: BinaryRequest,
  request: MessageRequest,
  errors: FieldProblem[],
): ReadContent | null {
  for (const field of OF_TEXTS) {
    if (request[field] !== undefined) {
      errors.push({ field, problem: 'is for texts, and this message is binary: remove one of the two' });
    }
  }
  const { data, udh = '', format = 'hex' } = binary;
  const octets = readOctets('binary.data', data, format, errors);
  const header = readOctets('binary.udh', udh, format, errors);
  if (octets === null || header === null) return null;
  if (octets.length + header.length === 0) {
    errors.push({ field: 'binary.data', problem: 'is empty, and there is no header either' });
    return null;
  }
  const content: ReadContent = {
    text: '',
    encoding: 'binary',
    partCount: 1,
    ...formatOf(request, null),
    binary: { udh: header.toString('hex'), data: octets.toString('hex') },
  };
  // Before the parts are counted: a header that is none could leave no room for them.
  const own = header.length === 0 ? undefined : problemOfHeader(header, true);
  const partCount = own === undefined ? countParts(content) : 0;
  const problem = own ?? (header.length === 0 ? undefined : problemOfHeader(header, partCount === 1));
  if (problem === undefined) return { ...content, partCount };
  errors.push({ field: 'binary.udh', problem, value: shown(udh) });
  return null;
}

const HEX = /^(?:[0-9A-Fa-f]{2})*$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function readOctets(
  field: string,
  written: string,
  format: 'hex' | 'base64',
  errors: FieldProblem[],
): Buffer | null {
  if ((format === 'hex' ? HEX : BASE64).test(written)) return Buffer.from(written, format);
  const wanted = format === 'hex' ? 'pairs of the digits 0 to 9 and a to f' : 'base64 with its padding';
  errors.push({ field, problem: `must be ${wanted}`, value: shown(written) });
  return null;
}

/** Nothing for a plain message. */
function formatOf(
  request: MessageRequest,
  nationalTables: NationalTables | null,
): { readonly format?: MessageFormat } {
  const { dataCoding = null, flash = false, ports = null } = request;
  if (dataCoding === null && !flash && ports === null && nationalTables === null) return {};
  return { format: { nationalTables, dataCoding, flash, ports } };
}

function notInEncoding(text: string, encoding: 'gsm7' | 'latin1'): FieldProblem {
  const offending = offendingCharacters(text, encoding);
  const named = offending
    .slice(0, SHOWN_CHARACTERS)
    .map(({ character, position }) => `${character} at ${String(position)}`)
    .join(', ');
  const more =
    offending.length > SHOWN_CHARACTERS ? ` and ${String(offending.length - SHOWN_CHARACTERS)} more` : '';
  return {
    field: 'text',
    problem: `cannot be sent as ${encoding} because of ${named}${more}: replace them, or choose another encoding`,
  };
}
