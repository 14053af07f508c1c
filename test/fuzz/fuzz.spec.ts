// A part of `npm run fuzz` for every run of the tests: always new inputs, and the seed in the
// report of what breaks.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TARGETS } from './targets.js';

/** About 15 s of CPU time; only a machine that is busy with something else needs the whole deadline. */
const INPUTS = 50_000;
const DEADLINE_MS = 300_000;

describe('hostile peers', () => {
  const strays: unknown[] = [];
  const stray = (reason: unknown): void => void strays.push(reason);

  beforeAll(() => {
    process.on('unhandledRejection', stray);
  });

  afterAll(() => {
    process.off('unhandledRejection', stray);
    expect(strays).toEqual([]);
  });

  it('come in at least 50,000 inputs over all targets', () => {
    expect(TARGETS.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(INPUTS).toBeGreaterThanOrEqual(50_000);
  });

  it.each(TARGETS.map((target) => [target.name, target] as const))(
    'break no promise: %s',
    async (_, target) => {
      await fc.assert(target.property(), { numRuns: Math.round(INPUTS * target.share) });
    },
    DEADLINE_MS,
  );
});
