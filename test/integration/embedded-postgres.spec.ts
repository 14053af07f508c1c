// The embedded PostgreSQL as a new machine meets it: made, adopted, moved, refused, stopped.
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { SystemClock, SystemRandomness } from '../../src/clock/system-clock.js';
import { clusterAccount } from '../../src/postgres/cluster/cluster-account.js';
import { clusterProgram, packagedPrograms } from '../../src/postgres/cluster/cluster-program.js';
import { untilGone } from '../../src/postgres/cluster/cluster-server.js';
import { isAlive } from '../../src/postgres/cluster/process-identity.js';
import { EmbeddedPostgres, type EmbeddedPostgresOptions } from '../../src/postgres/embedded-postgres.js';
import { ClusterStartError, ClusterUnusableError } from '../../src/postgres/postgres.errors.js';
import { startProcess, type StartedProcess } from '../support/processes.js';
import { newRunFolder } from '../support/test-postgres.js';

const TYPESCRIPT = { NODE_OPTIONS: `--import ${pathToFileURL(resolve('test/support/typescript.mjs')).href}` };
const GONE_WITHIN_MS = 20_000;
const isRoot = process.geteuid?.() === 0;
const clock = new SystemClock();
const started: EmbeddedPostgres[] = [];

async function start(
  dataDir: string,
  options: Partial<EmbeddedPostgresOptions> = {},
): Promise<EmbeddedPostgres> {
  const postgres = await EmbeddedPostgres.start({
    dataDir,
    clock,
    randomness: new SystemRandomness(),
    ...options,
  });
  started.push(postgres);
  return postgres;
}

function owner(dataDir: string, end: 'stop' | 'exit'): Promise<StartedProcess> {
  return startProcess('test/support/embedded-writer.ts', [dataDir, end], TYPESCRIPT);
}

async function ask(url: string, sql: string): Promise<unknown[][]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return rows;
  } finally {
    await client.end();
  }
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((postgres) => postgres.stop()));
});

describe('a first start', () => {
  test('makes a durable cluster for UTF-8 that asks for its password', async () => {
    const postgres = await start(await newRunFolder());
    const settings = await ask(
      postgres.url,
      `select current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'),
        current_setting('server_encoding'), current_setting('listen_addresses'), current_setting('unix_socket_directories')`,
    );
    expect(settings).toEqual([['on', 'on', 'on', 'UTF8', '127.0.0.1', '']]);
    const url = new URL(postgres.url);
    url.password = 'guessed';
    await expect(ask(url.href, 'select 1')).rejects.toThrow('password authentication failed');
    expect((await stat(join(postgres.home, 'password'))).mode & 0o777).toBe(0o600);
    expect((await stat(postgres.home)).mode & 0o777).toBe(0o700);
  });

  test('begins anew when an earlier one was interrupted', async () => {
    const dataDir = await newRunFolder();
    const first = await start(dataDir);
    await first.stop();
    // As after a power cut during initdb: nothing under the final name, rubbish beside it.
    await rm(join(first.home, 'data'), { recursive: true });
    await mkdir(join(first.home, 'data.new'));
    await writeFile(join(first.home, 'data.new', 'PG_VERSION'), '18\n');
    const second = await start(dataDir);
    expect(await ask(second.url, 'select 1')).toEqual([[1]]);
  });

  test('by several processes at once makes one cluster and one server', async () => {
    const dataDir = await newRunFolder();
    const [one, two, child] = await Promise.all([start(dataDir), start(dataDir), owner(dataDir, 'stop')]);
    expect(new Set([one.pid, two.pid, child.number('pid')]).size).toBe(1);
    expect(
      [one.adopted, two.adopted, child.ready['adopted']].filter((adopted) => adopted === false),
    ).toHaveLength(1);
    child.closeStdin();
    expect(await child.exited).toMatchObject({ code: 0 });
  });
});

