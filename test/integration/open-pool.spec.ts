// Connections that break while they are lent out.
import { expect, it } from '@jest/globals';
import { openPool } from '../../src/postgres/postgres.js';
import { openTestDatabase } from '../support/test-postgres.js';

it('a lent connection that breaks between two queries fails the next query and nothing else', async () => {
  const database = await openTestDatabase();
  const pool = openPool({ url: database.url, applicationName: 'lender' });
  try {
    const lent = await pool.connect();
    const ended = new Promise<void>((resolve) => {
      lent.once('end', resolve);
    });
    const { rows } = await lent.query<{ pid: number }>('select pg_backend_pid() as pid');
    await lent.query('begin');
    // Nobody listens for errors on `lent`: without the pool's own listener this ends the process.
    await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await ended;
    await expect(lent.query('select 1')).rejects.toThrow();
    lent.release(true);
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  } finally {
    await pool.end();
    await database.close();
  }
});
