// The journal that JOURNAL names. Leases, checkpoints and read models stay in PostgreSQL either way.
import type { Pool } from 'pg';
import type { Clock } from '../clock/clock.js';
import type { AppConfig } from '../config/config.js';
import { EventStoreJournal } from '../journal/eventstoredb/eventstore-journal.js';
import type { Journal } from '../journal/journal.js';
import { PostgresJournal } from '../journal/postgres/postgres-journal.js';
import { EventStoreUnusableError, OtherJournalError } from './boot.errors.js';
import type { Store } from './store.js';

export interface OpenedJournal {
  readonly journal: Journal;
  counters(): { readonly batches: number; readonly events: number; readonly conflicts: number };
  /** What positions count, and how many of them a ready process may be behind. */
  readonly positions: { readonly unit: string; readonly readyLag: bigint };
  close(): Promise<void>;
}

/**
 * Newest events kept in memory for the readers: three quarters of a second at full load. A reader
 * further behind reads from the database; more kept here only costs memory.
 */
const RECENT = { events: 20_000, octets: 16 * 1024 * 1024 };

/** Events a read model may be behind before this process calls itself not ready; some 10 s of full load. */
const READY_LAG_EVENTS = 300_000n;
/** Of an event and its record in the log of EventStoreDB. A guess from the sizes of our events. */
const OCTETS_PER_EVENT = 1_000n;

/** @throws ConnectionUrlError, EventStoreUnusableError, OtherJournalError: all say what to change */
export async function openJournal(
  config: AppConfig,
  store: Store,
  pool: Pool,
  clock: Clock,
): Promise<OpenedJournal> {
  const url = config.eventStoreUrl;
  if (config.journal === 'postgres' || url === null) {
    const journal = new PostgresJournal({ url: store.url, pool, clock, recent: RECENT });
    return {
      journal,
      counters: () => journal.counters(),
      positions: { unit: 'events', readyLag: READY_LAG_EVENTS },
      close: () => journal.close(),
    };
  }
  const journal = new EventStoreJournal({ url: url.reveal(), clock });
  try {
    await assertOwnJournal(journal, pool);
  } catch (error) {
    await journal.close();
    throw error;
  }
  return {
    journal,
    counters: () => journal.counters,
    positions: { unit: 'octets of its log', readyLag: READY_LAG_EVENTS * OCTETS_PER_EVENT },
    close: () => journal.close(),
  };
}

/**
 * Read models that stand beyond the end of the journal were made from another one, and would pass
 * over everything that is written until its end comes to where they are.
 */
async function assertOwnJournal(journal: Journal, pool: Pool): Promise<void> {
  // Taken first: a connection in use keeps the process alive, which waiting for EventStoreDB does not.
  const client = await pool.connect();
  try {
    const head = await journal.head().catch((cause: unknown) => {
      throw new EventStoreUnusableError(cause);
    });
    const { rows } = await client.query<{ id: string }>(
      'select id from subscription.checkpoints where position > $1 order by id limit 1',
      [String(head)],
    );
    const [ahead] = rows;
    if (ahead !== undefined) throw new OtherJournalError(ahead.id);
  } finally {
    client.release();
  }
}
