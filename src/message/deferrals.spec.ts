import { describe, expect, it } from '@jest/globals';
import { counted, type DeferralCount, pauseSeconds, retryOf } from './deferrals.js';

function after(...codes: readonly (number | null)[]): readonly DeferralCount[] {
  let deferrals: readonly DeferralCount[] = [];
  codes.forEach((code, index) => {
    deferrals = counted(deferrals, code, index + 1);
  });
  return deferrals;
}

describe('the count of deferrals', () => {
  it('is kept by status, the parts that never left apart', () => {
    const deferrals = after(0x58, 0x08, 0x58, null, 0x08);
    expect([0x58, 0x08, null, 0x45].map((code) => retryOf(deferrals, code, 6))).toEqual([3, 3, 2, 1]);
  });

  it('counts the parts of one attempt once', () => {
    const once = counted([], 0x08, 1);
    expect(retryOf(once, 0x08, 1)).toBe(1);
    expect(counted(once, 0x08, 1)).toEqual(once);
  });

  it('stays bounded, and the statuses without a row of their own come to an end too', () => {
    const invented = Array.from({ length: 100 }, (_, index) => 0x400 + index);
    const deferrals = after(...invented);
    expect(deferrals.length).toBeLessThanOrEqual(9);
    expect(retryOf(deferrals, 0x7777, 101)).toBe(93);
    expect(retryOf(deferrals, 0x400, 101)).toBe(2);
  });
});

describe('the pause before a retry', () => {
  it('grows by the factor up to the longest', () => {
    const rule = { limit: 5, firstSeconds: 30, factor: 2, longestSeconds: 200 };
    expect([1, 2, 3, 4, 5, 5000].map((retry) => pauseSeconds(rule, retry))).toEqual([
      30, 60, 120, 200, 200, 200,
    ]);
  });
});
