import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SeededRandomness } from '../../clock/virtual-clock.js';
import { SubmitRate } from './rate.js';

/** Takes whatever is available every `stepMs`; the instants at which each submit_sm left. */
function sendAll(
  rate: SubmitRate,
  untilMs: number,
  stepMs: number,
  answer?: (nowMs: number) => void,
): number[] {
  const sentAtMs: number[] = [];
  for (let nowMs = 0; nowMs < untilMs; nowMs += stepMs) {
    const count = rate.available(nowMs);
    rate.take(count, nowMs);
    for (let index = 0; index < count; index++) sentAtMs.push(nowMs);
    answer?.(nowMs);
  }
  return sentAtMs;
}

function mostInAnySecond(sentAtMs: readonly number[]): number {
  let most = 0;
  let first = 0;
  sentAtMs.forEach((atMs, index) => {
    while ((sentAtMs[first] ?? 0) <= atMs - 1000) first++;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

describe('SubmitRate', () => {
  it('stays within the contract in every second, and uses nearly all of it', () => {
    const contracts = fc.integer({ min: 1, max: 2000 });
    fc.assert(
      fc.property(contracts, fc.integer({ min: 1, max: 15 }), (perSecond, stepMs) => {
        const sentAtMs = sendAll(new SubmitRate(perSecond, 0), 5000, stepMs);
        expect(mostInAnySecond(sentAtMs)).toBeLessThanOrEqual(perSecond);
        // A full bucket waits for the next look: at most one step is wasted per bucket.
        const bucketMs = (Math.max(1, Math.floor(perSecond * 0.03)) * 1000) / perSecond;
        const usable = perSecond * 5 * 0.96 * (bucketMs / (bucketMs + stepMs));
        expect(sentAtMs.length).toBeGreaterThanOrEqual(Math.floor(usable) - 1);
      }),
      { numRuns: 300 },
    );
  });

  it('does not save up for a burst while nothing is sent', () => {
    const rate = new SubmitRate(100, 0);
    expect(rate.available(60_000)).toBeLessThanOrEqual(3);
  });

  it('says how long until the next may leave', () => {
    const rate = new SubmitRate(10, 0);
    rate.take(rate.available(0), 0);
    expect(rate.msUntilAvailable(0)).toBe(100);
    expect(rate.msUntilAvailable(60)).toBeCloseTo(40);
    expect(rate.available(100)).toBe(1);
  });

  it('knows no limit when the contract names none', () => {
    const rate = new SubmitRate(null, 0);
    expect(rate.available(0)).toBe(Infinity);
    expect(rate.currentPerSecond).toBeNull();
  });

  it('gives way once to a window full of throttled answers', () => {
    const rate = new SubmitRate(100, 0);
    for (let answer = 0; answer < 50; answer++) rate.answered(0, 1, 10);
    expect(rate.currentPerSecond).toBeCloseTo(70);
    expect(rate.available(10)).toBe(0);
  });

  it('goes down through a storm and comes back to the contract when it is over', () => {
    const rate = new SubmitRate(100, 0);
    const lowest: number[] = [];
    sendAll(rate, 60_000, 10, (nowMs) => {
      rate.answered(nowMs < 10_000 ? 0 : 1, nowMs < 10_000 ? 1 : 0, nowMs);
      if (nowMs === 9990) lowest.push(rate.currentPerSecond ?? Infinity);
    });
    expect(lowest).toEqual([1]);
    expect(rate.currentPerSecond).toBe(100);
  });

  it('finds a limit below what was accepted when the contract names none, and lifts it later', () => {
    const rate = new SubmitRate(null, 0);
    for (let nowMs = 100; nowMs <= 3000; nowMs += 100) rate.answered(50, 0, nowMs);
    rate.answered(0, 5, 3050);
    expect(rate.currentPerSecond).toBeGreaterThan(100);
    expect(rate.currentPerSecond).toBeLessThanOrEqual(500 * 0.7 + 1);
    for (let nowMs = 4000; nowMs <= 40_000; nowMs += 1000) rate.answered(10, 0, nowMs);
    expect(rate.currentPerSecond).toBeNull();
  });

  /** An SMSC that answers at once; 'accepts' decides. What it accepted, second by second. */
  function storm(rate: SubmitRate, seconds: number, accepts: (nowMs: number) => boolean): number[] {
    const accepted = Array.from({ length: seconds }, () => 0);
    for (let nowMs = 0; nowMs < seconds * 1000; nowMs += 10) {
      // Never more than a window of 20 in ten milliseconds, as over a link.
      const count = Math.min(20, rate.available(nowMs));
      rate.take(count, nowMs);
      const taken = Array.from({ length: count }, () => accepts(nowMs)).filter(Boolean).length;
      if (count > 0) rate.answered(taken, count - taken, nowMs);
      const second = Math.floor(nowMs / 1000);
      accepted[second] = (accepted[second] ?? 0) + taken;
    }
    return accepted;
  }

  function perSecondAllows(limit: number): (nowMs: number) => boolean {
    let second = -1;
    let left = 0;
    return (nowMs) => {
      if (Math.floor(nowMs / 1000) !== second) [second, left] = [Math.floor(nowMs / 1000), limit];
      return left-- > 0;
    };
  }

  const mean = (counts: readonly number[]): number => counts.reduce((sum, n) => sum + n, 0) / counts.length;

  it.each([
    ['a contract', 200, 0.5],
    ['no contract', null, 0.5],
    ['a contract', 200, 0.2],
    ['no contract', null, 0.7],
  ])('keeps going with %s through a storm that going slower does not calm', (_, contract, share) => {
    const randomness = new SeededRandomness(7);
    const rate = new SubmitRate(contract, 0);
    const accepted = storm(rate, 600, () => randomness.fraction() >= share);
    // At least half of what the storm would leave of 100 a second, for as long as it lasts.
    expect(mean(accepted.slice(-120))).toBeGreaterThan(50 * (1 - share));
  });

  it.each([1, 5, 20, 150, 1000])('finds a limit of %d a second, uses it and stays near it', (limit) => {
    const sent = { count: 0 };
    const allows = perSecondAllows(limit);
    const accepted = storm(new SubmitRate(null, 0), 300, (nowMs) => {
      if (nowMs >= 180_000) sent.count++;
      return allows(nowMs);
    });
    expect(mean(accepted.slice(-120))).toBeGreaterThan(limit * 0.6);
    expect(sent.count / 120).toBeLessThan(limit * 1.5 + 5);
  });

  it('never falls below one a second, or below a contract that is lower still', () => {
    const rate = new SubmitRate(null, 0);
    const slow = new SubmitRate(0.5, 0);
    for (let nowMs = 0; nowMs < 60_000; nowMs += 500) {
      rate.answered(0, 1, nowMs);
      slow.answered(0, 1, nowMs);
    }
    expect(rate.currentPerSecond).toBe(1);
    expect(slow.currentPerSecond).toBe(0.5);
  });
});

describe('SubmitRate told of congestion_state', () => {
  /** Everything is accepted each second; what the SMSC says of itself then, and the rate it leads to. */
  function ratesUnder(contract: number | null, states: readonly (number | null)[]): (number | null)[] {
    const rate = new SubmitRate(contract, 0);
    return states.map((state, second) => {
      const nowMs = (second + 1) * 1000;
      if (state !== null) rate.congestion(state, nowMs);
      rate.answered(100, 0, nowMs);
      return rate.currentPerSecond;
    });
  }

  it('goes down at once when the SMSC is congested, in small steps when it is nearly so', () => {
    expect(ratesUnder(100, [100])).toEqual([70]);
    expect(ratesUnder(100, [95])).toEqual([95]);
    expect(ratesUnder(100, [91, 99])).toEqual([95, 90.25]);
  });

  it('stays where it is between 80 and 90', () => {
    expect(ratesUnder(100, [100, 80, 85, 90])).toEqual([70, 70, 70, 70]);
  });

  it('grows again below 80, and when the SMSC no longer says anything', () => {
    expect(ratesUnder(100, [100, 79, 0])).toEqual([70, 75, 80]);
    const [down, held, ...later] = ratesUnder(100, [100, 85, null, null, null]);
    expect([down, held]).toEqual([70, 70]);
    expect(later.at(-1)).toBeGreaterThan(70);
  });

  it('goes down at most twice a second, however many answers say so', () => {
    const rate = new SubmitRate(100, 0);
    for (let nowMs = 1000; nowMs < 2000; nowMs += 10) rate.congestion(100, nowMs);
    expect(rate.currentPerSecond).toBeCloseTo(49);
  });

  it('finds a rate without a contract: what was measured', () => {
    const [rate] = ratesUnder(null, [100]);
    expect(rate).toBeCloseTo(70);
  });

  it('holds 80 to 90 at an SMSC whose load follows the rate', () => {
    const rate = new SubmitRate(1_000, 0);
    const seen: number[] = [];
    for (let nowMs = 250; nowMs <= 120_000; nowMs += 250) {
      const load = Math.min(100, Math.round(((rate.currentPerSecond ?? 0) / 400) * 100));
      rate.congestion(load, nowMs);
      rate.answered(50, 0, nowMs);
      if (nowMs > 60_000) seen.push(load);
    }
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(75);
    expect(Math.max(...seen)).toBeLessThanOrEqual(92);
  });

  it('stays within its bounds, whatever the SMSC says', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 200 }), (states) => {
        for (const rate of ratesUnder(50, states)) {
          expect(rate).toBeGreaterThanOrEqual(1);
          expect(rate).toBeLessThanOrEqual(50);
        }
      }),
    );
  });
});
