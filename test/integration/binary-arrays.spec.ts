// Binary arrays as PostgreSQL itself reads them.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type pg from 'pg';
import { int8Array, textArray, uuidArray, writeUuid } from '../../src/postgres/binary-arrays.js';
import { openPool } from '../../src/postgres/postgres.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await openTestDatabase({ migrated: false });
  pool = openPool({ url: database.url, applicationName: 'test arrays' });
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

async function echo(array: Buffer, type: string): Promise<unknown> {
  const { rows } = await pool.query<{ value: unknown }>(
    `select value from unnest($1::${type}[]) with ordinality as e(value, n) order by n`,
    [array],
  );
  return rows.map(({ value }) => value);
}

test('texts arrive as they are, quotes, braces, commas and emptiness included', async () => {
  const texts = ['', 'NULL', '{a,b}', '"quoted"', 'back\\slash', "it's", 'ünïcödé 🙂', 'a\nb'];
  expect(await echo(textArray(texts), 'text')).toEqual(texts);
  expect(await echo(textArray([]), 'text')).toEqual([]);
});

test('numbers arrive exactly, and come back as bigint', async () => {
  const numbers = [0n, -1n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
  expect(await echo(int8Array(numbers), 'int8')).toEqual(numbers);
});

test('UUIDs arrive as they are', async () => {
  const uuids = ['00000000-0000-0000-0000-000000000000', '01890a5d-ac96-774b-bcce-b302099a8057'];
  expect(await echo(uuidArray(uuids), 'uuid')).toEqual(uuids);
});

test.each([
  '',
  '01890a5d-ac96-774b-bcce-b302099a805',
  '01890a5d-ac96-774b-bcce-b302099a80577',
  '01890A5D-ac96-774b-bcce-b302099a8057',
  '01890a5dxac96-774b-bcce-b302099a8057',
  '01890a5d-ac96-774b-bcce-b302099a805g',
  '01890a5d-ac96-774b-bcce-b302099a80\u01305',
])('%p is not taken for a UUID', (text) => {
  expect(writeUuid(Buffer.alloc(16), text, 0)).toBe(false);
  expect(() => uuidArray([text])).toThrow('not a lower-case UUID');
});
