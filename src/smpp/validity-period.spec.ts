import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { validityPeriod } from './validity-period.js';

const NOW = '2026-11-21T10:00:00.000Z';
const now = Date.parse(NOW);
const SECOND = 1000;
const DAY = 86_400 * SECOND;
const after = (ms: number): string => new Date(now + ms).toISOString();

describe('validity_period', () => {
  it('is empty where the SMSC decides', () => {
    expect(validityPeriod('none', after(DAY), now)).toBe('');
  });

  it.each([
    ['2026-11-22T10:00:00.000Z', '261122100000000+'],
    ['2027-01-01T00:00:59.999Z', '270101000059000+'],
  ])('is absolute in UTC, without tenths: %s as %s', (validUntil, expected) => {
    expect(validityPeriod('absolute', validUntil, now)).toBe(expected);
  });

  it.each([
    [SECOND, '000000000001000R'],
    [90 * SECOND, '000000000130000R'],
    [DAY, '000001000000000R'],
    [2 * DAY + 3_723 * SECOND + 999, '000002010203000R'],
    [30 * DAY, '000030000000000R'],
    [31 * DAY, '000100000000000R'],
    [366 * DAY, '001125000000000R'],
    [0, '000000000001000R'],
    [-DAY, '000000000001000R'],
  ])('is relative to now, rounded down, never nothing: %i ms as %s', (ms, expected) => {
    expect(validityPeriod('relative', after(ms), now)).toBe(expected);
  });

  it('never reaches beyond the instant that was asked for, whatever the calendar', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 366 * 86_400 }),
        fc.integer({ min: 0, max: 730 }),
        (seconds, day) => {
          const start = new Date(now + day * DAY);
          const validUntil = new Date(start.getTime() + seconds * SECOND).toISOString();
          const text = validityPeriod('relative', validUntil, start.getTime());
          const [months = 0, days = 0, hours = 0, minutes = 0, rest = 0] = [2, 4, 6, 8, 10].map((at) =>
            Number(text.slice(at, at + 2)),
          );
          // As an SMSC counts: the calendar months first.
          const end = new Date(start);
          end.setUTCDate(1);
          end.setUTCMonth(end.getUTCMonth() + months);
          const lastDay = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 0)).getUTCDate();
          end.setUTCDate(Math.min(start.getUTCDate(), lastDay));
          const reached = end.getTime() + days * DAY + ((hours * 60 + minutes) * 60 + rest) * SECOND;
          expect(reached).toBeLessThanOrEqual(Date.parse(validUntil));
        },
      ),
    );
  });
});
