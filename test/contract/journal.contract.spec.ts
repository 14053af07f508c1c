// The journal's contract over every adapter whose store can be had here.
import pg from 'pg';
import { SystemClock } from '../../src/clock/system-clock.js';
import { EventStoreJournal } from '../../src/journal/eventstoredb/eventstore-journal.js';
import { MemoryJournal } from '../../src/journal/memory/memory-journal.js';
import { PostgresJournal } from '../../src/journal/postgres/postgres-journal.js';
import { openPool } from '../../src/postgres/postgres.js';
import { givenEventStore, openTestEventStore } from '../support/eventstore/test-eventstore.js';
import { openTestDatabase } from '../support/test-postgres.js';
import { journalContract, type OpenJournal } from './journal.contract.js';

journalContract({
  name: 'memory',
  laws: { gapFree: true, inOrderOfCall: true, positionsChosen: true },
  open: (firstAfter) => {
    const journal = new MemoryJournal(firstAfter);
    return Promise.resolve({ journal, close: () => journal.close() });
  },
});

journalContract({
  name: 'PostgreSQL',
  laws: { gapFree: true, inOrderOfCall: true, positionsChosen: true },
  open: async (firstAfter): Promise<OpenJournal> => {
    const database = await openTestDatabase();
    const { url } = database;
    if (firstAfter !== undefined) await beginAfter(url, firstAfter);
    const clock = new SystemClock();
    const pool = openPool({ url, applicationName: 'test journal' });
    const journal = new PostgresJournal({ url, pool, clock });
    const other = new PostgresJournal({ url, pool, clock });
    return {
      journal,
      other,
      close: async () => {
        await Promise.all([journal.close(), other.close()]);
        await pool.end();
        await database.close();
      },
    };
  },
});

journalContract({
  name: givenEventStore() === undefined ? 'EventStoreDB (test node)' : 'EventStoreDB',
  laws: { gapFree: false, inOrderOfCall: false, positionsChosen: givenEventStore() === undefined },
  open: async (firstAfter): Promise<OpenJournal> => {
    const store = await openTestEventStore(firstAfter === undefined ? {} : { contiguousAfter: firstAfter });
    const options = { url: store.url, prefix: store.prefix, clock: new SystemClock() };
    const journal = new EventStoreJournal(options);
    const other = new EventStoreJournal(options);
    return {
      journal,
      other,
      close: async () => {
        await Promise.all([journal.close(), other.close()]);
        store.stop();
      },
    };
  },
});

async function beginAfter(url: string, position: bigint): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('update journal_head set position = $1', [String(position)]);
  await client.end();
}
