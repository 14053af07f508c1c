// The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038 §6.2.1, §6.2.1.1), and the
// tables that are asked for a character's septet. National tables: national-language.ts.

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
/** In the answer of septetOf: the lower seven bits follow an ESCAPE. */
export const IN_EXTENSION = 0x80;
/**
 * The answer of septetOf for a character that is not in the alphabet: an ESCAPE behind an ESCAPE, which
 * is no character of any table. (0xFF is one: â in the Portuguese single shift table.)
 */
export const NOT_IN_ALPHABET = IN_EXTENSION | ESCAPE;

/** Septets by character; ask it through septetOf. */
export type SeptetTable = Uint8Array;

// Every character of the tables lies below U+0400, save the euro sign and the infinity sign: a table
// of 1 KiB instead of one of 64 KiB stays in the first-level cache.
const TABLE_SIZE = 0x400;
const EURO_CODE = 0x20ac;
const EURO_AT = TABLE_SIZE;
const INFINITY_CODE = 0x221e;
const INFINITY_AT = TABLE_SIZE + 1;

/** A character that is in both costs one septet: the basic one. */
export function septetTable(basic: string, extension: ReadonlyMap<string, number>): SeptetTable {
  const table = new Uint8Array(TABLE_SIZE + 2).fill(NOT_IN_ALPHABET);
  for (const [character, septet] of extension) table[placeOf(character)] = IN_EXTENSION | septet;
  for (let septet = 0; septet < basic.length; septet++) {
    if (septet !== ESCAPE) table[placeOf(basic.charAt(septet))] = septet;
  }
  return table;
}

function placeOf(character: string): number {
  const code = character.charCodeAt(0);
  if (code === EURO_CODE) return EURO_AT;
  return code === INFINITY_CODE ? INFINITY_AT : code;
}

export const GSM_DEFAULT: SeptetTable = septetTable(GSM_BASIC, GSM_EXTENSION);

/** The septet of a UTF-16 code unit, with IN_EXTENSION set when it needs an ESCAPE. */
export function septetOf(table: SeptetTable, codeUnit: number): number {
  if (codeUnit < TABLE_SIZE) return table[codeUnit] ?? NOT_IN_ALPHABET;
  if (codeUnit === EURO_CODE) return table[EURO_AT] ?? NOT_IN_ALPHABET;
  return codeUnit === INFINITY_CODE ? (table[INFINITY_AT] ?? NOT_IN_ALPHABET) : NOT_IN_ALPHABET;
}

/** Where the text first leaves the alphabet, in UTF-16 code units; -1: nowhere. */
export function firstOutside(table: SeptetTable, text: string): number {
  for (let i = 0; i < text.length; i++) {
    if (septetOf(table, text.charCodeAt(i)) === NOT_IN_ALPHABET) return i;
  }
  return -1;
}
