// A migrated database for one test file: cloned from a template that is migrated once. Its server
// is the one at DATABASE_URL_TEST, or an embedded one that the whole jest run shares and that
// .config/jest.global-teardown.mjs stops.
import { createHash } from 'node:crypto';
import { chmod, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { MIGRATIONS } from '../../src/boot/migrations.js';
import { SystemClock, SystemRandomness } from '../../src/clock/system-clock.js';
import { EmbeddedPostgres } from '../../src/postgres/embedded-postgres.js';
import { migrate, readFolder } from '../../src/postgres/migrate.js';
import { clientConfig } from '../../src/postgres/postgres.js';

export interface TestDatabase {
  readonly url: string;
  /** Drops the database, cutting the connections that are left. */
  close(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** False: an empty database, without any table. */
  readonly migrated?: boolean;
}

// Any number that nothing else locks.
const TEMPLATE_LOCK = 7_260_118_093_002n;

// Nothing outlives the run, so that nothing has to reach the disk; tests kill processes, not machines.
const SETTINGS = { fsync: 'off', max_connections: 200, shared_buffers: '64MB' };

export async function openTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = await serverUrl();
  const suffix = Buffer.from(new SystemRandomness().bytes(8)).toString('hex');
  const name = `surereach_test_${suffix}`;
  const template = options.migrated === false ? 'template0' : await migratedTemplate(server);
  await run(server, `create database ${name} template ${template}`);
  return {
    url: withDatabase(server, name),
    close: () => run(server, `drop database if exists ${name} with (force)`),
  };
}

/** A folder of this run's own, cleared up with everything in it at its end, servers included. */
export async function newRunFolder(): Promise<string> {
  const folder = await mkdtemp(join(runFolder(), 'own-'));
  // Run by root, a server in it belongs to another account and must be able to enter.
  await chmod(folder, 0o711);
  return folder;
}

function runFolder(): string {
  const folder = process.env['TEST_RUN_DIR'];
  if (folder === undefined)
    throw new Error('TEST_RUN_DIR is not set: run the tests with jest and .config/jest.config.mjs');
  return folder;
}

async function serverUrl(): Promise<string> {
  const given = process.env['DATABASE_URL_TEST'];
  if (given !== undefined && given !== '') return given;
  // Started by the first file that comes here, found running by the others.
  const postgres = await EmbeddedPostgres.start({
    dataDir: runFolder(),
    clock: new SystemClock(),
    randomness: new SystemRandomness(),
    settings: SETTINGS,
  });
  return postgres.url;
}

async function migratedTemplate(server: string): Promise<string> {
  const migrations = (await Promise.all(MIGRATIONS.map(readFolder))).flat();
  const digest = createHash('sha256')
    .update(migrations.map(({ sha256 }) => sha256).join())
    .digest('hex');
  const name = `surereach_template_${digest.slice(0, 16)}`;
  const client = new pg.Client(clientConfig({ url: server, applicationName: 'test template' }));
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [String(TEMPLATE_LOCK)]);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) {
      // Migrated under another name, so that a half-made template is never cloned.
      await client.query(`drop database if exists ${name}_new`);
      await client.query(`create database ${name}_new template template0`);
      await migrate(withDatabase(server, `${name}_new`), MIGRATIONS);
      await client.query(`alter database ${name}_new rename to ${name}`);
    }
  } finally {
    await client.end();
  }
  return name;
}

async function run(server: string, sql: string): Promise<void> {
  const client = new pg.Client(clientConfig({ url: server, applicationName: 'test database' }));
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
