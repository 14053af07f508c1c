import { expect, test } from '@jest/globals';
import { KnownRevisions } from './known-revisions.js';

test('a revision that was seen, and every one before it, is known', () => {
  const known = new KnownRevisions();
  known.learn('stream', 5n);
  expect([known.has('stream', 5n), known.has('stream', 0n)]).toEqual([true, true]);
  expect([known.has('stream', 6n), known.has('other', 0n)]).toEqual([false, false]);
});

test('streams in use stay known while those long out of use are forgotten', () => {
  const known = new KnownRevisions(10);
  known.learn('long out of use', 0n);
  for (let n = 0; n < 40; n += 1) {
    known.learn(`passing-${String(n)}`, 0n);
    known.learn('in use', BigInt(n));
  }
  expect(known.has('in use', 39n)).toBe(true);
  expect(known.has('long out of use', 0n)).toBe(false);
});
