import { describe, expect, it } from '@jest/globals';
import {
  chooseEncoding,
  chooseWriting,
  offendingCharacters,
  type Writing,
  type WritingOptions,
} from './encoding-choice.js';
import type { NationalTables, TextEncoding } from './message-format.js';

const NOTHING_ALLOWED: WritingOptions = {
  allowLatin1: false,
  encoding: null,
  nationalLanguages: [],
  transliterate: false,
  ports: null,
};
const written = (text: string, options: Partial<WritingOptions> = {}): Writing | null =>
  chooseWriting(text, { ...NOTHING_ALLOWED, ...options });

describe('choosing the encoding', () => {
  it.each<[string, TextEncoding, TextEncoding]>([
    ['Hello', 'gsm7', 'gsm7'],
    ['', 'gsm7', 'gsm7'],
    ['€ [x] {y} ~ ^ | \\ \f', 'gsm7', 'gsm7'],
    ['ΔΦΓΛΩΠΨΣΘΞ', 'gsm7', 'gsm7'],
    ['naïve', 'ucs2', 'latin1'],
    ['façade', 'ucs2', 'latin1'], // GSM 03.38 has Ç and no ç
    ['“quoted”', 'ucs2', 'ucs2'],
    ['naïve €', 'ucs2', 'ucs2'], // the euro sign is in GSM 03.38 and not in Latin-1
    ['Привет', 'ucs2', 'ucs2'],
    ['ok 👍', 'ucs2', 'ucs2'],
    ['\u001B', 'ucs2', 'latin1'], // the escape is no character
  ])('%j: %s, or %s where Latin-1 is allowed', (text, without, withLatin1) => {
    expect(chooseEncoding(text, { allowLatin1: false })).toBe(without);
    expect(chooseEncoding(text, { allowLatin1: true })).toBe(withLatin1);
    expect(written(text)).toMatchObject({ encoding: without, nationalTables: null, replaced: [] });
    expect(written(text, { allowLatin1: true })).toMatchObject({ encoding: withLatin1 });
  });

  it('takes the one that was asked for, wider than needed or not', () => {
    expect(written('Hello', { encoding: 'ucs2' })).toMatchObject({ encoding: 'ucs2' });
    expect(written('naïve', { encoding: 'latin1' })).toMatchObject({ encoding: 'latin1' });
  });

  it('writes nothing in an encoding that lacks a character', () => {
    expect(written('naïve', { encoding: 'gsm7' })).toBeNull();
    expect(written('“a”', { encoding: 'latin1', allowLatin1: true })).toBeNull();
  });

  it('names what keeps a text out, once each, whole, with its place', () => {
    expect(offendingCharacters('a “b” 👍 c “ €')).toEqual([
      { character: '“', position: 2, count: 2 },
      { character: '”', position: 4, count: 1 },
      { character: '👍', position: 6, count: 1 },
    ]);
    expect(offendingCharacters('plain')).toEqual([]);
    expect(offendingCharacters('€ é', 'latin1')).toEqual([{ character: '€', position: 0, count: 1 }]);
  });
});

describe('national tables', () => {
  const tr = { nationalLanguages: ['tr'] } as const;

  it.each<[string, string, NationalTables | null, number]>([
    ['one part either way', 'Şifreniz değişti', null, 1],
    [
      'few Turkish letters, an escape each',
      'ş'.repeat(5) + 'a'.repeat(140),
      { locking: null, single: 'tr' },
      1,
    ],
    ['many of them', 'ş'.repeat(155), { locking: 'tr', single: null }, 1],
    ['letters of both tables', 'è'.repeat(1) + 'ş'.repeat(77), { locking: null, single: 'tr' }, 1],
    ['a letter that they lack', 'ж' + 'ş'.repeat(154), null, 3],
  ])('are used when they save parts: %s', (_what, text, nationalTables, partCount) => {
    expect(written(text, tr)).toMatchObject({ nationalTables, partCount });
  });

  it('are not used unasked', () => {
    expect(written('ş'.repeat(155))).toMatchObject({ encoding: 'ucs2', partCount: 3, nationalTables: null });
  });

  it('make a text GSM 7-bit that was asked to be', () => {
    expect(written('ş', { ...tr, encoding: 'gsm7' })).toMatchObject({
      encoding: 'gsm7',
      nationalTables: { locking: null, single: 'tr' },
    });
    expect(written('ş'.repeat(155), { ...tr, encoding: 'ucs2' })).toMatchObject({ nationalTables: null });
  });

  it('are chosen with the ports in mind, which leave less room', () => {
    const ports = { destination: 1, source: 2 };
    expect(written('ş'.repeat(155), { ...tr, ports })).toMatchObject({ encoding: 'gsm7', partCount: 2 });
    expect(written('a'.repeat(153), { ports })).toMatchObject({ encoding: 'gsm7', partCount: 2 });
  });

  it('do not beat Latin-1 where it takes as few parts', () => {
    const text = 'á'.repeat(100);
    const es = { nationalLanguages: ['es'] } as const;
    expect(written(text, { ...es, allowLatin1: true })).toMatchObject({ encoding: 'latin1', partCount: 1 });
    expect(written('á'.repeat(70), es)).toMatchObject({ encoding: 'ucs2', partCount: 1 });
    expect(written('á'.repeat(75), es)).toMatchObject({ encoding: 'gsm7', partCount: 1 });
  });
});

describe('transliteration', () => {
  const smart = { transliterate: true } as const;

  it('is done where it makes the text GSM 7-bit, and says what it did', () => {
    expect(written('“Hi”', smart)).toEqual({
      text: '"Hi"',
      encoding: 'gsm7',
      nationalTables: null,
      partCount: 1,
      replaced: [
        { from: '“', to: '"', count: 1 },
        { from: '”', to: '"', count: 1 },
      ],
    });
  });

  it('leaves a text alone that stays out of GSM 7-bit, or is in it', () => {
    expect(written('“Привет”', smart)).toMatchObject({ text: '“Привет”', encoding: 'ucs2', replaced: [] });
    expect(written('plain', smart)).toMatchObject({ text: 'plain', replaced: [] });
    expect(written('“Hi”')).toMatchObject({ text: '“Hi”', encoding: 'ucs2' });
  });

  it('goes together with national tables, and with an encoding that was asked for', () => {
    const text = '“' + 'ş'.repeat(100) + '”';
    expect(written(text, { ...smart, nationalLanguages: ['tr'] })).toMatchObject({
      encoding: 'gsm7',
      nationalTables: { locking: 'tr', single: null },
      partCount: 1,
      replaced: [{ from: '“' }, { from: '”' }],
    });
    expect(written('“Hi”', { ...smart, encoding: 'gsm7' })).toMatchObject({ text: '"Hi"' });
    expect(written('“Hi”', { ...smart, encoding: 'ucs2' })).toMatchObject({ text: '“Hi”' });
  });
});
