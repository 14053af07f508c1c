import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SystemClock } from '../../clock/system-clock.js';
import { identityOf } from './process-identity.js';
import { withStartLock } from './start-lock.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'start-lock-'));
  path = join(folder, 'lock');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const clock = new SystemClock();

describe('the start lock', () => {
  test('lets one at a time work, however many come at once, and is gone afterwards', async () => {
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 5 }, () =>
        withStartLock(path, clock, async () => {
          inside += 1;
          most = Math.max(most, inside);
          await new Promise((resolve) => setImmediate(resolve));
          inside -= 1;
        }),
      ),
    );
    expect(most).toBe(1);
    expect(existsSync(path)).toBe(false);
  });

  test('is released when the work fails', async () => {
    const failing = withStartLock(path, clock, () => Promise.reject(new Error('no luck')));
    await expect(failing).rejects.toThrow('no luck');
    expect(await withStartLock(path, clock, () => Promise.resolve('next'))).toBe('next');
  });

  test.each([
    ['of a process that died', '2147483647'],
    ['of a process whose number another one has now', `${String(process.ppid)} 1`],
    ['of our own number from before a restart', identityOf(process.pid)],
  ])('%s is taken over', async (_, holder) => {
    await writeFile(path, holder);
    expect(await withStartLock(path, clock, () => Promise.resolve('mine'))).toBe('mine');
  });
});
