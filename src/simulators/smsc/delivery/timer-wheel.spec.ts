import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VirtualClock } from '../../../clock/virtual-clock.js';
import { TimerWheel } from './timer-wheel.js';

function wheelOn(clock: VirtualClock): {
  wheel: TimerWheel;
  told: { name: string; atMs: number }[];
  add: (name: string, delayMs: number) => void;
} {
  const told: { name: string; atMs: number }[] = [];
  const wheel = new TimerWheel(clock, () => undefined, 5);
  const add = (name: string, delayMs: number): void => {
    const due = (): void => void told.push({ name, atMs: clock.monotonicMs() });
    wheel.schedule({ dueTick: 0, due }, delayMs);
  };
  return { wheel, told, add };
}

describe('TimerWheel', () => {
  it('makes everything due once, never early, and late by a tick at most', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 60_000 }), { maxLength: 40 }),
        fc.nat({ max: 50_000 }),
        (delays, idleMs) => {
          const clock = new VirtualClock();
          const { told, add, wheel } = wheelOn(clock);
          clock.advance(idleMs);
          for (const [nth, delayMs] of delays.entries()) add(String(nth), delayMs);
          clock.advance(70_000);
          expect(told.length).toBe(delays.length);
          expect(wheel.size).toBe(0);
          for (const { name, atMs } of told) {
            const lateMs = atMs - idleMs - (delays[Number(name)] ?? NaN);
            expect(lateMs).toBeGreaterThanOrEqual(0);
            expect(lateMs).toBeLessThanOrEqual(10);
          }
        },
      ),
    );
  });

  it('keeps the order in which things with one delay came', () => {
    const clock = new VirtualClock();
    const { told, add } = wheelOn(clock);
    for (const name of ['a', 'b', 'c']) add(name, 50);
    clock.advance(60);
    expect(told.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('takes up what is scheduled while it turns', () => {
    const clock = new VirtualClock();
    const { wheel, told, add } = wheelOn(clock);
    const due = (): void => {
      add('second', 0);
    };
    wheel.schedule({ dueTick: 0, due }, 0);
    clock.advance(20);
    expect(told.map(({ name }) => name)).toEqual(['second']);
  });

  it('sets no timer while nothing waits', () => {
    const clock = new VirtualClock();
    let timers = 0;
    const after = clock.after.bind(clock);
    clock.after = (delayMs, run) => {
      timers += 1;
      return after(delayMs, run);
    };
    const { add } = wheelOn(clock);
    clock.advance(10_000);
    expect(timers).toBe(0);
    add('once', 5);
    clock.advance(10_000);
    expect(timers).toBeLessThanOrEqual(3);
  });

  it('forgets everything when stopped', () => {
    const clock = new VirtualClock();
    const { wheel, told, add } = wheelOn(clock);
    add('never', 10);
    wheel.stop();
    clock.advance(100);
    expect(told).toEqual([]);
    expect(wheel.size).toBe(0);
  });
});
