import { describe, expect, test } from '@jest/globals';
import { Slots } from './slots.js';

describe('slots for calls', () => {
  test('are taken by so many at once, and handed on in the order of asking', async () => {
    const slots = new Slots(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const calls = [0, 1, 2, 3].map((n) =>
      slots.run(() => {
        begun.push(n);
        return new Promise<void>((resolve) => ends.push(resolve));
      }),
    );
    expect(begun).toEqual([0, 1]);
    ends[1]?.();
    await calls[1];
    expect(begun).toEqual([0, 1, 2]);
    ends[0]?.();
    ends[2]?.();
    await calls[2];
    ends[3]?.();
    await Promise.all(calls);
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  test('are free again after a call that fails', async () => {
    const slots = new Slots(1);
    await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await slots.run(() => Promise.resolve('yes'))).toBe('yes');
  });
});
