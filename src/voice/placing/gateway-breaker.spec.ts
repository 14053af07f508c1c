import { describe, expect, it } from '@jest/globals';
import { GatewayBreaker } from './gateway-breaker.js';

const SETTINGS = { failuresToOpen: 3, firstPauseMs: 1_000, longestPauseMs: 3_000 };

function opened(): GatewayBreaker {
  const breaker = new GatewayBreaker(SETTINGS);
  for (let failures = 0; failures < 3; failures += 1) breaker.failed(0);
  return breaker;
}

describe('the gateway breaker', () => {
  it('opens after failures in a row, not after as many in total', () => {
    const breaker = new GatewayBreaker(SETTINGS);
    breaker.failed(0);
    breaker.failed(0);
    breaker.wentWell();
    breaker.failed(0);
    breaker.failed(0);
    expect(breaker.allowance(0)).toBe(Number.POSITIVE_INFINITY);
    breaker.failed(0);
    expect([breaker.allowance(0), breaker.isOpen, breaker.freeInMs(400)]).toEqual([0, true, 600]);
  });

  it('allows one call as a trial when the pause is over', () => {
    const breaker = opened();
    expect(breaker.allowance(999)).toBe(0);
    expect(breaker.allowance(1_000)).toBe(1);
    breaker.began();
    expect([breaker.allowance(5_000), breaker.freeInMs(5_000)]).toEqual([0, null]);
  });

  it('closes when the trial goes well', () => {
    const breaker = opened();
    breaker.allowance(1_000);
    breaker.began();
    breaker.wentWell();
    expect([breaker.isOpen, breaker.allowance(1_000)]).toEqual([false, Number.POSITIVE_INFINITY]);
  });

  it('pauses twice as long after each failed trial, up to the longest pause', () => {
    const breaker = opened();
    let nowMs = 0;
    const pausesMs: (number | null)[] = [breaker.freeInMs(nowMs)];
    for (let trials = 0; trials < 3; trials += 1) {
      nowMs += breaker.freeInMs(nowMs) ?? 0;
      expect(breaker.allowance(nowMs)).toBe(1);
      breaker.began();
      breaker.failed(nowMs);
      pausesMs.push(breaker.freeInMs(nowMs));
    }
    expect(pausesMs).toEqual([1_000, 2_000, 3_000, 3_000]);
  });

  it('does not prolong its pause for calls from before it opened', () => {
    const breaker = opened();
    breaker.failed(900);
    expect(breaker.freeInMs(900)).toBe(100);
  });
});
