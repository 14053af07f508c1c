import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  DEFAULT_REBIND_SCHEDULE,
  type EndedBind,
  FRESH_BACKOFF,
  nextRebind,
  type RebindBackoff,
} from './rebind-backoff.js';

const SCHEDULE = {
  firstMs: 100,
  maxMs: 1000,
  occupiedFirstMs: 500,
  occupiedMaxMs: 3000,
  refusedFirstMs: 5000,
  refusedMaxMs: 20_000,
  stableMs: 60_000,
};
const FAILED: EndedBind = { refusal: null, boundForMs: 0 };
const REFUSED: EndedBind = { refusal: 'fatal', boundForMs: 0 };
const OCCUPIED: EndedBind = { refusal: 'occupied', boundForMs: 0 };
const BUSY: EndedBind = { refusal: 'temporary', boundForMs: 0 };
const STABLE: EndedBind = { refusal: null, boundForMs: 60_000 };

/** The pauses after these ends, without jitter taking anything off. */
function pauses(ends: readonly EndedBind[], fraction = 1): readonly number[] {
  let backoff: RebindBackoff = FRESH_BACKOFF;
  return ends.map((end) => {
    const [next, pauseMs] = nextRebind(backoff, end, SCHEDULE, fraction);
    backoff = next;
    return pauseMs;
  });
}

describe('rebind back-off', () => {
  it('doubles the pause with every failure up to its limit', () => {
    expect(pauses([FAILED, FAILED, FAILED, FAILED, FAILED])).toEqual([100, 200, 400, 800, 1000]);
  });

  it('begins anew after a stable bind, but not after one that was lost at once', () => {
    const flapped = { refusal: null, boundForMs: 10 };
    expect(pauses([FAILED, FAILED, STABLE, FAILED])).toEqual([100, 200, 100, 200]);
    expect(pauses([FAILED, FAILED, flapped, flapped])).toEqual([100, 200, 400, 800]);
  });

  it('tries a refused account rarely, and ever more rarely', () => {
    expect(pauses([REFUSED, REFUSED, REFUSED, REFUSED])).toEqual([5000, 10_000, 20_000, 20_000]);
  });

  it('does not become quick again because the link fails in between, only because a bind succeeds', () => {
    expect(pauses([REFUSED, FAILED, REFUSED, FAILED, REFUSED])).toEqual([5000, 100, 10_000, 200, 20_000]);
    const flapped = { refusal: null, boundForMs: 10 };
    expect(pauses([REFUSED, REFUSED, flapped, REFUSED])).toEqual([5000, 10_000, 100, 5000]);
  });

  it('waits for the old session of an account that is bound already', () => {
    expect(pauses([OCCUPIED, OCCUPIED, OCCUPIED, OCCUPIED])).toEqual([500, 1000, 2000, 3000]);
  });

  it('takes a temporary refusal as any other failure', () => {
    expect(pauses([BUSY, BUSY, FAILED])).toEqual([100, 200, 400]);
  });

  it('waits between half and all of the pause', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        fc.integer({ min: 0, max: 2000 }),
        (fraction, failures) => {
          const [, pauseMs] = nextRebind(
            { failures, refusals: 0 },
            FAILED,
            DEFAULT_REBIND_SCHEDULE,
            fraction,
          );
          const whole = Math.min(1000 * 2 ** failures, 30_000);
          expect(pauseMs).toBeGreaterThanOrEqual(whole / 2);
          expect(pauseMs).toBeLessThanOrEqual(whole);
        },
      ),
    );
  });
});
