// What a phone does with short_message octets: strip the header, decode, join the parts.
import { ESCAPE, GSM_BASIC, GSM_EXTENSION } from '../../src/message/gsm-alphabet.js';
import type { TextEncoding } from '../../src/message/message.events.js';

export interface DecodedPart {
  /** Null for a message of one part, which has no header. */
  readonly header: { readonly reference: number; readonly total: number; readonly sequence: number } | null;
  readonly text: string;
}

const extension = new Map([...GSM_EXTENSION].map(([character, septet]) => [septet, character]));

export function decodePart(octets: Buffer, encoding: TextEncoding, hasHeader: boolean): DecodedPart {
  if (!hasHeader) return { header: null, text: decodeText(octets, encoding) };
  const [length = 0, element, elementLength, reference = 0, total = 0, sequence = 0] = octets;
  if (length !== 5 || element !== 0 || elementLength !== 3) {
    throw new Error(`no concatenation header 05 00 03: ${octets.toString('hex', 0, 6)}`);
  }
  return { header: { reference, total, sequence }, text: decodeText(octets.subarray(6), encoding) };
}

/** The text of all parts; throws when a header does not say what it should. */
export function joinParts(parts: readonly Buffer[], encoding: TextEncoding): string {
  const decoded = parts.map((octets) => decodePart(octets, encoding, parts.length > 1));
  decoded.forEach(({ header }, index) => {
    if (header === null) return;
    if (header.total !== parts.length || header.sequence !== index + 1) {
      throw new Error(`part ${String(index + 1)} of ${String(parts.length)} says ${JSON.stringify(header)}`);
    }
  });
  return decoded.map(({ text }) => text).join('');
}

function decodeText(octets: Buffer, encoding: TextEncoding): string {
  if (encoding === 'latin1') return octets.toString('latin1');
  if (encoding === 'ucs2') return Buffer.from(octets).swap16().toString('utf16le');
  let text = '';
  for (let i = 0; i < octets.length; i++) {
    const septet = octets[i] ?? 0;
    const character = septet === ESCAPE ? extension.get(octets[++i] ?? -1) : GSM_BASIC[septet];
    if (character === undefined) throw new Error(`octet ${String(i)} is not in the alphabet`);
    text += character;
  }
  return text;
}
