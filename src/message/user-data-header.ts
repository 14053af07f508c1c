// The user data header of a part (3GPP TS 23.040 §9.2.3.24): one octet of length, then information
// elements. An element is its identifier, its length, its octets; their order is free.
import type { BinaryBody, Encoding, MessageFormat, NationalTables, Ports } from './message-format.js';
import { LANGUAGE_IDENTIFIER } from './national-language.js';

/** §9.2.3.24.1 and §9.2.3.24.8: which message a part belongs to, of how many it is which. */
export const CONCATENATION = { 'reference-8': 0x00, 'reference-16': 0x08 } as const;
/** §9.2.3.24.4: application port addressing, 16 bit. */
const PORTS_16 = 0x05;
/** §9.2.3.24.15 */
const SINGLE_SHIFT = 0x24;
/** §9.2.3.24.16 */
const LOCKING_SHIFT = 0x25;

/** Longer, and hardly anything of the body would fit beside it. A guess: real ones have under 20. */
const MAX_OWN_OCTETS = 100;

const NONE = Buffer.alloc(0);

/** What every part of the message carries in its header, beside its place among the parts. */
export function headerElements(
  encoding: Encoding,
  format: MessageFormat | null | undefined,
  binary: BinaryBody | null | undefined,
): Buffer {
  const own = binary?.udh ?? '';
  const ports = format?.ports ?? null;
  const tables = encoding === 'gsm7' ? (format?.nationalTables ?? null) : null;
  if (own === '' && ports === null && tables === null) return NONE;
  return Buffer.concat([Buffer.from(own, 'hex').subarray(1), portsElement(ports), shiftElements(tables)]);
}

function portsElement(ports: Ports | null): Buffer {
  if (ports === null) return NONE;
  const { destination, source } = ports;
  return Buffer.from([PORTS_16, 4, destination >>> 8, destination & 0xff, source >>> 8, source & 0xff]);
}

function shiftElements(tables: NationalTables | null): Buffer {
  const { single, locking } = tables ?? { single: null, locking: null };
  const octets: number[] = [];
  if (single !== null) octets.push(SINGLE_SHIFT, 1, LANGUAGE_IDENTIFIER[single]);
  if (locking !== null) octets.push(LOCKING_SHIFT, 1, LANGUAGE_IDENTIFIER[locking]);
  return Buffer.from(octets);
}

/**
 * What is wrong with a header that somebody brings, its length octet included; undefined when it
 * can be sent. `bodyFits`: header and body are one short message together.
 */
export function problemOfHeader(udh: Buffer, bodyFits: boolean): string | undefined {
  if (udh.length > MAX_OWN_OCTETS) {
    return `has ${String(udh.length)} octets, at most ${String(MAX_OWN_OCTETS)} are allowed: move some into the body`;
  }
  if (udh[0] !== udh.length - 1) {
    return `says in its first octet that ${String(udh[0] ?? 0)} octets follow, and ${String(udh.length - 1)} do`;
  }
  for (let at = 1; at < udh.length;) {
    const length = udh[at + 1];
    if (length === undefined || at + 2 + length > udh.length) {
      return `has an information element at octet ${String(at)} that goes beyond its end`;
    }
    const identifier = udh[at];
    const concatenates =
      identifier === CONCATENATION['reference-8'] || identifier === CONCATENATION['reference-16'];
    if (concatenates && !bodyFits) {
      return 'says which part of a message it is, and the body needs several parts: leave that element away';
    }
    at += 2 + length;
  }
  return undefined;
}
