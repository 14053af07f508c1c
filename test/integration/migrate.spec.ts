// Migrations against a real database: once each, in order, by any number of processes, or not at all.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { MIGRATIONS } from '../../src/boot/migrations.js';
import { migrate, type MigrationFolder } from '../../src/postgres/migrate.js';
import { MigrationFailedError, MigrationRefusedError } from '../../src/postgres/postgres.errors.js';
import { newRunFolder, openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

let database: TestDatabase;
let room: MigrationFolder;

beforeEach(async () => {
  database = await openTestDatabase({ migrated: false });
  room = { room: 'sample', folder: await newRunFolder() };
});
afterEach(async () => {
  await database.close();
});

function file(name: string, sql: string): Promise<void> {
  return writeFile(join(room.folder, name), sql);
}

async function ask(sql: string): Promise<unknown[][]> {
  const client = new pg.Client(database.url);
  await client.connect();
  const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
  await client.end();
  return rows;
}

function namesOf(applied: readonly { readonly name: string }[]): string[] {
  return applied.map(({ name }) => name);
}

describe('migrations', () => {
  test('are applied once, in order, and the next call adds only what is new', async () => {
    await file('0001-first.sql', 'create table steps (n serial, step text)');
    await file('0002-second.sql', "insert into steps (step) values ('second')");
    expect(namesOf(await migrate(database.url, [room]))).toEqual(['first', 'second']);
    expect(await migrate(database.url, [room])).toEqual([]);
    await file('0003-third.sql', "insert into steps (step) values ('third')");
    expect(namesOf(await migrate(database.url, [room]))).toEqual(['third']);
    expect(await ask('select step from steps order by n')).toEqual([['second'], ['third']]);
  });

  test('are applied once also when many processes start at the same moment', async () => {
    await file(
      '0001-slow.sql',
      'create table once (n integer); select pg_sleep(0.1); insert into once values (1)',
    );
    const applied = await Promise.all(Array.from({ length: 8 }, () => migrate(database.url, [room])));
    expect(applied.flat()).toHaveLength(1);
    expect(await ask('select count(*)::int from once')).toEqual([[1]]);
  });

  test('that were changed after they were applied are refused, and nothing else is applied', async () => {
    await file('0001-first.sql', 'create table first ()');
    await migrate(database.url, [room]);
    await file('0001-first.sql', 'create table first (n integer)');
    await file('0002-second.sql', 'create table second ()');
    const call = migrate(database.url, [room]);
    await expect(call).rejects.toThrow(MigrationRefusedError);
    await expect(call).rejects.toThrow('sample/0001-first was changed after it was applied');
    expect(await ask("select count(*)::int from pg_tables where tablename = 'second'")).toEqual([[0]]);
  });

  test('that only changed their line ends are the same', async () => {
    await file('0001-first.sql', 'create table first (\n)');
    await migrate(database.url, [room]);
    await file('0001-first.sql', 'create table first (\r\n)');
    expect(await migrate(database.url, [room])).toEqual([]);
  });

  test('refuse a database that a newer version has migrated', async () => {
    await file('0001-first.sql', 'create table first ()');
    await migrate(database.url, [room]);
    await ask(
      "insert into surereach.migrations (room, number, name, sha256) values ('sample', 2, 'future', 'x')",
    );
    await expect(migrate(database.url, [room])).rejects.toThrow(
      'the database is newer than this code: it has migration sample/0002-future',
    );
  });

  test('leave no trace of a file that fails, and keep those before it', async () => {
    await file('0001-good.sql', 'create table good ()');
    await file('0002-bad.sql', 'create table bad (); select nonsense');
    const call = migrate(database.url, [room]);
    await expect(call).rejects.toThrow(MigrationFailedError);
    await expect(call).rejects.toThrow('sample/0002-bad failed: column "nonsense" does not exist');
    expect(await ask("select tablename from pg_tables where tablename in ('good', 'bad')")).toEqual([
      ['good'],
    ]);
    expect(await ask('select name from surereach.migrations')).toEqual([['good']]);
  });

  test.each(['0002-gap.sql', '1-short.sql', '0001_underscore.sql', '0001-UPPER.sql'])(
    'refuse the file name %s',
    async (name) => {
      await file(name, 'select 1');
      await expect(migrate(database.url, [room])).rejects.toThrow('numbered 0001-name.sql');
    },
  );

  test('of all rooms apply to an empty database and then rest', async () => {
    expect((await migrate(database.url, MIGRATIONS)).length).toBeGreaterThanOrEqual(MIGRATIONS.length);
    expect(await migrate(database.url, MIGRATIONS)).toEqual([]);
  });
});
