import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { type CsvRecord, CsvRecords, delimiterOf } from './csv-records.js';
import { LINE_LIMIT_OCTETS } from './upload-lines.js';

function records(text: string, delimiter: ',' | ';' | '\t' = ','): CsvRecord[] {
  const reader = new CsvRecords(delimiter);
  const read = text.split('\n').map((line, i) => reader.take({ line: i + 1, text: line }));
  return [...read, reader.end()].filter((record) => record !== undefined);
}

describe('CSV records', () => {
  it.each([
    ['plain cells', 'a,b,c', [{ line: 1, cells: ['a', 'b', 'c'] }]],
    ['empty cells', ',,', [{ line: 1, cells: ['', '', ''] }]],
    [
      'carriage returns at line ends',
      'a,b\r\nc,"d"\r\n',
      [
        { line: 1, cells: ['a', 'b'] },
        { line: 2, cells: ['c', 'd'] },
      ],
    ],
    [
      'quotes, doubled quotes and delimiters inside quotes',
      '"a ""b"", c",d',
      [{ line: 1, cells: ['a "b", c', 'd'] }],
    ],
    ['an empty quoted cell', '"",x,""', [{ line: 1, cells: ['', 'x', ''] }]],
    [
      'line ends inside quotes, counted from the first line',
      'x\n"a\r\nb\n\nc",d\ny',
      [
        { line: 1, cells: ['x'] },
        { line: 2, cells: ['a\r\nb\n\nc', 'd'] },
        { line: 6, cells: ['y'] },
      ],
    ],
    [
      'no blank lines',
      'a\n\n\r\nb',
      [
        { line: 1, cells: ['a'] },
        { line: 4, cells: ['b'] },
      ],
    ],
  ])('reads %s', (_what, text, expected) => {
    expect(records(text)).toEqual(expected);
  });

  it.each([
    ['characters after a closing quote', '"a"b,c', 'has characters after a closing quote'],
    [
      'a quote inside an unquoted cell',
      'a "b",c',
      'has a quote inside an unquoted cell: quote the cell and double the quote',
    ],
    ['a cell that is never closed', 'a,"b', 'has a quoted cell that is never closed'],
  ])('refuses %s and goes on with the next line', (_what, line, problem) => {
    expect(records(`x\n${line}`)).toEqual([
      { line: 1, cells: ['x'] },
      { line: 2, problem },
    ]);
    if (!problem.includes('never'))
      expect(records(`${line}\nx`)).toEqual([
        { line: 1, problem },
        { line: 2, cells: ['x'] },
      ]);
  });

  it('says on which line a quoted cell began that outgrows the limit', () => {
    const reader = new CsvRecords(',');
    reader.take({ line: 1, text: 'a,b' });
    reader.take({ line: 2, text: 'c,"d' });
    expect(reader.neverClosed).toBeNull();
    for (let line = 3; line < 8; line++) reader.take({ line, text: 'x'.repeat(LINE_LIMIT_OCTETS / 4) });
    expect(reader.neverClosed).toBe(2);
  });

  it('reads whatever a correct writer writes as csv-parse reads it', () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '😀'),
      maxLength: 8,
    });
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, lineEnd) => {
        const quoted = (value: string) =>
          /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
        const text = rows.map((cells) => cells.map(quoted).join(',')).join(lineEnd);
        const expected = parse(text, {
          relax_column_count: true,
          record_delimiter: lineEnd,
        });
        expect(records(text).map((record) => ('cells' in record ? record.cells : record.problem))).toEqual(
          expected,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('finds the delimiter in the header', () => {
    expect(['to,text', 'to;text', 'to\ttext', 'to'].map(delimiterOf)).toEqual([',', ';', '\t', ',']);
  });
});
