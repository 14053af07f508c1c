// From the content of a message to the octets of its parts: counting, cutting, headers.
//
// | form    | joined by                                    | septets / octets / code units per part |
// |---------|----------------------------------------------|----------------------------------------|
// | udh8    | header 05 00 03 rr tt nn                     | 153 / 134 / 67                         |
// | udh16   | header 06 08 04 rrrr tt nn                   | 152 / 133 / 66                         |
// | sar     | sar_* parameters, the SMSC makes the header  | 152 / 133 / 66                         |
// | payload | message_payload, the SMSC cuts               | one part                               |
//
// One part holds 160 / 140 / 70. Headers: 3GPP TS 23.040 §9.2.3.24. Further elements in the header
// (ports, national tables, one that the request brings) take their octets from every part.
//
// sar is cut for a 16-bit header: sar_msg_ref_num has 16 bits (SMPP 3.4 §5.3.2.22), and a part cut for
// the 8-bit one would not fit where the SMSC keeps them all.
import { TextTooLongError } from './message.errors.js';
import type { BinaryBody, Encoding, LongForm, MessageFormat } from './message-format.js';
import { tableOf } from './national-language.js';
import { CONCATENATION, headerElements } from './user-data-header.js';
import { Binary, firstAbove, Latin1, Septets, TranslatedSeptets, Ucs2, type UserData } from './user-data.js';

/** Both the header and sar_total_segments count parts in one octet. */
const MAX_PARTS = 255;

/** 3GPP TS 23.040 §9.2.3.24: TP-UD has 140 octets, the header included. */
const USER_DATA_OCTETS = 140;

/** What the SMSC takes the octets behind data_coding 0 for (SMPP 3.4 §5.2.19 leaves it to the SMSC). */
export type DefaultAlphabet = 'gsm' | 'latin1' | 'ascii';

const HIGHEST: Readonly<Record<Exclude<DefaultAlphabet, 'gsm'>, number>> = { latin1: 0xff, ascii: 0x7f };

/** A message, as far as its parts depend on it. */
export interface Content {
  readonly encoding: Encoding;
  readonly text: string;
  readonly format?: MessageFormat | null;
  readonly binary?: BinaryBody | null;
}

export interface EncodedParts {
  /** short_message of each part, or the message_payload of the only one; the header included. */
  readonly parts: readonly Buffer[];
  /** The octets begin with a user data header (esm_class 0x40). */
  readonly hasHeader: boolean;
  /** The form they are in: see formFor. */
  readonly form: LongForm;
}

/**
 * The form that a message takes where `asked` is wanted. One part is in no form; udh8 stands for it. A
 * header of its own (ports, national tables, one from the request) rules out sar, which must not meet
 * the UDH indicator (SMPP 3.4 §5.2.12), and payload, where an SMSC would have to cut behind a header
 * it did not make: both fall back to udh8. So does a form that would need more than MAX_PARTS parts.
 */
export function formFor(content: Content, asked: LongForm): LongForm {
  if (asked === 'udh8') return asked;
  if (asked !== 'udh16' && elementsOf(content).length > 0) return 'udh8';
  const parts = count(content, asked === 'payload' ? 'udh8' : asked);
  return parts === 1 || (asked !== 'payload' && parts > MAX_PARTS) ? 'udh8' : asked;
}

/**
 * How many submit_sm the message takes in the form that formFor gives; an empty text takes one. May
 * exceed MAX_PARTS.
 */
export function countParts(content: Content, asked: LongForm = 'udh8'): number {
  return count(content, formFor(content, asked));
}

/** Septets, octets or code units of the message, without headers. */
export function countUnits(content: Content): number {
  return userDataOf(content, 'gsm').countUnits();
}

/**
 * The encoding in which an SMSC of that default alphabet can get the message: UCS-2 where a GSM text
 * has characters, or tables, that it does not know.
 */
export function encodingFor(content: Content, alphabet: DefaultAlphabet): Encoding {
  const { encoding, format, text } = content;
  if (alphabet === 'gsm' || encoding !== 'gsm7') return encoding;
  return (format?.nationalTables ?? null) !== null || firstAbove(text, HIGHEST[alphabet]) >= 0
    ? 'ucs2'
    : encoding;
}

/**
 * The octets of every part.
 * @param reference joins the parts of one message on the phone; 16 bits, of which udh8 takes the lower 8.
 * @throws TextTooLongError more than MAX_PARTS parts.
 * @throws TextNotEncodableError a character is not in the encoding, or not in that default alphabet.
 */
