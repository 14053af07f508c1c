import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RecordedEvent } from '../journal.js';
import { RecentEvents } from './recent-events.js';

function events(first: bigint, count: number): RecordedEvent[] {
  return Array.from({ length: count }, (_, n) => {
    const position = first + BigInt(n);
    const metadata = { correlationId: '', causationId: '', tenantId: 'default', at: '', schemaVersion: 1 };
    return { id: '', type: 'Any', data: {}, metadata, stream: 'any', revision: position, position };
  });
}

function positions(read: readonly RecordedEvent[] | undefined): bigint[] | undefined {
  return read?.map(({ position }) => position);
}

const AMPLE = { events: 100, octets: 1_000_000 };

describe('the newest events in memory', () => {
  test('are read after a position, up to a limit', () => {
    const recent = new RecentEvents(AMPLE);
    recent.offer(events(11n, 5), 100);
    expect(positions(recent.read(10n, 3))).toEqual([11n, 12n, 13n]);
    expect(positions(recent.read(13n, 10))).toEqual([14n, 15n]);
  });

  test('know nothing before their first and after their last', () => {
    const recent = new RecentEvents(AMPLE);
    expect(recent.read(0n, 10)).toBeUndefined();
    recent.offer(events(11n, 5), 100);
    expect(recent.read(9n, 10)).toBeUndefined();
    expect(recent.read(15n, 10)).toBeUndefined();
  });

  test('do not take what follows after a gap until the gap is filled', () => {
    const recent = new RecentEvents(AMPLE);
    recent.offer(events(1n, 2), 100);
    recent.offer(events(5n, 2), 100);
    expect(recent.last).toBe(2n);
    recent.offer(events(2n, 5), 100);
    expect(positions(recent.read(0n, 10))).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
  });

  test('begin anew after a gap that is wider than they are long', () => {
    const recent = new RecentEvents({ events: 4, octets: 1_000_000 });
    recent.offer(events(1n, 2), 100);
    recent.offer(events(50n, 2), 100);
    expect(positions(recent.read(49n, 10))).toEqual([50n, 51n]);
    expect(recent.read(0n, 10)).toBeUndefined();
  });

  test('drop the oldest when their octets are used up', () => {
    const recent = new RecentEvents({ events: 100, octets: 10_000 });
    recent.offer(events(1n, 20), 600);
    expect(recent.read(9n, 10)).toBeUndefined();
    expect(positions(recent.read(18n, 10))).toEqual([19n, 20n]);
  });

  test('never give a wrong, missing or doubled event, whatever is offered', () => {
    const offers = fc.array(fc.tuple(fc.integer({ min: -4, max: 6 }), fc.integer({ min: 1, max: 9 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        offers,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 15 }),
        (steps, size, limit) => {
          const recent = new RecentEvents({ events: size, octets: 1_000_000 });
          let end = 10n;
          for (const [shift, count] of steps) {
            const first = end + BigInt(shift) > 0n ? end + BigInt(shift) : 1n;
            recent.offer(events(first, count), 10);
            end = recent.last ?? end;
            for (let after = end - 20n; after <= end + 2n; after += 1n) {
              const read = positions(recent.read(after, limit));
              if (read === undefined) continue;
              const length = Math.min(limit, Number(end - after));
              expect(read).toEqual(Array.from({ length }, (_, n) => after + 1n + BigInt(n)));
            }
          }
        },
      ),
    );
  });
});
