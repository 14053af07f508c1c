// Takes a test database away from everyone who uses it, and gives it back.
import pg from 'pg';
import { clientConfig } from '../../src/postgres/postgres.js';

/** Closed to new connections, and those there were are cut, for as long as `meanwhile` runs. */
export async function withoutStore(url: string, meanwhile: () => Promise<void>): Promise<void> {
  const server = new URL(url);
  const name = server.pathname.slice(1);
  server.pathname = '/postgres';
  const client = new pg.Client(clientConfig({ url: server.href, applicationName: 'test away' }));
  await client.connect();
  try {
    await client.query(`alter database ${name} with allow_connections false`);
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    await meanwhile();
  } finally {
    await client.query(`alter database ${name} with allow_connections true`);
    await client.end();
  }
}