export function encodeParts(
  content: Content,
  asked: LongForm = 'udh8',
  reference = 0,
  alphabet: DefaultAlphabet = 'gsm',
): EncodedParts {
  const form = formFor(content, asked);
  const data = userDataOf(content, alphabet);
  const elements = elementsOf(content);
  const units = data.countUnits();
  if (form === 'payload' || units <= roomOf(data, singleHeaderOctets(elements))) {
    const parts = [encodeSingle(data, elements, units)];
    return { parts, hasHeader: elements.length > 0, form };
  }
  const ends = segmentEnds(data, roomOf(data, headerOctets(elements, form)));
  if (ends.length > MAX_PARTS) throw new TextTooLongError(ends.length, MAX_PARTS);
  return { parts: encodeSeveral(data, elements, ends, form, reference), hasHeader: form !== 'sar', form };
}

function encodeSingle(data: UserData, elements: Buffer, units: number): Buffer {
  const header = singleHeaderOctets(elements);
  const octets = Buffer.allocUnsafe(header + data.octetsOf(units));
  if (header > 0) {
    octets[0] = elements.length;
    octets.set(elements, 1);
  }
  const end = data.write(octets, header, 0, data.length);
  // An SMSC that translates needs no escapes: the octets are fewer than the septets.
  return end === octets.length ? octets : octets.subarray(0, end);
}

function encodeSeveral(
  data: UserData,
  elements: Buffer,
  ends: readonly number[],
  form: LongForm,
  reference: number,
): Buffer[] {
  const withHeader = form !== 'sar';
  const reserved = headerOctets(elements, form);
  const roomOctets = (withHeader ? reserved : 0) + data.octetsOf(roomOf(data, reserved));
  return ends.map((to, index) => {
    const room = Buffer.allocUnsafe(roomOctets);
    const start = withHeader ? writeHeader(room, elements, form, reference, ends.length, index + 1) : 0;
    const end = data.write(room, start, ends[index - 1] ?? 0, to);
    return end === roomOctets ? room : room.subarray(0, end);
  });
}

/** The concatenation element stands first, where phones that look no further find it. */
function writeHeader(
  into: Buffer,
  elements: Buffer,
  form: LongForm,
  reference: number,
  total: number,
  sequence: number,
): number {
  let at = 1;
  if (form === 'udh16') {
    into[at++] = CONCATENATION['reference-16'];
    into[at++] = 4;
    into[at++] = (reference >>> 8) & 0xff;
  } else {
    into[at++] = CONCATENATION['reference-8'];
    into[at++] = 3;
  }
  into[at++] = reference & 0xff;
  into[at++] = total;
  into[at++] = sequence;
  into.set(elements, at);
  at += elements.length;
  into[0] = at - 1;
  return at;
}

/** Octets of the header of one of several parts; for sar, of the one that the SMSC makes. */
function headerOctets(elements: Buffer, form: LongForm): number {
  return (form === 'udh8' ? 6 : 7) + elements.length;
}

function singleHeaderOctets(elements: Buffer): number {
  return elements.length === 0 ? 0 : 1 + elements.length;
}

/** Units beside a header; septets begin on the next septet boundary behind it. */
function roomOf(data: UserData, header: number): number {
  const octets = USER_DATA_OCTETS - header;
  if (data.unit === 'septet') return Math.floor((octets * 8) / 7);
  return data.unit === 'octet' ? octets : octets >>> 1;
}

function count(content: Content, form: LongForm): number {
  if (form === 'payload') return 1;
  const data = userDataOf(content, 'gsm');
  const elements = elementsOf(content);
  if (data.countUnits() <= roomOf(data, singleHeaderOctets(elements))) return 1;
  return segmentEnds(data, roomOf(data, headerOctets(elements, form))).length;
}

/** Where each part ends, exclusive. */
function segmentEnds(data: UserData, room: number): readonly number[] {
  const ends: number[] = [];
  for (let from = 0; from < data.length;) {
    const end = data.segmentEnd(from, room);
    if (end <= from)
      throw new RangeError('the user data header leaves no room: problemOfHeader refuses such');
    ends.push(end);
    from = end;
  }
  return ends;
}

function elementsOf({ encoding, format, binary }: Content): Buffer {
  return headerElements(encoding, format, binary);
}

function userDataOf({ encoding, text, format, binary }: Content, alphabet: DefaultAlphabet): UserData {
  switch (encoding) {
    case 'gsm7': {
      const table = tableOf(format?.nationalTables ?? null);
      return alphabet === 'gsm'
        ? new Septets(text, table)
        : new TranslatedSeptets(text, table, HIGHEST[alphabet]);
    }
    case 'latin1':
      return new Latin1(text);
    case 'ucs2':
      return new Ucs2(text);
    case 'binary':
      return new Binary(binary?.data ?? '');
  }
}
