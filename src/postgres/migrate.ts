// Forward-only migrations: plain SQL files `0001-name.sql` in one folder per room, each applied
// once, in its own transaction, by one process at a time. An applied file is never edited.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { MigrationFailedError, MigrationRefusedError } from './postgres.errors.js';
import { clientConfig } from './postgres.js';

/** The migrations of one room. Its name is kept in the database: never rename it. */
export interface MigrationFolder {
  readonly room: string;
  readonly folder: string;
}

export interface Migration {
  readonly room: string;
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
  readonly sql: string;
}

interface AppliedRow {
  readonly room: string;
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
}

// Any number will do, as long as nothing else in the database locks it.
const LOCK = 7_260_118_093_001n;
// Another process may be building an index.
const STATEMENT_TIMEOUT_MS = 30 * 60_000;
const FILE_NAME = /^(\d{4})-([a-z0-9-]+)\.sql$/;

const CATALOGUE = `
  create schema if not exists surereach;
  create table if not exists surereach.migrations (
    room text not null,
    number integer not null,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null default now(),
    primary key (room, number)
  )`;

/**
 * Brings the database to the state of the code; does nothing when it is there. Safe to run from
 * many processes at once. Rooms are applied in the order given.
 * @returns what was applied by this call
 * @throws MigrationRefusedError a file was changed, or the database is newer than the code
 * @throws MigrationFailedError a statement failed; the file it stands in was rolled back
 */
export async function migrate(
  url: string,
  folders: readonly MigrationFolder[],
): Promise<readonly Migration[]> {
  const wanted = (await Promise.all(folders.map(readFolder))).flat();
  const client = new pg.Client(
    clientConfig({
      url,
      applicationName: 'migrations',
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    }),
  );
  await client.connect();
  // An error on the idle link also ends the statement that follows, which reports it.
  client.on('error', () => undefined);
  try {
    await client.query('select pg_advisory_lock($1)', [String(LOCK)]);
    await client.query(CATALOGUE);
    const applied = await client.query<AppliedRow>(
      'select room, number, name, sha256 from surereach.migrations',
    );
    const missing = missingMigrations(wanted, applied.rows);
    for (const migration of missing) await apply(client, migration);
    return missing;
  } finally {
    // Ends the session and with it the lock.
    await client.end();
  }
}

/** @throws MigrationRefusedError when a file's name is not of the form 0001-name.sql, or numbers have a gap */
export async function readFolder({ room, folder }: MigrationFolder): Promise<readonly Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file, index) => {
      const [, digits, name] = FILE_NAME.exec(file) ?? [];
      if (digits === undefined || name === undefined || Number(digits) !== index + 1) {
        throw new MigrationRefusedError(
          `${join(folder, file)}: migrations are numbered 0001-name.sql, 0002-name.sql … without a gap`,
        );
      }
      // A checkout with CRLF is not a changed file.
      const sql = (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n');
      const sha256 = createHash('sha256').update(sql).digest('hex');
      return { room, number: index + 1, name, sha256, sql };
    }),
  );
}

/** What is still to be applied. Pure. @throws MigrationRefusedError */
function missingMigrations(
  wanted: readonly Migration[],
  applied: readonly AppliedRow[],
): readonly Migration[] {
  const rooms = new Set(wanted.map(({ room }) => room));
  const left = new Map(applied.filter(({ room }) => rooms.has(room)).map((row) => [keyOf(row), row]));
  const missing: Migration[] = [];
  for (const migration of wanted) {
    const row = left.get(keyOf(migration));
    left.delete(keyOf(migration));
    if (row === undefined) missing.push(migration);
    else if (row.sha256 !== migration.sha256) {
      throw new MigrationRefusedError(
        `migration ${describe(migration)} was changed after it was applied to this database: restore the file and put the change into a new migration`,
      );
    }
  }
  const [newer] = left.values();
  if (newer !== undefined) {
    throw new MigrationRefusedError(
      `the database is newer than this code: it has migration ${describe(newer)}, which this version does not know; start the newer version`,
    );
  }
  return missing;
}

function keyOf({ room, number }: { readonly room: string; readonly number: number }): string {
  return `${room}/${String(number)}`;
}

function describe({ room, number, name }: Omit<AppliedRow, 'sha256'>): string {
  return `${room}/${String(number).padStart(4, '0')}-${name}`;
}

async function apply(client: pg.Client, { room, number, name, sha256, sql }: Migration): Promise<void> {
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query(
      'insert into surereach.migrations (room, number, name, sha256) values ($1, $2, $3, $4)',
      [room, number, name, sha256],
    );
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback').catch(() => undefined);
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new MigrationFailedError(`migration ${describe({ room, number, name })} failed: ${problem}`, {
      cause,
    });
  }
}