describe('a later start', () => {
  test('finds its data at the same address', async () => {
    const dataDir = await newRunFolder();
    const first = await start(dataDir);
    await ask(first.url, 'create table kept (n integer)');
    await ask(first.url, 'insert into kept values (7)');
    expect(await first.stop()).toBe('stopped');
    expect(isAlive(first.pid)).toBe(false);
    const second = await start(dataDir);
    expect(second.url).toBe(first.url);
    expect(second.adopted).toBe(false);
    expect(await ask(second.url, 'select n from kept')).toEqual([[7]]);
  });

  test('takes another port when somebody else has its own', async () => {
    const dataDir = await newRunFolder();
    const first = await start(dataDir);
    await first.stop();
    const taken = Number(new URL(first.url).port);
    const squatter = createServer();
    await new Promise<void>((done) => squatter.listen(taken, '127.0.0.1', done));
    try {
      const second = await start(dataDir);
      expect(Number(new URL(second.url).port)).not.toBe(taken);
      expect(await ask(second.url, 'select 1')).toEqual([[1]]);
    } finally {
      await new Promise((done) => squatter.close(done));
    }
  });

  test('adopts the server that a killed process left behind, and stops it in the end', async () => {
    const dataDir = await newRunFolder();
    const killed = await owner(dataDir, 'stop');
    await killed.kill();
    const postgres = await start(dataDir);
    expect(postgres).toMatchObject({ adopted: true, pid: killed.number('pid'), url: killed.ready['url'] });
    expect(await ask(postgres.url, 'select process from visits')).toEqual([[killed.pid]]);
    expect(await postgres.stop()).toBe('stopped');
    expect(isAlive(postgres.pid)).toBe(false);
  });

  test('waits out a killed server and recovers its data', async () => {
    const dataDir = await newRunFolder();
    const first = await start(dataDir);
    await ask(first.url, 'create table survived ()');
    process.kill(first.pid, 'SIGKILL');
    const second = await start(dataDir);
    expect(second.pid).not.toBe(first.pid);
    expect(await first.stop()).toBe('was-gone');
    expect(await ask(second.url, "select count(*)::int from pg_tables where tablename = 'survived'")).toEqual(
      [[1]],
    );
  });

  test('is not misled by a stale postmaster.pid whose number another program has', async () => {
    const dataDir = await newRunFolder();
    const first = await start(dataDir);
    await first.stop();
    const file = join(first.home, 'data', 'postmaster.pid');
    await writeFile(file, `${String(process.pid)}\n${first.home}/data\n1\n1\n\n127.0.0.1\n\nready   \n`);
    const second = await start(dataDir);
    expect(await ask(second.url, 'select 1')).toEqual([[1]]);
  });
});

describe('stopping', () => {
  test('leaves the server to another process that works with it; the last one stops it', async () => {
    const dataDir = await newRunFolder();
    const mine = await start(dataDir);
    const other = await owner(dataDir, 'stop');
    expect(await mine.stop()).toBe('left-running');
    other.closeStdin();
    expect(await other.exited).toMatchObject({ code: 0 });
    expect(other.stdout).toContain('stopped');
    expect(await untilGone(mine.pid, clock, GONE_WITHIN_MS)).toBe(true);
  });

  test('happens also when the process exits without saying so', async () => {
    const process = await owner(await newRunFolder(), 'exit');
    process.closeStdin();
    expect(await process.exited).toMatchObject({ code: 3 });
    expect(await untilGone(process.number('pid'), clock, GONE_WITHIN_MS)).toBe(true);
  });
});

describe('the log', () => {
  test('keeps neither statements nor rows, which could hold a phone number', async () => {
    const postgres = await start(await newRunFolder());
    await ask(postgres.url, 'create table numbers (msisdn text primary key)');
    await ask(postgres.url, "insert into numbers values ('+254700000001')");
    await expect(ask(postgres.url, "insert into numbers values ('+254700000001')")).rejects.toThrow(
      'duplicate',
    );
    await postgres.stop();
    const log = await readFile(join(postgres.home, 'postgres.log'), 'utf8');
    expect(log).toContain('duplicate key');
    expect(log).not.toContain('254700000001');
  });
});

