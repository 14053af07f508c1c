import { describe, expect, it } from '@jest/globals';
import { CsvHeaderError, CsvRows, NdjsonRows, type RowDefaults, type UploadRow } from './upload-rows.js';

function csv(text: string, defaults: RowDefaults = {}): UploadRow[] {
  const rows = new CsvRows(defaults);
  return [...rows.take(text.split('\n').map((line, i) => ({ line: i + 1, text: line }))), ...rows.end()];
}

function ndjson(text: string, defaults: RowDefaults = {}): UploadRow[] {
  return new NdjsonRows(defaults).take(text.split('\n').map((line, i) => ({ line: i + 1, text: line })));
}

describe('the rows of a CSV upload', () => {
  it('take their fields from the header, in any order', () => {
    expect(csv('text,to\nHello,+254711000111')).toEqual([
      { line: 2, input: { text: 'Hello', to: '+254711000111' } },
    ]);
  });

  it('take from the query what they leave empty', () => {
    const rows = csv('to,from,text\n+254711000111,,Hi\n+254711000112,Acme,Hi', {
      from: 'Shop',
      priority: 'low',
    });
    expect(rows.map((row) => ('input' in row ? row.input['from'] : row))).toEqual(['Shop', 'Acme']);
  });

  it('carry channels as JSON', () => {
    const [row] = csv('to,text,channels\n+254711000111,Hi,"[{""channel"":""sms""}]"');
    expect(row).toMatchObject({ input: { channels: [{ channel: 'sms' }] } });
  });

  it('carry numbers, true and false, lists and objects as JSON, and languages in words', () => {
    const header = 'to,text,dataCoding,flash,transliterate,nationalLanguages,encoding,ports';
    const [row] = csv(
      `${header}\n+254711000111,8,8,true,false,tr es,ucs2,"{""destination"":1,""source"":2}"`,
    );
    expect(row).toMatchObject({
      input: {
        text: '8',
        dataCoding: 8,
        flash: true,
        transliterate: false,
        nationalLanguages: ['tr', 'es'],
        encoding: 'ucs2',
        ports: { destination: 1, source: 2 },
      },
    });
    expect(csv('to,text,nationalLanguages\n1,2,"[""pt""]"')[0]).toMatchObject({
      input: { nationalLanguages: ['pt'] },
    });
    expect(csv('to,text,flash\n1,2,yes')[0]).toMatchObject({ input: { flash: 'yes' } });
  });

  it('need no text column when a binary column stands in its place', () => {
    expect(csv('to,binary\n1,"{""data"":""cafe""}"')).toEqual([
      { line: 2, input: { to: '1', binary: { data: 'cafe' } } },
    ]);
  });

  it('are refused one by one: too few cells, not UTF-8', () => {
    expect(csv('to,text\n+254711000111\n+254711000112,caf\uFFFD\n+254711000113,ok')).toEqual([
      { line: 2, field: null, problem: 'has 1 cells where the header names 2' },
      { line: 3, field: 'text', problem: 'is not valid UTF-8 (or contains U+FFFD): save the file as UTF-8' },
      { line: 4, input: { to: '+254711000113', text: 'ok' } },
    ]);
  });

  it.each([
    ['an unknown column', 'to,text,sender', ['sender']],
    ['a column that stands twice', 'to,text,to', ['to']],
    ['no number and no text', 'from', ['to', 'text']],
    ['the batch, which is the upload itself', 'to,text,batch', ['batch']],
  ])('are not read at all under a header with %s', (_what, header, fields) => {
    const problems = (() => {
      try {
        csv(`${header}\na,b,c`);
      } catch (error) {
        if (error instanceof CsvHeaderError) return error.problems;
        throw error;
      }
      return [];
    })();
    expect(problems.map(({ field }) => field)).toEqual(fields);
  });

  it('need no text column when the query gives the text', () => {
    expect(csv('to\n+254711000111', { text: 'Hi' })).toEqual([
      { line: 2, input: { text: 'Hi', to: '+254711000111' } },
    ]);
  });
});

describe('the rows of an NDJSON upload', () => {
  it('are JSON objects, one per line; blank lines do not count', () => {
    expect(ndjson('{"to":"1"}\n\r\n\n{"to":"2"}\r', { text: 'Hi' })).toEqual([
      { line: 1, input: { text: 'Hi', to: '1' } },
      { line: 4, input: { text: 'Hi', to: '2' } },
    ]);
  });

  it.each(['[]', '"text"', 'null', '7'])('are refused when they are %s', (line) => {
    expect(ndjson(line)).toEqual([{ line: 1, field: null, problem: 'must be a JSON object' }]);
  });

  it('are refused when they are no JSON or no UTF-8', () => {
    expect(ndjson('{"to":\n{"to":"\uFFFD"}')).toEqual([
      { line: 1, field: null, problem: expect.stringMatching(/^is not valid JSON: /) },
      { line: 2, field: null, problem: expect.stringMatching(/^is not valid UTF-8/) },
    ]);
  });
});
