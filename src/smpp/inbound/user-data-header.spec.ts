import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeParts } from '../../message/short-message.js';
import { readUserDataHeader } from './user-data-header.js';

const read = (hex: string): ReturnType<typeof readUserDataHeader> =>
  readUserDataHeader(Buffer.from(hex, 'hex'));

describe('a user data header', () => {
  it.each([
    ['050003070302', 'udh8', 0x07, 3, 2],
    ['0608040102ff01', 'udh16', 0x0102, 255, 1],
  ])('%s says whose part it is', (hex, kind, number, total, part) => {
    expect(read(`${hex}414243`)).toEqual({
      octets: hex.length / 2,
      partOf: { reference: { kind, number }, total, part },
    });
  });

  it('may hold other elements beside it: ports, language tables', () => {
    expect(read('0b05041582000000030703024142')).toEqual({
      octets: 12,
      partOf: { reference: { kind: 'udh8', number: 7 }, total: 3, part: 2 },
    });
    expect(read('03240101414243')).toEqual({ octets: 4, partOf: null });
  });

  it.each([
    ['part 0', '050003070300'],
    ['a part beyond the last', '050003070304'],
    ['no parts at all', '050003070000'],
    ['one part of one', '050003070101'],
    ['an element of another length', '0400020703'],
  ])('with %s is no part of several', (_, hex) => {
    expect(read(`${hex}4142`)).toEqual({ octets: hex.length / 2, partOf: null });
  });

  it.each([
    ['that is longer than the message', '0a0003070302'],
    ['whose element reaches beyond it', '0500050703024142'],
    ['with a rest that is no element', '06000307030200'],
    ['of an empty message', ''],
  ])('%s is taken for text', (_, hex) => {
    expect(read(hex)).toEqual({ octets: 0, partOf: null });
  });

  it('is read back from every part we write ourselves', () => {
    fc.assert(
      fc.property(fc.integer({ min: 161, max: 2_000 }), fc.nat({ max: 255 }), (length, reference) => {
        const { parts } = encodeParts({ text: 'x'.repeat(length), encoding: 'gsm7' }, 'udh8', reference);
        parts.forEach((octets, index) => {
          const partOf = {
            reference: { kind: 'udh8', number: reference },
            total: parts.length,
            part: index + 1,
          };
          expect(readUserDataHeader(octets)).toEqual({ octets: 6, partOf });
        });
      }),
    );
  });

  it('never makes reading throw, and never reaches beyond the message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 160 }), (octets) => {
        expect(readUserDataHeader(Buffer.from(octets)).octets).toBeLessThanOrEqual(octets.length);
      }),
      { numRuns: 5_000 },
    );
  });
});