describe('a folder that will not do is refused in one sentence', () => {
  async function refusal(options: Partial<EmbeddedPostgresOptions> & { dataDir: string }): Promise<Error> {
    const { dataDir, ...rest } = options;
    const outcome = await start(dataDir, rest).catch((error: unknown) => error);
    if (!(outcome instanceof ClusterUnusableError)) throw new Error(`not refused: ${String(outcome)}`);
    expect(outcome.message).not.toContain('\n');
    return outcome;
  }

  test('because it is a file', async () => {
    const file = join(await newRunFolder(), 'file');
    await writeFile(file, '');
    expect((await refusal({ dataDir: file })).message).toContain('choose another DATA_DIR');
  });

  test('because nothing can be made there', async () => {
    expect((await refusal({ dataDir: '/proc/surereach' })).message).toContain('DATA_DIR /proc/surereach');
  });

  test('because other files are there', async () => {
    const dataDir = await newRunFolder();
    const { home } = await start(dataDir);
    await Promise.all(started.splice(0).map((postgres) => postgres.stop()));
    await rm(join(home, 'data', 'PG_VERSION'));
    expect((await refusal({ dataDir })).message).toContain('other files than a PostgreSQL cluster');
  });

  test('because PG_BIN has no PostgreSQL', async () => {
    const empty = await newRunFolder();
    expect((await refusal({ dataDir: await newRunFolder(), pgBin: empty })).message).toContain(
      `PG_BIN ${empty}`,
    );
  });

  test('and a cluster that the server refuses is reported with its own words', async () => {
    const dataDir = await newRunFolder();
    const { home } = await start(dataDir);
    await Promise.all(started.splice(0).map((postgres) => postgres.stop()));
    await writeFile(join(home, 'data', 'PG_VERSION'), '11\n');
    const failure = start(dataDir);
    await expect(failure).rejects.toThrow(ClusterStartError);
    await expect(failure).rejects.toThrow('incompatible');
  });
});

if (isRoot) {
  describe('started by root', () => {
    test('the server runs as another account', async () => {
      const postgres = await start(await newRunFolder());
      const { uid } = await stat(`/proc/${String(postgres.pid)}`);
      expect(uid).not.toBe(0);
      expect((await stat(postgres.home)).uid).toBe(uid);
    });

    test('below a folder that others may not enter, the cluster is placed elsewhere and found again', async () => {
      const closed = join(await newRunFolder(), 'closed');
      await mkdir(closed, { mode: 0o700 });
      const elsewhere = [await newRunFolder()];
      const dataDir = join(closed, 'data');
      const first = await start(dataDir, { elsewhere });
      expect(first.home.startsWith(`${elsewhere[0] ?? ''}/`)).toBe(true);
      expect((await readFile(join(dataDir, 'postgres.place'), 'utf8')).trim()).toBe(first.home);
      await ask(first.url, 'create table elsewhere ()');
      await first.stop();
      const second = await start(dataDir, { elsewhere: ['/nowhere'] });
      expect(second.home).toBe(first.home);
      expect(
        await ask(second.url, "select count(*)::int from pg_tables where tablename = 'elsewhere'"),
      ).toEqual([[1]]);
      await second.stop();
      await rm(second.home, { recursive: true });
      await expect(start(dataDir)).rejects.toThrow('which is gone');
    });

    test('with programs that others may not read, it uses a copy that they may', async () => {
      const native = await packagedPrograms();
      const closed = join(await newRunFolder(), 'closed');
      await promisify(execFile)('cp', ['-a', native.folder, closed]);
      await promisify(execFile)('chmod', ['-R', 'go-rwx', closed]);
      const home = await newRunFolder();
      await chmod(home, 0o755);
      const account = await clusterAccount();
      const folder = (): ReturnType<typeof packagedPrograms> =>
        Promise.resolve({ ...native, folder: closed });
      const program = await clusterProgram(home, account, undefined, folder);
      expect(program.postgres.startsWith(home)).toBe(true);
      const { stdout } = await promisify(execFile)(program.postgres, ['--version'], {
        cwd: home,
        ...(account && { uid: account.uid, gid: account.gid }),
      });
      expect(stdout).toContain('(PostgreSQL) 18');
      expect(await clusterProgram(home, account, undefined, folder)).toEqual(program);
    });
  });
} else {
  describe('started by a plain user', () => {
    test('the server runs as that user', async () => {
      const postgres = await start(await newRunFolder());
      expect((await stat(postgres.home)).uid).toBe(process.geteuid?.());
      expect(existsSync(join(postgres.home, 'data', 'postmaster.pid'))).toBe(true);
    });
  });
}
