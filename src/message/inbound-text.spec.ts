import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { alphabetOf, textOf } from './inbound-text.js';
import type { InboundAlphabet } from './inbound.events.js';
import { encodeParts } from './short-message.js';

const read = (hex: string, alphabet: InboundAlphabet): string | null =>
  textOf(Buffer.from(hex, 'hex'), alphabet);

describe('the alphabet of a message', () => {
  it.each<[number, InboundAlphabet]>([
    [0x00, 'gsm7'],
    [0x01, 'ascii'],
    [0x02, 'binary'],
    [0x03, 'latin1'],
    [0x04, 'binary'],
    [0x05, 'unknown'],
    [0x06, 'iso-8859-5'],
    [0x07, 'iso-8859-8'],
    [0x08, 'ucs2'],
    [0x09, 'unknown'],
    [0x0a, 'iso-2022-jp'],
    [0x0e, 'euc-kr'],
    [0x0f, 'gsm7'],
    [0x10, 'gsm7'],
    [0x14, 'binary'],
    [0x18, 'ucs2'],
    [0x1c, 'unknown'],
    [0x20, 'unknown'],
    [0xc8, 'gsm7'],
    [0xd0, 'gsm7'],
    [0xe0, 'ucs2'],
    [0xf0, 'gsm7'],
    [0xf5, 'binary'],
  ])('data_coding %i is %s', (dataCoding, alphabet) => {
    expect(alphabetOf(dataCoding, 'gsm')).toBe(alphabet);
  });

  it('behind data_coding 0 is what the connector says', () => {
    expect(alphabetOf(0, 'latin1')).toBe('latin1');
    expect(alphabetOf(3, 'ascii')).toBe('latin1');
  });
});

describe('the text of a message', () => {
  it.each<[string, InboundAlphabet, string]>([
    ['00020311', 'gsm7', '@$¥_'],
    ['1b65201b3c1b3e', 'gsm7', '€ []'],
    ['e9', 'latin1', 'é'],
    ['0430d83dde00', 'ucs2', 'а😀'],
    ['feff0041', 'ucs2', 'A'],
    ['bfe0d8d2d5e2', 'iso-8859-5', 'Привет'],
    ['1b2442467c4b5c1b2842', 'iso-2022-jp', '日本'],
    ['c7d1', 'euc-kr', '한'],
  ])('%s in %s is %s', (hex, alphabet, text) => {
    expect(read(hex, alphabet)).toBe(text);
  });

  it('is none when the octets are binary or nobody can read them', () => {
    expect(read('00ff', 'binary')).toBeNull();
    expect(read('414141', 'unknown')).toBeNull();
  });

  it('keeps its other characters when some are damaged', () => {
    expect(read('0041d8000042', 'ucs2')).toBe('A\uFFFDB');
    expect(read('004100', 'ucs2')).toBe('A');
    expect(read('41ff42', 'gsm7')).toBe('A\uFFFDB');
    expect(read('411b', 'gsm7')).toBe('A ');
    expect(read('1b1b41', 'gsm7')).toBe(' A');
    expect(read('410042', 'latin1')).toBe('A\uFFFDB');
  });

  it('is what was written, in every alphabet we write ourselves', () => {
    const gsm = fc.string({
      unit: fc.constantFrom(...Array.from('aÅ@€[]{}~^|\\ \n?Ωñ')),
      minLength: 1,
      maxLength: 70,
    });
    fc.assert(
      fc.property(gsm, (text) => {
        expect(textOf(Buffer.concat(encodeParts({ text, encoding: 'gsm7' }).parts), 'gsm7')).toBe(text);
        expect(textOf(Buffer.concat(encodeParts({ text, encoding: 'ucs2' }).parts), 'ucs2')).toBe(text);
      }),
    );
  });

  it('is whole Unicode without U+0000, whatever octets come', () => {
    const alphabets: readonly InboundAlphabet[] = [
      'gsm7',
      'latin1',
      'ucs2',
      'iso-2022-jp',
      'euc-kr',
      'iso-8859-8',
    ];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...alphabets), (octets, alphabet) => {
        const text = textOf(Buffer.from(octets), alphabet);
        expect(text).not.toMatch(/[\0\p{Surrogate}]/u);
      }),
      { numRuns: 2_000 },
    );
  });
});
