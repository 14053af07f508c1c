// What a phone does with the octets of the parts: read the header, decode, join. It knows the
// specifications and none of the service's code, so that a mistake does not answer itself.
import type { Encoding } from '../../src/message/message-format.js';
import { LOCKING_TABLES, SINGLE_TABLES } from './national-tables.js';

export interface PartHeader {
  readonly reference: number | null;
  readonly total: number;
  readonly sequence: number;
  /** 3GPP TS 23.040 §9.2.3.24.4 */
  readonly ports: { readonly destination: number; readonly source: number } | null;
  readonly locking: number;
  readonly single: number;
  /** Elements that are none of these, by identifier, in hexadecimal. */
  readonly others: Readonly<Record<number, string>>;
  /** The header's own octets, the length included. */
  readonly octets: number;
}

export interface Received {
  readonly parts: readonly Buffer[];
  readonly hasHeader: boolean;
}

const ESCAPE = 0x1b;
const NO_HEADER: PartHeader = {
  reference: null,
  total: 1,
  sequence: 1,
  ports: null,
  locking: 0,
  single: 0,
  others: {},
  octets: 0,
};
/** National Language Identifier (3GPP TS 23.038 §6.2.1.2.4). */
const LOCKING = [LOCKING_TABLES.default, LOCKING_TABLES.tr, LOCKING_TABLES.default, LOCKING_TABLES.pt];
const SINGLE = [SINGLE_TABLES.default, SINGLE_TABLES.tr, SINGLE_TABLES.es, SINGLE_TABLES.pt];

export function readHeader(part: Buffer): PartHeader {
  const end = 1 + (part[0] ?? 0);
  let header: PartHeader = { ...NO_HEADER, octets: end };
  for (let at = 1; at < end;) {
    const identifier = part[at] ?? 0;
    const value = part.subarray(at + 2, at + 2 + (part[at + 1] ?? 0));
    header = withElement(header, identifier, value);
    at += 2 + value.length;
  }
  return header;
}

function withElement(header: PartHeader, identifier: number, value: Buffer): PartHeader {
  switch (`${identifier.toString(16)}/${String(value.length)}`) {
    case '0/3':
      return {
        ...header,
        reference: value.readUInt8(0),
        total: value.readUInt8(1),
        sequence: value.readUInt8(2),
      };
    case '8/4':
      return {
        ...header,
        reference: value.readUInt16BE(0),
        total: value.readUInt8(2),
        sequence: value.readUInt8(3),
      };
    case '5/4':
      return { ...header, ports: { destination: value.readUInt16BE(0), source: value.readUInt16BE(2) } };
    case '24/1':
      return { ...header, single: value.readUInt8(0) };
    case '25/1':
      return { ...header, locking: value.readUInt8(0) };
    default:
      return { ...header, others: { ...header.others, [identifier]: value.toString('hex') } };
  }
}

/** Octets of user data that the part takes on the air; septets are packed there. */
export function airOctets(part: Buffer, encoding: Encoding, hasHeader: boolean): number {
  if (encoding !== 'gsm7') return part.length;
  const { octets } = hasHeader ? readHeader(part) : NO_HEADER;
  // The text begins on a septet boundary behind the header (TS 23.040 §9.2.3.24, fill bits).
  return Math.ceil(((Math.ceil((octets * 8) / 7) + part.length - octets) * 7) / 8);
}

/** The text of all parts; throws when a header does not say what it should. */
export function joinParts({ parts, hasHeader }: Received, encoding: Encoding): string {
  return parts
    .map((part, index) => {
      const header = hasHeader ? readHeader(part) : NO_HEADER;
      if (hasHeader && (header.total !== parts.length || header.sequence !== index + 1)) {
        throw new Error(
          `part ${String(index + 1)} of ${String(parts.length)} says ${JSON.stringify(header)}`,
        );
      }
      return decodeText(part.subarray(header.octets), encoding, header);
    })
    .join('');
}

function decodeText(octets: Buffer, encoding: Encoding, { locking, single }: PartHeader): string {
  if (encoding === 'binary') return octets.toString('hex');
  if (encoding === 'latin1') return octets.toString('latin1');
  if (encoding === 'ucs2') return Buffer.from(octets).swap16().toString('utf16le');
  let text = '';
  for (let i = 0; i < octets.length; i++) {
    const septet = octets[i] ?? 0;
    const character = septet === ESCAPE ? SINGLE[single]?.[octets[++i] ?? -1] : LOCKING[locking]?.[septet];
    if (character === undefined || (character === '.' && septet === ESCAPE)) {
      throw new Error(`octet ${String(i)} is not in the alphabet`);
    }
    text += character;
  }
  return text;
}
