import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodePart, joinParts } from '../../test/support/decode-short-message.js';
import { GSM_BASIC, GSM_EXTENSION } from './gsm-alphabet.js';
import { TextNotEncodableError, TextTooLongError } from './message.errors.js';
import type { TextEncoding } from './message.events.js';
import {
  chooseEncoding,
  countParts,
  countUnits,
  DATA_CODING,
  encodeParts,
  offendingCharacters,
} from './short-message.js';

const hex = (text: string, encoding: TextEncoding) =>
  encodeParts(text, encoding, 0).map((part) => part.toString('hex'));

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
  });

  it('names what keeps a text out of GSM 03.38, once each and whole', () => {
    expect(offendingCharacters('a “b” c “ 👍 €')).toEqual(['“', '”', '👍']);
    expect(offendingCharacters('plain')).toEqual([]);
  });

  it('has the data_coding of SMPP 3.4 §5.2.19', () => {
    expect(DATA_CODING).toEqual({ gsm7: 0, latin1: 3, ucs2: 8 });
  });
});

describe('octets, by 3GPP TS 23.038', () => {
  it.each([
    ['@£$¥èéùìòÇ\nØø\rÅå', '000102030405060708090a0b0c0d0e0f'],
    ['Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ', '101112131415161718191a1c1d1e1f'],
    [' !"#¤%&\'()*+,-./', '202122232425262728292a2b2c2d2e2f'],
    ['0123456789:;<=>?', '303132333435363738393a3b3c3d3e3f'],
    ['¡ABCDEFGHIJKLMNO', '404142434445464748494a4b4c4d4e4f'],
    ['PQRSTUVWXYZÄÖÑÜ§', '505152535455565758595a5b5c5d5e5f'],
    ['¿abcdefghijklmno', '606162636465666768696a6b6c6d6e6f'],
    ['pqrstuvwxyzäöñüà', '707172737475767778797a7b7c7d7e7f'],
    ['\f^{}\\[~]|€', '1b0a1b141b281b291b2f1b3c1b3d1b3e1b401b65'],
  ])('writes %j in septets, one to an octet', (text, octets) => {
    expect(hex(text, 'gsm7')).toEqual([octets]);
  });

  it('writes Latin-1 as it is and UCS-2 with the high octet first', () => {
    expect(hex('naïve', 'latin1')).toEqual(['6e61ef7665']);
    expect(hex('Да👍', 'ucs2')).toEqual(['04140430d83ddc4d']);
  });

  it('replaces half a surrogate pair, which no phone can show', () => {
    expect(hex('a\uD83Db', 'ucs2')).toEqual(['0061fffd0062']);
    expect(hex('\uDC4D\uD83D', 'ucs2')).toEqual(['fffdfffd']);
    expect(hex('\uD83D\uD83D\uDC4D\uDC4D', 'ucs2')).toEqual(['fffdd83ddc4dfffd']);
  });

  it('refuses what is not in the alphabet, instead of sending something else', () => {
    expect(() => encodeParts('ok “', 'gsm7', 0)).toThrow(TextNotEncodableError);
    expect(() => encodeParts('ok “', 'latin1', 0)).toThrow(/offset 3/);
    expect(() => countParts('“', 'gsm7')).toThrow(TextNotEncodableError);
  });
});

