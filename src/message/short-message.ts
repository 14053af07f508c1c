// From a text to the octets of its submit_sm parts: encoding, counting, segmenting.
//
// | encoding | SMPP data_coding | unit              | in one part | per part of several |
// |----------|------------------|-------------------|-------------|---------------------|
// | gsm7     | 0                | septet, unpacked  | 160         | 153                 |
// | latin1   | 3                | octet             | 140         | 134                 |
// | ucs2     | 8                | UTF-16 code unit  | 70          | 67                  |
//
// A part of several begins with the user data header 05 00 03 rr tt nn (3GPP TS 23.040 §9.2.3.24.1),
// which costs 7 septets or 6 octets. ESC pairs and surrogate pairs are never split. A surrogate
// without its other half cannot be sent; it is replaced by U+FFFD.
import { ESCAPE, gsmCode, IN_EXTENSION, NOT_IN_ALPHABET } from './gsm-alphabet.js';
import { TextNotEncodableError, TextTooLongError } from './message.errors.js';
import type { TextEncoding } from './message.events.js';

/** SMPP 3.4 §5.2.19. Behind 0 lies the SMSC's default alphabet: GSM 03.38 unless it says otherwise. */
export const DATA_CODING: Readonly<Record<TextEncoding, number>> = { gsm7: 0, latin1: 3, ucs2: 8 };

/** The header counts parts in one octet. */
const MAX_PARTS = 255;

const LIMITS = {
  gsm7: { single: 160, several: 153 },
  latin1: { single: 140, several: 134 },
  ucs2: { single: 70, several: 67 },
} as const satisfies Record<TextEncoding, { single: number; several: number }>;

const UDH_OCTETS = 6;
const REPLACEMENT = 0xfffd;

export interface EncodingOptions {
  /** Latin-1 is one part for what UCS-2 needs two for, but not every SMSC passes it on unharmed. */
  readonly allowLatin1: boolean;
}

/** The narrowest encoding that holds every character of the text. */
export function chooseEncoding(text: string, { allowLatin1 }: EncodingOptions): TextEncoding {
  for (let i = 0; i < text.length; i++) {
    if (gsmCode(text.charCodeAt(i)) === NOT_IN_ALPHABET) {
      return allowLatin1 && isLatin1(text) ? 'latin1' : 'ucs2';
    }
  }
  return 'gsm7';
}

/** The characters that keep the text out of GSM 03.38, each once, in the order of the text. */
export function offendingCharacters(text: string): readonly string[] {
  const offending = new Set<string>();
  for (const character of text) {
    if (gsmCode(character.codePointAt(0) ?? 0) === NOT_IN_ALPHABET) offending.add(character);
  }
  return [...offending];
}

/** Septets, octets or code units of the text, without headers. */
export function countUnits(text: string, encoding: TextEncoding): number {
  return encoding === 'gsm7' ? countSeptets(text) : text.length;
}

/**
 * How many submit_sm the text takes; an empty text takes one. May exceed MAX_PARTS.
 * @throws TextNotEncodableError a character is not in that encoding.
 */
export function countParts(
  text: string,
  encoding: TextEncoding = chooseEncoding(text, { allowLatin1: false }),
): number {
  if (encoding === 'latin1') requireLatin1(text);
  return countUnits(text, encoding) <= LIMITS[encoding].single ? 1 : segmentEnds(text, encoding).length;
}

/**
 * The short_message octets of each part, header included; one part has no header.
 * @param reference8bit joins the parts of one message on the phone; 0 to 255.
 * @throws TextTooLongError more than MAX_PARTS parts.
 * @throws TextNotEncodableError a character is not in that encoding.
 */
export function encodeParts(text: string, encoding: TextEncoding, reference8bit: number): Buffer[] {
  if (encoding === 'latin1') requireLatin1(text);
  const units = countUnits(text, encoding);
  const { single, several } = LIMITS[encoding];
  if (units <= single) {
    const octets = Buffer.allocUnsafe(encoding === 'ucs2' ? units * 2 : units);
    write(octets, 0, text, 0, text.length, encoding);
    return [octets];
  }
  const ends = segmentEnds(text, encoding);
  if (ends.length > MAX_PARTS) throw new TextTooLongError(ends.length, MAX_PARTS);
  const roomOctets = UDH_OCTETS + (encoding === 'ucs2' ? several * 2 : several);
  return ends.map((to, index) => {
    const room = Buffer.allocUnsafe(roomOctets);
    room[0] = 5;
    room[1] = 0;
    room[2] = 3;
    room[3] = reference8bit & 0xff;
    room[4] = ends.length;
    room[5] = index + 1;
    const end = write(room, UDH_OCTETS, text, ends[index - 1] ?? 0, to, encoding);
    return end === roomOctets ? room : room.subarray(0, end);
  });
}

function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false;
  return true;
}

function requireLatin1(text: string): void {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0xff) throw new TextNotEncodableError('latin1', i);
  }
}

function countSeptets(text: string): number {
  let septets = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = gsmCode(text.charCodeAt(i));
    if (code < IN_EXTENSION) continue;
    if (code === NOT_IN_ALPHABET) throw new TextNotEncodableError('gsm7', i);
    septets++;
  }
  return septets;
}

/** Where each part ends in the text, exclusive. */
function segmentEnds(text: string, encoding: TextEncoding): readonly number[] {
  const ends: number[] = [];
  for (let from = 0; from < text.length;) {
    from = segmentEnd(text, from, encoding);
    ends.push(from);
  }
  return ends;
}

function segmentEnd(text: string, from: number, encoding: TextEncoding): number {
  const limit = LIMITS[encoding].several;
  if (encoding !== 'gsm7') {
    const end = Math.min(from + limit, text.length);
    const splitsPair = encoding === 'ucs2' && end < text.length && isPairAt(text, end - 1);
    return splitsPair ? end - 1 : end;
  }
  let septets = 0;
  let at = from;
  for (; at < text.length; at++) {
    septets += gsmCode(text.charCodeAt(at)) < IN_EXTENSION ? 1 : 2;
    if (septets > limit) break;
  }
  return at;
}

function isPairAt(text: string, at: number): boolean {
  return isHighSurrogate(text.charCodeAt(at)) && isLowSurrogate(text.charCodeAt(at + 1));
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** Writes text[from, to) and returns the offset after the last octet. */
function write(
  into: Buffer,
  offset: number,
  text: string,
  from: number,
  to: number,
  encoding: TextEncoding,
): number {
  if (encoding === 'gsm7') return writeSeptets(into, offset, text, from, to);
  if (encoding === 'ucs2') return writeCodeUnits(into, offset, text, from, to);
  return offset + into.write(text.slice(from, to), offset, 'latin1');
}

function writeSeptets(into: Buffer, offset: number, text: string, from: number, to: number): number {
  let at = offset;
  for (let i = from; i < to; i++) {
    const code = gsmCode(text.charCodeAt(i));
    if (code >= IN_EXTENSION) into[at++] = ESCAPE;
    into[at++] = code & 0x7f;
  }
  return at;
}

function writeCodeUnits(into: Buffer, offset: number, text: string, from: number, to: number): number {
  let at = offset;
  for (let i = from; i < to; i++) {
    let code = text.charCodeAt(i);
    if (isHighSurrogate(code)) {
      if (!isPairAt(text, i)) code = REPLACEMENT;
    } else if (isLowSurrogate(code) && (i === 0 || !isHighSurrogate(text.charCodeAt(i - 1)))) {
      code = REPLACEMENT;
    }
    into[at++] = code >>> 8;
    into[at++] = code & 0xff;
  }
  return at;
}
