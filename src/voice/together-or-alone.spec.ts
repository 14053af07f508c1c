import { describe, expect, it } from '@jest/globals';
import { CallDirectoryUnavailableError } from './voice.errors.js';
import { togetherOrAlone } from './together-or-alone.js';

describe('bulk work', () => {
  const spoil =
    (poison: readonly number[], done: number[]) =>
    (items: readonly number[]): Promise<void> => {
      if (items.some((item) => poison.includes(item))) return Promise.reject(new Error('poison'));
      done.push(...items);
      return Promise.resolve();
    };

  it('is done together when it can be', async () => {
    const runs: (readonly number[])[] = [];
    await togetherOrAlone(
      [1, 2, 3],
      (items) => {
        runs.push(items);
        return Promise.resolve();
      },
      () => undefined,
    );
    expect(runs).toEqual([[1, 2, 3]]);
  });

  it('leaves out only what is spoilt', async () => {
    const done: number[] = [];
    const spoilt: number[] = [];
    await togetherOrAlone([1, 2, 3, 4], spoil([2, 4], done), (item) => spoilt.push(item));
    expect([done, spoilt]).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  it('is given up as a whole when it may succeed later', async () => {
    const outage = new CallDirectoryUnavailableError('down');
    let runs = 0;
    const run = (): Promise<void> => {
      runs += 1;
      return Promise.reject(outage);
    };
    await expect(togetherOrAlone([1, 2, 3], run, () => undefined)).rejects.toBe(outage);
    expect(runs).toBe(1);
  });

  it('of nothing is nothing, even when it fails', async () => {
    const spoilt: number[] = [];
    await togetherOrAlone(
      [],
      () => Promise.reject(new Error('poison')),
      (item: number) => spoilt.push(item),
    );
    expect(spoilt).toEqual([]);
  });
});
