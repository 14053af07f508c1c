// What may be shown of octets that made no sense, so that a person can tell a wrong port from a
// broken SMSC: bounded, and at the levels that are kept for long without what a person wrote.
import { COMMAND_ID, HEADER_OCTETS, RESPONSE_BIT } from './command-id.js';

const KNOWN_COMMANDS: ReadonlySet<number> = new Set(
  Object.values(COMMAND_ID).flatMap((id) => [id, id < RESPONSE_BIT ? id + RESPONSE_BIT : id]),
);

const LENGTH_OCTETS = 4;

/** Other protocols by their first octets; what listens there says so itself. */
const OTHER_PROTOCOLS: readonly (readonly [RegExp, string])[] = [
  [/^(HTTP\/|GET |POST |PUT |HEAD |OPTI|<htm|<!DO)/i, 'HTTP: is this the port of a web server?'],
  [/^SSH-/, 'SSH: is this the right port?'],
  [/^(220[ -]|\+OK|EHLO)/, 'mail: is this the right port?'],
];

/** In words, what the octets look like that are no PDU. */
export function looksLike(octets: Buffer): string {
  const start = octets.toString('latin1', 0, 8);
  if (isTlsRecord(octets)) return 'TLS: the port wants TLS, set it for this connector';
  const protocol = OTHER_PROTOCOLS.find(([pattern]) => pattern.test(start));
  if (protocol !== undefined) return protocol[1];
  return isHeader(octets)
    ? 'a PDU whose command_length is wrong: the SMSC is broken, or PDUs of this size need a larger bound'
    : 'no SMPP: the stream lost its alignment, or something else listens at that port';
}

/**
 * The header in hexadecimal, which holds nothing personal. Where there is none, the four octets
 * that should have been command_length: what follows may be somebody's text.
 */
export function headerHex(octets: Buffer): string {
  return octets.toString('hex', 0, isHeader(octets) ? HEADER_OCTETS : LENGTH_OCTETS);
}

/** Whether the octets begin like the answer to something, which must not be answered. */
export function isResponse(octets: Buffer): boolean {
  return isHeader(octets) && octets.readUInt32BE(LENGTH_OCTETS) >= RESPONSE_BIT;
}

/** RFC 8446 §5.1: content type 20 to 23, then version 3.0 to 3.4. */
function isTlsRecord(octets: Buffer): boolean {
  const [type = 0, major = 0, minor = 0] = octets;
  return type >= 20 && type <= 23 && major === 3 && minor <= 4;
}

function isHeader(octets: Buffer): boolean {
  return octets.length >= HEADER_OCTETS && KNOWN_COMMANDS.has(octets.readUInt32BE(LENGTH_OCTETS));
}
