// A process of its own that starts an embedded PostgreSQL and writes its visit. When its stdin ends it closes its connection
// and stops the server, or just exits.
//   node embedded-writer.ts <data dir> stop|exit
import pg from 'pg';
import { SystemClock, SystemRandomness } from '../../src/clock/system-clock.js';
import { EmbeddedPostgres } from '../../src/postgres/embedded-postgres.js';
import { clientConfig } from '../../src/postgres/postgres.js';

const [dataDir = '', end = ''] = process.argv.slice(2);
const postgres = await EmbeddedPostgres.start({
  dataDir,
  clock: new SystemClock(),
  randomness: new SystemRandomness(),
});
const client = new pg.Client(clientConfig({ url: postgres.url, applicationName: 'test owner' }));
client.on('error', () => undefined);
await client.connect();
await client.query('create table if not exists visits (process integer)');
await client.query('insert into visits values ($1)', [process.pid]);

const { url, pid, adopted } = postgres;
console.log(JSON.stringify({ ready: true, url, pid, adopted }));
process.stdin.resume();
process.stdin.once('end', () => {
  if (end === 'exit') process.exit(3);
  void client.end().then(async () => {
    console.log(await postgres.stop());
  });
});
