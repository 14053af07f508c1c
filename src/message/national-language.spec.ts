import { describe, expect, it } from '@jest/globals';
import { LOCKING_TABLES, SINGLE_TABLES } from '../../test/support/national-tables.js';
import { ESCAPE, GSM_BASIC, IN_EXTENSION, NOT_IN_ALPHABET, septetOf } from './gsm-alphabet.js';
import { tableOf, tablePairs } from './national-language.js';

const basicOf = (locking: 'tr' | 'pt' | null): readonly string[] =>
  Array.from(LOCKING_TABLES[locking ?? 'default']);
const extensionOf = (single: 'tr' | 'es' | 'pt' | null): readonly string[] =>
  Array.from(SINGLE_TABLES[single ?? 'default']);

const PAIRS = ([null, 'tr', 'pt'] as const).flatMap((locking) =>
  ([null, 'tr', 'es', 'pt'] as const).map((single) => ({ locking, single })),
);

describe('the tables of 3GPP TS 23.038', () => {
  it('have 128 places each', () => {
    for (const table of [...Object.values(LOCKING_TABLES), ...Object.values(SINGLE_TABLES)]) {
      expect(Array.from(table)).toHaveLength(128);
    }
    expect(GSM_BASIC).toBe(LOCKING_TABLES.default);
  });

  it.each(PAIRS)('give every character its septet: locking $locking, single $single', (pair) => {
    const table = tableOf(pair);
    const basic = basicOf(pair.locking);
    const extension = extensionOf(pair.single);
    basic.forEach((character, septet) => {
      if (septet !== ESCAPE) expect(septetOf(table, character.charCodeAt(0))).toBe(septet);
    });
    extension.forEach((character, septet) => {
      if (character === '.' || basic.includes(character)) return;
      expect(septetOf(table, character.charCodeAt(0))).toBe(IN_EXTENSION | septet);
    });
  });

  it.each(PAIRS)('know no other character: locking $locking, single $single', (pair) => {
    const known = new Set([...basicOf(pair.locking), ...extensionOf(pair.single)]);
    const table = tableOf(pair);
    for (let code = 0; code < 0x10000; code++) {
      const character = String.fromCharCode(code);
      const isKnown = known.has(character) && code !== ESCAPE;
      if ((septetOf(table, code) !== NOT_IN_ALPHABET) !== isKnown) throw new Error(`U+${code.toString(16)}`);
    }
  });
});

describe('the pairs of tables that languages allow', () => {
  it('begin with the shorter header, and leave out the default pair', () => {
    expect(tablePairs(['tr'])).toEqual([
      { locking: null, single: 'tr' },
      { locking: 'tr', single: null },
      { locking: 'tr', single: 'tr' },
    ]);
    expect(tablePairs([])).toEqual([]);
  });

  it('have no locking table for Spanish (annex A.3.2)', () => {
    expect(tablePairs(['es'])).toEqual([{ locking: null, single: 'es' }]);
    expect(tablePairs(['es', 'pt'])).toHaveLength(5);
  });
});
