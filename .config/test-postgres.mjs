// The folder of the embedded PostgreSQL that one jest run shares, and how it goes away again. The
// server itself is started by the first test that needs it (test/support/test-postgres.ts), so
// that runs without one pay nothing. Runs that were killed are cleared up by the next one.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';

export const PREFIX = 'surereach-test-';
const OWNER = 'jest.pid';
const STOP_WITHIN_MS = 30_000;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function numberIn(file) {
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : Number.NaN;
}

/** Clusters of the run: the shared one and those of single tests, one folder further down. */
function clustersIn(folder) {
  const folders = [folder, ...readdirSync(folder).map((name) => join(folder, name))];
  return folders.flatMap((dataDir) => {
    const place = join(dataDir, 'postgres.place');
    const home = existsSync(place) ? readFileSync(place, 'utf8').trim() : join(dataDir, 'postgres');
    return existsSync(join(home, 'data')) ? [home] : [];
  });
}

/** Stops every server below `folder` and removes the folder. */
export async function removeRun(folder) {
  for (const home of clustersIn(folder)) {
    const pid = numberIn(join(home, 'data', 'postmaster.pid'));
    if (pid > 0 && isAlive(pid)) {
      process.kill(pid, 'SIGINT');
      const until = performance.now() + STOP_WITHIN_MS;
      while (isAlive(pid) && performance.now() < until) await wait(20);
      if (isAlive(pid)) throw new Error(`PostgreSQL (process ${pid}) in ${home} does not stop`);
    }
    rmSync(home, { recursive: true, force: true });
  }
  rmSync(folder, { recursive: true, force: true });
}

export async function removeAbandonedRuns() {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    const owner = numberIn(join(folder, OWNER));
    if (owner > 0 && !isAlive(owner)) await removeRun(folder).catch(() => undefined);
  }
}

export { OWNER };
