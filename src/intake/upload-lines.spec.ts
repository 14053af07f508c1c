import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LINE_LIMIT_OCTETS, UploadLines } from './upload-lines.js';

function split(octets: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (octets.length + 1)).sort((a, b) => a - b), octets.length];
  return places.slice(1).map((place, i) => octets.subarray(places[i], place));
}

function read(chunks: readonly Buffer[]): { texts: string[]; numbers: number[]; tooLong: number | null } {
  const lines = new UploadLines();
  const all = [...chunks.flatMap((chunk) => [...lines.take(chunk)]), ...lines.end()];
  return { texts: all.map(({ text }) => text), numbers: all.map(({ line }) => line), tooLong: lines.tooLong };
}

describe('the lines of an upload', () => {
  it('are the same however the octets are cut, even inside a character', () => {
    const texts = fc.array(
      fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\n')),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(texts, fc.array(fc.nat(500), { maxLength: 12 }), (expected, cuts) => {
        const octets = Buffer.from(expected.map((text) => `${text}\n`).join(''));
        const { texts: found, numbers } = read(split(octets, cuts));
        const first = expected[0];
        const [bare] = first?.startsWith('\uFEFF') === true ? [first.slice(1)] : [first];
        expect(found).toEqual(bare === undefined ? [] : [bare, ...expected.slice(1)]);
        expect(numbers).toEqual(expected.map((_, i) => i + 1));
      }),
    );
  });

  it('need no line feed at the end, and lose a byte order mark at the start', () => {
    expect(read([Buffer.from('\uFEFFa\nb')]).texts).toEqual(['a', 'b']);
  });

  it('mark octets that are no UTF-8', () => {
    expect(read([Buffer.from([0x61, 0xe9, 0x62, 0x0a])]).texts).toEqual(['a\uFFFDb']);
  });

  it.each([1024, 65_536, 1_000_000])(
    'stop at a line over the limit, whatever the chunks are (%d octets)',
    (chunkOctets) => {
      const octets = Buffer.from(`a\nb\n${'x'.repeat(LINE_LIMIT_OCTETS + 1)}\nc\n`);
      const chunks = split(
        octets,
        Array.from({ length: Math.floor(octets.length / chunkOctets) }, (_, i) => (i + 1) * chunkOctets),
      );
      expect(read(chunks)).toEqual({ texts: ['a', 'b'], numbers: [1, 2], tooLong: 3 });
    },
  );

  it('stop without ever holding the line', () => {
    const lines = new UploadLines();
    const chunk = Buffer.alloc(64 * 1024, 'x');
    for (let i = 0; i < 3; i++) expect(lines.take(chunk)).toEqual([]);
    expect(lines.tooLong).toBe(1);
    expect(lines.take(Buffer.from('\na\n'))).toEqual([]);
  });

  it('may be as long as the limit', () => {
    const text = 'é'.repeat(LINE_LIMIT_OCTETS / 2);
    expect(read([Buffer.from(`${text}\n`)])).toMatchObject({ texts: [text], tooLong: null });
  });
});