describe('counting parts', () => {
  it.each<[TextEncoding, string, number, number]>([
    ['gsm7', 'a', 160, 153],
    ['latin1', 'ï', 140, 134],
    ['ucs2', 'Д', 70, 67],
  ])('%s: one part up to the limit, several of less', (encoding, letter, single, several) => {
    const parts = [single, single + 1, 2 * several, 2 * several + 1, 3 * several, 3 * several + 1].map(
      (length) => countParts(letter.repeat(length), encoding),
    );
    expect(parts).toEqual([1, 2, 2, 3, 3, 4]);
  });

  it('counts an extension character as two septets', () => {
    expect(countUnits('€a', 'gsm7')).toBe(3);
    expect(countParts('€'.repeat(80), 'gsm7')).toBe(1);
    expect(countParts('€'.repeat(80) + 'a', 'gsm7')).toBe(2);
  });

  it('counts an empty text as one part, and chooses the encoding when none is given', () => {
    expect(countParts('')).toBe(1);
    expect(countParts('“' + 'a'.repeat(70))).toBe(2);
  });

  it('leaves a septet empty rather than splitting an extension character', () => {
    const text = 'a'.repeat(152) + '€' + 'a'.repeat(151);
    expect(countUnits(text, 'gsm7')).toBe(305);
    const parts = encodeParts(text, 'gsm7', 7);
    expect(parts.map(({ length }) => length)).toEqual([6 + 152, 6 + 153]);
    expect(decodePart(parts[1] ?? Buffer.alloc(0), 'gsm7', true).text).toBe('€' + 'a'.repeat(151));
    expect(countParts(`${text}aa`, 'gsm7')).toBe(3);
  });

  it('leaves a unit empty rather than splitting a surrogate pair', () => {
    const parts = encodeParts('Д'.repeat(66) + '👍' + 'Д'.repeat(10), 'ucs2', 7);
    expect(parts.map(({ length }) => length)).toEqual([6 + 132, 6 + 24]);
  });
});

describe('the header of several parts', () => {
  it('is 05 00 03, the reference, how many, which', () => {
    const parts = encodeParts('a'.repeat(400), 'gsm7', 0xab);
    expect(parts.map((part) => part.toString('hex', 0, 6))).toEqual([
      '050003ab0301',
      '050003ab0302',
      '050003ab0303',
    ]);
    expect(parts.map(({ length }) => length)).toEqual([159, 159, 6 + 94]);
  });

  it('counts to 255, no further', () => {
    expect(encodeParts('a'.repeat(255 * 153), 'gsm7', 0)).toHaveLength(255);
    expect(() => encodeParts('a'.repeat(255 * 153 + 1), 'gsm7', 0)).toThrow(TextTooLongError);
  });
});

describe('a text split and joined again', () => {
  const gsmCharacter = fc.constantFrom(
    ...Array.from(GSM_BASIC).filter((c) => c !== '\u001B'),
    ...GSM_EXTENSION.keys(),
  );
  const gsm = fc.string({ unit: gsmCharacter, maxLength: 700 });
  const latin1 = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 500,
  });
  const anything = fc.string({ unit: 'binary', maxLength: 300 });

  it.each<[TextEncoding, fc.Arbitrary<string>, number]>([
    ['gsm7', gsm, 160],
    ['latin1', latin1, 140],
    ['ucs2', anything, 140],
  ])('is the same text in %s, and no part is longer than a short message', (encoding, texts, limit) => {
    fc.assert(
      fc.property(texts, fc.nat(255), (text, reference) => {
        const parts = encodeParts(text, encoding, reference);
        expect(joinParts(parts, encoding)).toBe(text);
        expect(parts).toHaveLength(countParts(text, encoding));
        for (const part of parts)
          expect(part.length).toBeLessThanOrEqual(
            parts.length === 1 ? limit : limit - (encoding === 'gsm7' ? 1 : 0),
          );
      }),
    );
  });

  it('never chooses an encoding that cannot carry the text', () => {
    fc.assert(
      fc.property(fc.oneof(anything, latin1, gsm), fc.boolean(), (text, allowLatin1) => {
        const encoding = chooseEncoding(text, { allowLatin1 });
        expect(joinParts(encodeParts(text, encoding, 0), encoding)).toBe(text);
        expect(encoding === 'gsm7').toBe(offendingCharacters(text).length === 0);
        if (encoding === 'latin1') expect(allowLatin1).toBe(true);
      }),
    );
  });
});
