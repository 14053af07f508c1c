// The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038 §6.2.1, §6.2.1.1).

/** The character of each septet 0x00 to 0x7F; 0x1B is the escape and no character of its own. */
export const GSM_BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001BÆæßÉ' +
  ' !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§' +
  '¿abcdefghijklmnopqrstuvwxyzäöñüà';

/** Characters written as ESC and a septet: they cost two. */
export const GSM_EXTENSION: ReadonlyMap<string, number> = new Map([
  ['\f', 0x0a],
  ['^', 0x14],
  ['{', 0x28],
  ['}', 0x29],
  ['\\', 0x2f],
  ['[', 0x3c],
  ['~', 0x3d],
  [']', 0x3e],
  ['|', 0x40],
  ['€', 0x65],
]);

export const ESCAPE = 0x1b;
/** In the answer of gsmCode: the character is not in the alphabet. */
export const NOT_IN_ALPHABET = 0xff;
/** In the answer of gsmCode: the lower seven bits follow an ESCAPE. */
export const IN_EXTENSION = 0x80;

// Every character of the alphabet lies below U+0400, save the euro sign (U+20AC): a table of 1 KiB
// instead of one of 64 KiB stays in the first-level cache.
const TABLE_SIZE = 0x400;
const EURO_CODE = 0x20ac;
const EURO = IN_EXTENSION | 0x65;

const table = new Uint8Array(TABLE_SIZE).fill(NOT_IN_ALPHABET);
for (let septet = 0; septet < GSM_BASIC.length; septet++) {
  if (septet !== ESCAPE) table[GSM_BASIC.charCodeAt(septet)] = septet;
}
for (const [character, septet] of GSM_EXTENSION) {
  const code = character.charCodeAt(0);
  if (code < TABLE_SIZE) table[code] = IN_EXTENSION | septet;
}

/** The septet of a UTF-16 code unit, with IN_EXTENSION set when it needs an ESCAPE. */
export function gsmCode(codeUnit: number): number {
  if (codeUnit < TABLE_SIZE) return table[codeUnit] ?? NOT_IN_ALPHABET;
  return codeUnit === EURO_CODE ? EURO : NOT_IN_ALPHABET;
}
