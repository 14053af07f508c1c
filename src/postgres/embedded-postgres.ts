// A PostgreSQL of our own: made, started, adopted and stopped here, so that the service needs
// nothing but Node. It must never run two servers over one folder and never outlive a clean exit.
//
// | found                                   | then                                              |
// |-----------------------------------------|---------------------------------------------------|
// | no cluster                              | initdb beside, rename into place, start           |
// | a cluster, no server                    | start (recovers by itself after a crash)          |
// | a living server (we were killed)        | adopt it: connect instead of starting             |
// | a server that is stopping or recovering | wait until it is gone or ready                    |
// | its last port taken                     | another free port, kept for the next time         |
// | at stop: other SureReach processes      | leave it running; the last one stops it           |
import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import pg from 'pg';
import type { Clock, Randomness } from '../clock/clock.js';
import { openClusterHome, prepareDataDir } from './cluster/cluster-home.js';
import { clusterProgram } from './cluster/cluster-program.js';
import { shutDown } from './cluster/cluster-server.js';
import { adopt, initialise, launch, urlOf } from './cluster/cluster-start.js';
import { isAlive } from './cluster/process-identity.js';
import { withStartLock } from './cluster/start-lock.js';
import { ClusterStopError } from './postgres.errors.js';
import { applicationPrefix, clientConfig } from './postgres.js';

export interface EmbeddedPostgresOptions {
  /** The service's folder; the cluster lives in `postgres` below it (cluster-home.ts). */
  readonly dataDir: string;
  readonly clock: Clock;
  /** For the database password: must be fit for secrets. */
  readonly randomness: Randomness;
  /** Folder of other PostgreSQL programs, version 14 or later. */
  readonly pgBin?: string | undefined;
  /** Server settings over our own, for tests. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Where root puts a cluster that DATA_DIR cannot hold; for tests. */
  readonly elsewhere?: readonly string[];
}

const DATABASE = 'surereach';
// A fast shutdown writes at most shared_buffers; a minute is ample on any disk.
const STOPPED_WITHIN_MS = 60_000;

/** left-running: others work with it · was-gone: it had ended before, somebody killed it. */
export type Stopped = 'stopped' | 'left-running' | 'was-gone';

export class EmbeddedPostgres {
  private stopping: Promise<Stopped> | undefined;

  private constructor(
    /** Connection string of the service's database, with the password. */
    readonly url: string,
    readonly home: string,
    /** Process id of the server. */
    readonly pid: number,
    /** True when the server was running before us. */
    readonly adopted: boolean,
    private readonly clock: Clock,
    private readonly child: ChildProcess | undefined,
  ) {
    if (child !== undefined) process.on('exit', this.atExit);
  }

  /**
   * @throws ClusterUnusableError the folder or the machine does not allow it; the message says why
   * @throws ClusterStartError the server did not come up; the message ends with its last words
   */
  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const { clock } = options;
    const base = await prepareDataDir(options.dataDir);
    const awake = stayAwake();
    try {
      return await withStartLock(join(base, 'postgres.lock'), clock, async () => {
        const cluster = await openClusterHome(base, options.elsewhere);
        const program = await clusterProgram(cluster.home, cluster.account, options.pgBin);
        if (!existsSync(join(cluster.data, 'PG_VERSION')))
          await initialise(cluster, program, newPassword(options.randomness));
        const password = (await readFile(join(cluster.home, 'password'), 'utf8')).trim();
        const server =
          (await adopt(cluster, password, clock)) ??
          (await launch(cluster, program, password, clock, options.settings));
        await createDatabase(urlOf(server.port, password, 'postgres'));
        const { pid, child, port } = server;
        return new EmbeddedPostgres(
          urlOf(port, password, DATABASE),
          cluster.home,
          pid,
          child === undefined,
          clock,
          child,
        );
      });
    } finally {
      awake();
    }
  }

  /**
   * Stops the server, unless another SureReach process is connected to it. Close your own
   * connections first; those that are left are cut.
   * @throws ClusterStopError it did not end, or not in order
   */
  stop(): Promise<Stopped> {
    this.stopping ??= this.stopOnce();
    return this.stopping;
  }

  private async stopOnce(): Promise<Stopped> {
    const awake = stayAwake();
    try {
      process.off('exit', this.atExit);
      if (!isAlive(this.pid)) return 'was-gone';
      if (await isUsedByOthers(this.url)) return 'left-running';
      await shutDown(this.pid, this.clock, STOPPED_WITHIN_MS);
      const end = await endOf(this.child);
      if (end === undefined) return 'stopped';
      throw new ClusterStopError(
        `PostgreSQL ended with ${end} when it was told to stop: see ${join(this.home, 'postgres.log')}`,
      );
    } finally {
      awake();
    }
  }

  // For an exit that nobody announced (an uncaught error): tell the server to stop, do not wait.
  private readonly atExit = (): void => {
    try {
      process.kill(this.pid, 'SIGINT');
    } catch {
      // It is gone already.
    }
  };
}

/** How the server ended when that was not in order; of an adopted one nobody can tell. */
async function endOf(child: ChildProcess | undefined): Promise<string | undefined> {
  if (child === undefined) return undefined;
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  if (child.exitCode === 0) return undefined;
  return child.signalCode ?? `code ${String(child.exitCode)}`;
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client(clientConfig({ url, applicationName: 'start' }));
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

async function isUsedByOthers(url: string): Promise<boolean> {
  const client = new pg.Client(clientConfig({ url, applicationName: 'stop' }));
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query(
      `select from pg_stat_activity where application_name like 'surereach/%' and not starts_with(application_name, $1)`,
      [applicationPrefix()],
    );
    return rowCount !== 0;
  } catch {
    // It does not answer; then nobody works with it.
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function newPassword(randomness: Randomness): string {
  return Buffer.from(randomness.bytes(24)).toString('base64url');
}

/** Clock timers do not keep the process alive; an open channel does, until the result is called. */
function stayAwake(): () => void {
  const { port1, port2 } = new MessageChannel();
  port1.ref();
  return () => {
    port1.close();
    port2.close();
  };
}
