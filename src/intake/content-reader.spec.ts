import { describe, expect, it } from '@jest/globals';
import type { FieldProblem } from '../http/http.errors.js';
import { ContentReader, type ReadContent } from './content-reader.js';
import { MessageRequest } from './message-request.js';

const TO = { to: '+254711000111' };

function read(
  request: Omit<MessageRequest, 'to'>,
  options: Partial<{ allowLatin1: boolean; maxParts: number }> = {},
): ReadContent | Record<string, string> {
  const errors: FieldProblem[] = [];
  const reader = new ContentReader({ allowLatin1: false, maxParts: 10, ...options });
  const content = reader.read(MessageRequest.parse({ ...TO, ...request }), errors);
  return content ?? Object.fromEntries(errors.map(({ field, problem }) => [field, problem]));
}

const PLAIN = { nationalTables: null, dataCoding: null, flash: false, ports: null };

describe('the content of a request', () => {
  it('has no format when it is a plain text, nor when the format asked for is the plain one', () => {
    expect(read({ text: 'Hello' })).toEqual({ text: 'Hello', encoding: 'gsm7', partCount: 1 });
    expect(
      read({ text: 'Hello', encoding: 'auto', flash: false, transliterate: true, nationalLanguages: ['tr'] }),
    ).toEqual({ text: 'Hello', encoding: 'gsm7', partCount: 1 });
  });

  it.each<[string, Omit<MessageRequest, 'to'>, object]>([
    ['a forced encoding', { text: 'Hello', encoding: 'ucs2' }, { encoding: 'ucs2' }],
    [
      'a data_coding that names the encoding',
      { text: 'Hello', dataCoding: 8 },
      { encoding: 'ucs2', format: { ...PLAIN, dataCoding: 8 } },
    ],
    [
      'a data_coding and the encoding it stands for',
      { text: 'Hello', dataCoding: 245, encoding: 'gsm7' },
      { encoding: 'gsm7', format: { ...PLAIN, dataCoding: 245 } },
    ],
    ['flash', { text: 'Hello', flash: true }, { encoding: 'gsm7', format: { ...PLAIN, flash: true } }],
    [
      'ports, which take room',
      { text: 'x'.repeat(153), ports: { destination: 2948, source: 9200 } },
      { partCount: 2, format: { ...PLAIN, ports: { destination: 2948, source: 9200 } } },
    ],
    [
      'national tables where they save parts',
      { text: 'ş'.repeat(155), nationalLanguages: ['es', 'tr'] },
      { partCount: 1, format: { ...PLAIN, nationalTables: { locking: 'tr', single: null } } },
    ],
    [
      'transliteration, reported',
      { text: '“Hi”', transliterate: true },
      { text: '"Hi"', encoding: 'gsm7', replaced: [{ from: '“' }, { from: '”' }] },
    ],
    [
      'octets in hexadecimal',
      { binary: { data: 'CAFE', udh: '06050415811581' } },
      { encoding: 'binary', text: '', partCount: 1, binary: { data: 'cafe', udh: '06050415811581' } },
    ],
    [
      'octets in base64',
      { binary: { data: 'yv4=', format: 'base64' }, dataCoding: 245 },
      { binary: { data: 'cafe', udh: '' }, format: { ...PLAIN, dataCoding: 245 } },
    ],
    [
      'octets of several parts',
      { binary: { data: '00'.repeat(300), udh: '06050415811581' } },
      { encoding: 'binary', partCount: 3 },
    ],
    [
      'the octets of one part that says which it is',
      { binary: { data: '00'.repeat(134), udh: '0500032a0201' } },
      { partCount: 1 },
    ],
  ])('may be %s', (_what, request, expected) => {
    expect(read(request)).toMatchObject(expected);
  });

  it('is never Latin-1 in a flash message', () => {
    expect(read({ text: 'ç' }, { allowLatin1: true })).toMatchObject({ encoding: 'latin1' });
    expect(read({ text: 'ç', flash: true }, { allowLatin1: true })).toMatchObject({ encoding: 'ucs2' });
  });

  it.each<[string, Omit<MessageRequest, 'to'>, string, RegExp]>([
    [
      'a text that the encoding cannot hold',
      { text: 'a“b”c“', encoding: 'gsm7' },
      'text',
      /cannot be sent as gsm7 because of “ at 1, ” at 3: replace them, or choose another encoding/,
    ],
    ['one of very many', { text: 'абвгдежз', encoding: 'latin1' }, 'text', /д at 4 and 3 more/],
    [
      'a data_coding that names it',
      { text: 'ж', dataCoding: 3 },
      'text',
      /cannot be sent as latin1 because of ж at 0/,
    ],
    [
      'a data_coding that names no encoding',
      { text: 'a', dataCoding: 4 },
      'dataCoding',
      /give the encoding as well/,
    ],
    [
      'flash beside a data_coding',
      { text: 'a', dataCoding: 0, flash: true },
      'dataCoding',
      /give dataCoding or flash, not both/,
    ],
    ['flash in Latin-1', { text: 'a', encoding: 'latin1', flash: true }, 'encoding', /cannot be latin1/],
    ['a text beside octets', { text: 'a', binary: { data: '00' } }, 'text', /remove one of the two/],
    [
      'transliteration of octets',
      { transliterate: true, binary: { data: '00' } },
      'transliterate',
      /is for texts/,
    ],
    ['half an octet', { binary: { data: 'caf' } }, 'binary.data', /must be pairs of the digits/],
    [
      'octets that are no base64',
      { binary: { data: 'yv4', format: 'base64' } },
      'binary.data',
      /with its padding/,
    ],
    [
      'a header that is none',
      { binary: { data: '00', udh: '0605' } },
      'binary.udh',
      /6 octets follow, and 1 do/,
    ],
    [
      'a header that leaves no room',
      { binary: { data: '00', udh: `8a${'00'.repeat(138)}` } },
      'binary.udh',
      /139 octets, at most 100/,
    ],
    [
      'a header that says which part it is, before a body of several',
      { binary: { data: '00'.repeat(135), udh: '0500032a0201' } },
      'binary.udh',
      /leave that element away/,
    ],
    ['nothing at all', { binary: { data: '' } }, 'binary.data', /is empty/],
    ['too many octets', { binary: { data: '00'.repeat(1341) } }, 'binary.data', /needs 11 parts in binary/],
    ['too long a text', { text: 'x'.repeat(1531), flash: true }, 'text', /needs 11 parts in gsm7/],
  ])('is refused for %s', (_what, request, field, problem) => {
    expect(read(request)).toEqual({ [field]: expect.stringMatching(problem) });
  });

  it('is worked out anew when the same text comes with another format', () => {
    const reader = new ContentReader({ allowLatin1: false, maxParts: 10 });
    const take = (request: object): ReadContent | null =>
      reader.read(MessageRequest.parse({ ...TO, ...request }), []);
    expect(take({ text: '“a”' })).toMatchObject({ encoding: 'ucs2' });
    expect(take({ text: '“a”', transliterate: true })).toMatchObject({ encoding: 'gsm7' });
    expect(take({ text: '“a”' })).toMatchObject({ text: '“a”', encoding: 'ucs2' });
  });
});
