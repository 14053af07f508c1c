// Lets one process at a time look at a cluster and start it. The lock is a file that names its
// holder; the lock of a holder that died is taken over.
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { Clock } from '../../clock/clock.js';
import { ClusterStartError } from '../postgres.errors.js';
import { identityOf, isAlive } from './process-identity.js';

const LOOK_AGAIN_MS = 50;
// Longer than a start with recovery usually takes.
const PATIENCE_MS = 120_000;

// Within one process the file alone cannot tell two starts apart.
const heldHere = new Set<string>();

/**
 * Runs `work` while holding the lock file at `path`.
 * @throws ClusterStartError when another process holds it for two minutes
 */
export async function withStartLock<Result>(
  path: string,
  clock: Clock,
  work: () => Promise<Result>,
): Promise<Result> {
  await acquire(path, clock);
  try {
    return await work();
  } finally {
    heldHere.delete(path);
    await rm(path, { force: true });
  }
}

async function acquire(path: string, clock: Clock): Promise<void> {
  const me = identityOf(process.pid);
  const givenUpAt = clock.monotonicMs() + PATIENCE_MS;
  for (;;) {
    if (!heldHere.has(path)) {
      // Before the file exists: our own process id in it must never look like a leftover.
      heldHere.add(path);
      if (await tryToTake(path, me)) return;
      heldHere.delete(path);
    }
    if (clock.monotonicMs() > givenUpAt) {
      throw new ClusterStartError(
        `another process has held ${path} for two minutes: end it, or delete the file if none is starting`,
      );
    }
    await clock.wait(LOOK_AGAIN_MS);
  }
}

async function tryToTake(path: string, me: string): Promise<boolean> {
  try {
    await writeFile(path, me, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      heldHere.delete(path);
      throw error;
    }
  }
  await removeWhenStale(path, me);
  return false;
}

async function removeWhenStale(path: string, me: string): Promise<void> {
  const holder = await readFile(path, 'utf8').catch(() => undefined);
  if (holder === undefined) return;
  const pid = Number.parseInt(holder, 10);
  // An empty file belongs to a process that is just writing it.
  if (!(pid > 0) || (isAlive(pid) && identityOf(pid) === holder && holder !== me)) return;
  // Moved, not deleted: if somebody took over meanwhile, his lock is put back.
  const aside = `${path}.${String(process.pid)}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => undefined);
  if (moved !== undefined && moved !== holder) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}
