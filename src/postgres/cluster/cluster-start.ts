// From a folder to a server that answers: make the cluster, adopt its server, or start one.
import { type ChildProcess, execFile } from 'node:child_process';
import { chown, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Clock } from '../../clock/clock.js';
import { ClusterStartError, ClusterUnusableError } from '../postgres.errors.js';
import { clientConfig } from '../postgres.js';
import type { ClusterHome } from './cluster-home.js';
import type { ClusterProgram } from './cluster-program.js';
import {
  asAccount,
  freePort,
  isPortFree,
  livingPostmaster,
  logPath,
  logSince,
  logSize,
  spawnServer,
  untilGone,
} from './cluster-server.js';

const USER = 'surereach';
// Recovery after a crash reads at most max_wal_size (4 GB); two minutes are ample on any disk.
const READY_WITHIN_MS = 120_000;
const LOOK_AGAIN_MS = 20;
const TRY_AGAIN_MS = 200;

export function urlOf(port: number, password: string, database: string): string {
  return `postgres://${USER}:${password}@127.0.0.1:${String(port)}/${database}`;
}

/**
 * Makes the cluster and its password.
 * @throws ClusterUnusableError
 */
export async function initialise(
  cluster: ClusterHome,
  program: ClusterProgram,
  password: string,
): Promise<void> {
  const fresh = `${cluster.data}.new`;
  await rm(fresh, { recursive: true, force: true });
  const passwordFile = join(cluster.home, 'password');
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (cluster.account !== undefined) await chown(passwordFile, cluster.account.uid, cluster.account.gid);
  const options = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--username=${USER}`];
  try {
    await promisify(execFile)(
      program.initdb,
      ['-D', fresh, `--pwfile=${passwordFile}`, ...options],
      asAccount(cluster),
    );
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : '';
    throw new ClusterUnusableError(
      `PostgreSQL could not make a cluster in ${cluster.home}: ${lastWords(said, String(cause))}`,
      { cause },
    );
  }
  // Only a finished cluster ever bears the name.
  await rename(fresh, cluster.data);
}

export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  readonly child: ChildProcess | undefined;
}

/**
 * The server that runs on the cluster already, once it is ready; undefined when there is none or
 * it was just ending.
 * @throws ClusterStartError
 */
export async function adopt(
  cluster: ClusterHome,
  password: string,
  clock: Clock,
): Promise<RunningServer | undefined> {
  const until = clock.monotonicMs() + READY_WITHIN_MS;
  for (;;) {
    const found = await livingPostmaster(cluster.data);
    if (found === undefined) return undefined;
    if (found.status === 'stopping') {
      if (await untilGone(found.pid, clock, READY_WITHIN_MS)) continue;
      throw new ClusterStartError(
        `PostgreSQL (process ${String(found.pid)}) has been stopping for two minutes: see ${logPath(cluster)}`,
      );
    }
    if (found.status === 'ready' && (await isReady(found.port, password)) === true) {
      return { pid: found.pid, port: found.port, child: undefined };
    }
    if (clock.monotonicMs() > until) {
      throw new ClusterStartError(
        `PostgreSQL (process ${String(found.pid)}) runs on ${cluster.data} but does not answer on port ${String(found.port)}: see ${logPath(cluster)}`,
      );
    }
    await clock.wait(LOOK_AGAIN_MS);
  }
}

/**
 * Starts a server and waits until it answers.
 * @throws ClusterStartError with its last words
 */
export async function launch(
  cluster: ClusterHome,
  program: ClusterProgram,
  password: string,
  clock: Clock,
  settings: Readonly<Record<string, string | number>> = {},
): Promise<RunningServer> {
  const portFile = join(cluster.home, 'port');
  const until = clock.monotonicMs() + READY_WITHIN_MS;
  for (;;) {
    const port = await choosePort(portFile);
    const logFrom = logSize(cluster);
    const child = spawnServer({ program: program.postgres, cluster, port, settings });
    const failure = await untilReady({ child, data: cluster.data, port, password, clock, until });
    if (failure === undefined && child.pid !== undefined) {
      await writeFile(portFile, `${String(port)}\n`);
      if (cluster.account !== undefined) await chown(portFile, cluster.account.uid, cluster.account.gid);
      child.unref();
      return { pid: child.pid, port, child };
    }
    const said = await logSince(cluster, logFrom);
    // Children of a killed server may live on for a moment, and keep its shared memory.
    const passing =
      /could not bind|could not create any TCP|shared memory block|lock file "postmaster.pid"/.test(said);
    if (!passing || clock.monotonicMs() > until) {
      throw new ClusterStartError(
        `PostgreSQL did not start: ${lastWords(said, failure ?? '')} (log: ${logPath(cluster)})`,
      );
    }
    await clock.wait(TRY_AGAIN_MS);
  }
}

async function choosePort(portFile: string): Promise<number> {
  const last = Number(await readFile(portFile, 'utf8').catch(() => '0'));
  return last > 0 && (await isPortFree(last)) ? last : freePort();
}

interface Awaited {
  readonly child: ChildProcess;
  readonly data: string;
  readonly port: number;
  readonly password: string;
  readonly clock: Clock;
  readonly until: number;
}

/** Undefined when the server answers; otherwise why it does not. */
async function untilReady({
  child,
  data,
  port,
  password,
  clock,
  until,
}: Awaited): Promise<string | undefined> {
  const end: { problem?: string } = {};
  child.once('error', (error) => {
    end.problem = error.message;
  });
  child.once('exit', (code, signal) => {
    end.problem = `it ended with ${signal ?? `code ${String(code)}`}`;
  });
  let state = 'no sign of life';
  for (;;) {
    // Its own file first: every connection before it is ready is a FATAL line in its log.
    const found = await livingPostmaster(data);
    if (end.problem !== undefined) return end.problem;
    if (found !== undefined && found.pid === child.pid) {
      const ready = found.status === 'ready' ? await isReady(port, password) : found.status;
      if (ready === true) return undefined;
      state = ready;
    }
    if (clock.monotonicMs() > until) {
      child.kill('SIGINT');
      return `it was not ready within ${String(READY_WITHIN_MS / 1000)} s (${state})`;
    }
    await clock.wait(LOOK_AGAIN_MS);
  }
}

/** True, or why not. */
async function isReady(port: number, password: string): Promise<true | string> {
  const client = new pg.Client(
    clientConfig({ url: urlOf(port, password, 'postgres'), applicationName: 'start' }),
  );
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function lastWords(said: string, otherwise: string): string {
  const lines = said.split('\n').filter((line) => /FATAL|PANIC|error|HINT/i.test(line));
  const words = (lines.length > 0 ? lines : said.trim().split('\n').slice(-2)).slice(-3);
  return words.join(' ').replace(/\s+/g, ' ').trim() || otherwise;
}
