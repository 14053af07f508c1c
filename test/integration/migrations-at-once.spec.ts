// Every migration of the service, applied to an empty database by many at once.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { READ_MODELS } from '../../projections/read-models.js';
import { MIGRATIONS } from '../../src/boot/migrations.js';
import { migrate, readFolder } from '../../src/postgres/migrate.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

const STARTS = 4;

let database: TestDatabase;

beforeEach(async () => {
  database = await openTestDatabase({ migrated: false });
});
afterEach(async () => {
  await database.close();
});

describe('the migrations of all rooms', () => {
  it('are applied once each when four processes start at the same moment on an empty database', async () => {
    const wanted = (await Promise.all(MIGRATIONS.map(readFolder))).flat();
    const applied = await Promise.all(
      Array.from({ length: STARTS }, () => migrate(database.url, MIGRATIONS)),
    );
    const names = (list: readonly { room: string; name: string }[]): string[] =>
      list.map(({ room, name }) => `${room}/${name}`).sort();
    expect(names(applied.flat())).toEqual(names(wanted));
    expect(await migrate(database.url, MIGRATIONS)).toEqual([]);
  });

  it('make every table that the read models name', async () => {
    await migrate(database.url, MIGRATIONS);
    const client = new pg.Client(database.url);
    await client.connect();
    try {
      for (const { schema, tables } of READ_MODELS) {
        for (const table of tables) {
          const { rows } = await client.query<{ rows: string }>(
            `select count(*) as rows from ${schema}.${table}`,
          );
          expect(rows).toEqual([{ rows: '0' }]);
        }
      }
    } finally {
      await client.end();
    }
  });
});
