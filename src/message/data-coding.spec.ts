import { describe, expect, it } from '@jest/globals';
import { DATA_CODING, dataCodingOf, textEncodingOf } from './data-coding.js';
import type { Encoding, MessageFormat, TextEncoding } from './message-format.js';

const format = (given: Partial<MessageFormat>): MessageFormat => ({
  nationalTables: null,
  dataCoding: null,
  flash: false,
  ports: null,
  ...given,
});

describe('data_coding', () => {
  it('is that of SMPP 3.4 §5.2.19', () => {
    expect(DATA_CODING).toEqual({ gsm7: 0, latin1: 3, ucs2: 8, binary: 4 });
  });

  it.each<[Encoding, number]>([
    ['gsm7', 0x10],
    ['binary', 0x14],
    ['ucs2', 0x18],
    ['latin1', 3],
  ])('says message class 0 for flash: %s as %i', (encoding, expected) => {
    expect(dataCodingOf(encoding, format({ flash: true }))).toBe(expected);
  });

  it('is the request’s before the connector’s before the specification’s', () => {
    const connector = { gsm7: 1 };
    expect(dataCodingOf('gsm7', null, connector)).toBe(1);
    expect(dataCodingOf('ucs2', null, connector)).toBe(8);
    expect(dataCodingOf('gsm7', format({ dataCoding: 0xf1 }), connector)).toBe(0xf1);
  });

  it('is not the request’s where the connector needs another encoding than the request meant', () => {
    expect(dataCodingOf('ucs2', format({ dataCoding: 0 }), {}, 'gsm7')).toBe(8);
  });

  it.each<[number, TextEncoding | null]>([
    [0, 'gsm7'],
    [1, 'gsm7'],
    [2, null],
    [3, 'latin1'],
    [4, null],
    [5, null],
    [8, 'ucs2'],
    [0x10, 'gsm7'],
    [0x15, null],
    [0x18, 'ucs2'],
    [0xc8, 'gsm7'],
    [0xe8, 'ucs2'],
    [0xf0, 'gsm7'],
    [0xf5, null],
  ])('names the encoding of a text: %i is %s', (dataCoding, encoding) => {
    expect(textEncodingOf(dataCoding)).toBe(encoding);
  });
});
