import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CallBudget } from './call-budget.js';

const MINUTE_MS = 60_000;

describe('the budget of calls per minute', () => {
  it('gives a call back sixty seconds after it was spent', () => {
    const budget = new CallBudget(2);
    budget.spend(0);
    budget.spend(10_000);
    expect([budget.available(10_000), budget.freeInMs(10_000)]).toEqual([0, 50_000]);
    expect([budget.available(59_999), budget.freeInMs(59_999)]).toEqual([0, 1]);
    expect([budget.available(60_000), budget.freeInMs(60_000)]).toEqual([1, 0]);
    expect(budget.available(70_000)).toBe(2);
  });

  it('never lets more through in any sixty seconds, and never fewer than it may', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 15_000 }), { maxLength: 200 }),
        (cap, gapsMs) => {
          const budget = new CallBudget(cap);
          const spent: number[] = [];
          let nowMs = 0;
          for (const gapMs of gapsMs) {
            nowMs += gapMs;
            const inLastMinute = spent.filter((at) => at > nowMs - MINUTE_MS).length;
            expect(budget.available(nowMs)).toBe(cap - inLastMinute);
            if (inLastMinute === cap) continue;
            budget.spend(nowMs);
            spent.push(nowMs);
          }
        },
      ),
    );
  });
});
