// One server process of a cluster: what its files say about it, how it is started and ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, fchownSync, openSync, renameSync, statSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../../clock/clock.js';
import type { ClusterHome } from './cluster-home.js';
import { ClusterStopError } from '../postgres.errors.js';
import { programOf, isAlive } from './process-identity.js';

// Above the server's defaults only where it was needed: a journal writes some 10 MB/s of WAL at
// full load, and every checkpoint doubles it (full pages); the machine is shared with Node.
// fsync and synchronous_commit are named although they are the defaults: durability rests on them.
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 60,
  shared_buffers: '256MB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  // Our statements are short; compiling them costs more than it saves.
  jit: 'off',
  // A statement or a row in the log could hold a phone number or a text.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
} as const;

const LOG_KEPT_OCTETS = 10 * 1024 * 1024;
const LOOK_AGAIN_MS = 20;

/** postmaster.pid: PostgreSQL source, src/include/utils/pidfile.h. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  /** starting, stopping, ready, standby */
  readonly status: string;
}

/** What postmaster.pid says; undefined when there is none or its process is gone. */
export async function livingPostmaster(data: string): Promise<PostmasterFile | undefined> {
  const path = join(data, 'postmaster.pid');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!(pid > 0) || !isAlive(pid)) return undefined;
  // Another program may have the number by now; the server itself would refuse to start then.
  const program = programOf(pid);
  if (program !== undefined && !program.startsWith('postgres')) {
    await rm(path, { force: true });
    return undefined;
  }
  return { pid, port: Number(lines[3]), status: (lines[7] ?? '').trim() };
}

export interface ServerStart {
  readonly program: string;
  readonly cluster: ClusterHome;
  readonly port: number;
  readonly settings?: Readonly<Record<string, string | number>>;
}

export function logPath(cluster: ClusterHome): string {
  return join(cluster.home, 'postgres.log');
}

/** Starts the server in a session of its own: Ctrl-C reaches us, and we end it in order. */
export function spawnServer({ program, cluster, port, settings }: ServerStart): ChildProcess {
  const path = logPath(cluster);
  if (existsSync(path) && statSync(path).size > LOG_KEPT_OCTETS) renameSync(path, `${path}.1`);
  const log = openSync(path, 'a', 0o600);
  try {
    if (cluster.account !== undefined) fchownSync(log, cluster.account.uid, cluster.account.gid);
    const options = Object.entries({ ...SETTINGS, ...settings }).map(
      ([name, value]) => `--${name}=${String(value)}`,
    );
    return spawn(program, ['-D', cluster.data, '-p', String(port), ...options], {
      ...asAccount(cluster),
      detached: true,
      stdio: ['ignore', log, log],
    });
  } finally {
    closeSync(log);
  }
}

/** For programs of the cluster: its account, a folder it may enter, English messages. */
export function asAccount({ home, account }: ClusterHome): {
  cwd: string;
  env: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
} {
  const PATH = process.env['PATH'] ?? '/usr/bin:/bin';
  const rest = { cwd: home, env: { PATH, LC_ALL: 'C', TZ: 'UTC' } };
  return account === undefined ? rest : { ...rest, uid: account.uid, gid: account.gid };
}

/** The log from octet `from` on, at most the last 16 KiB. */
export async function logSince(cluster: ClusterHome, from: number): Promise<string> {
  const file = await open(logPath(cluster), 'r').catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { size } = await file.stat();
    const start = Math.max(from <= size ? from : 0, size - 16_384);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

export function logSize(cluster: ClusterHome): number {
  return existsSync(logPath(cluster)) ? statSync(logPath(cluster)).size : 0;
}

/** Whether a server could listen there now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

/** Resolves true when the process is gone, false when it still lives at the deadline. */
export async function untilGone(pid: number, clock: Clock, withinMs: number): Promise<boolean> {
  const until = clock.monotonicMs() + withinMs;
  while (isAlive(pid)) {
    if (clock.monotonicMs() > until) return false;
    await clock.wait(LOOK_AGAIN_MS);
  }
  return true;
}

/**
 * Fast shutdown: sessions are ended, everything is written, the next start needs no recovery.
 * @throws ClusterStopError
 */
export async function shutDown(pid: number, clock: Clock, withinMs: number): Promise<void> {
  try {
    process.kill(pid, 'SIGINT');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw new ClusterStopError(
      `PostgreSQL (process ${String(pid)}) could not be told to stop: end it as its owner`,
      { cause },
    );
  }
  if (await untilGone(pid, clock, withinMs)) return;
  throw new ClusterStopError(
    `PostgreSQL (process ${String(pid)}) has not stopped within ${String(withinMs / 1000)} s: see its log, it may be writing a large checkpoint`,
  );
}
