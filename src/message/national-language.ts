// National language shift tables of the GSM 7-bit alphabet (3GPP TS 23.038 §6.2.1.2, annex A). A
// locking shift table stands in for the default alphabet, a single shift table for its extension; a
// part says in its user data header which it uses (3GPP TS 23.040 §9.2.3.24.15, §9.2.3.24.16).
import { GSM_BASIC, GSM_DEFAULT, GSM_EXTENSION, type SeptetTable, septetTable } from './gsm-alphabet.js';
import type { NationalLanguage, NationalTables } from './message-format.js';

/** National Language Identifier, TS 23.038 §6.2.1.2.4. */
export const LANGUAGE_IDENTIFIER: Readonly<Record<NationalLanguage, number>> = { tr: 1, es: 2, pt: 3 };

/** Where a locking table differs from the default alphabet. Spanish has none (annex A.3.2). */
const LOCKING: Readonly<Partial<Record<NationalLanguage, string>>> = {
  // A.3.1
  tr: basicWith({ 0x04: '€', 0x07: 'ı', 0x0b: 'Ğğ', 0x1c: 'Şş', 0x40: 'İ', 0x60: 'ç' }),
  // A.3.3
  pt: basicWith({
    0x04: 'ê',
    0x06: 'úíóç',
    0x0b: 'Ôô',
    0x0e: 'Áá',
    0x12: 'ªÇÀ∞^\\€Ó|',
    0x1c: 'Ââ',
    0x1e: 'Ê',
    0x24: 'º',
    0x40: 'Í',
    0x5b: 'ÃÕÚ',
    0x60: '~',
    0x7b: 'ãõ`',
  }),
};

/** What a single shift table has beside the default extension, which all three contain. */
const SINGLE: Readonly<Record<NationalLanguage, ReadonlyMap<string, number>>> = {
  // A.2.1
  tr: extensionWith({ 0x47: 'Ğ', 0x49: 'İ', 0x53: 'Ş', 0x63: 'ç', 0x67: 'ğ', 0x69: 'ı', 0x73: 'ş' }),
  // A.2.2
  es: extensionWith({
    0x09: 'ç',
    0x41: 'Á',
    0x49: 'Í',
    0x4f: 'Ó',
    0x55: 'Ú',
    0x61: 'á',
    0x69: 'í',
    0x6f: 'ó',
    0x75: 'ú',
  }),
  // A.2.3
  pt: extensionWith({
    0x05: 'ê',
    0x09: 'ç',
    0x0b: 'Ôô',
    0x0e: 'Áá',
    0x12: 'ΦΓ',
    0x15: 'ΩΠΨΣΘ',
    0x1f: 'Ê',
    0x41: 'À',
    0x49: 'Í',
    0x4f: 'Ó',
    0x55: 'Ú',
    0x5b: 'ÃÕ',
    0x61: 'Â',
    0x69: 'í',
    0x6f: 'ó',
    0x75: 'ú',
    0x7b: 'ãõ',
    0x7f: 'â',
  }),
};

type Runs = Readonly<Record<number, string>>;

/** The default alphabet with other characters from each of the given septets on. */
function basicWith(runs: Runs): string {
  const basic = Array.from(GSM_BASIC);
  for (const [septet, characters] of Object.entries(runs)) {
    basic.splice(Number(septet), characters.length, ...Array.from(characters));
  }
  return basic.join('');
}

function extensionWith(runs: Runs): ReadonlyMap<string, number> {
  const extension = new Map(GSM_EXTENSION);
  for (const [septet, characters] of Object.entries(runs)) {
    Array.from(characters).forEach((character, index) => extension.set(character, Number(septet) + index));
  }
  return extension;
}

const tables = new Map<string, SeptetTable>();

/** The septets of a text under these tables; null: the default alphabet and extension. */
export function tableOf(national: NationalTables | null): SeptetTable {
  if (national === null) return GSM_DEFAULT;
  const { locking, single } = national;
  const key = `${locking ?? ''}/${single ?? ''}`;
  let table = tables.get(key);
  if (table === undefined) {
    const basic = (locking === null ? undefined : LOCKING[locking]) ?? GSM_BASIC;
    table = septetTable(basic, single === null ? GSM_EXTENSION : SINGLE[single]);
    tables.set(key, table);
  }
  return table;
}

/** Every pair of tables that these languages allow, the shortest header first; never the default pair. */
export function tablePairs(languages: readonly NationalLanguage[]): readonly NationalTables[] {
  const singles = [null, ...languages];
  const lockings = [null, ...languages.filter((language) => LOCKING[language] !== undefined)];
  const pairs = lockings.flatMap((locking) => singles.map((single) => ({ locking, single })));
  return pairs.slice(1).sort((a, b) => shifts(a) - shifts(b));
}

function shifts({ locking, single }: NationalTables): number {
  return (locking === null ? 0 : 1) + (single === null ? 0 : 1);
}
