// Promise: an append is acknowledged when it is durable, and an outcome nobody heard is found out.
// PostgreSQL is killed, and links are cut, while appends are under way.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SystemClock, SystemRandomness } from '../../src/clock/system-clock.js';
import { AppendOutcomeUnknownError, JournalUnavailableError } from '../../src/journal/journal.errors.js';
import { BEGINNING, NO_STREAM, type RecordedEvent } from '../../src/journal/journal.js';
import { PostgresJournal } from '../../src/journal/postgres/postgres-journal.js';
import { MIGRATIONS } from '../../src/boot/migrations.js';
import { EmbeddedPostgres } from '../../src/postgres/embedded-postgres.js';
import { migrate } from '../../src/postgres/migrate.js';
import { openPool } from '../../src/postgres/postgres.js';
import { type Cut, CuttingProxy } from '../support/cutting-proxy.js';
import { eventually } from '../support/eventually.js';
import { eventNamed } from '../support/journal-events.js';
import { newRunFolder, openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

const clock = new SystemClock();

describe('when PostgreSQL is killed while appends are under way', () => {
  const CRASHES = 5;
  const WRITERS = 8;

  test('every acknowledged event is there once, nothing refused is there, no position is missing', async () => {
    const dataDir = await newRunFolder();
    const start = (): Promise<EmbeddedPostgres> =>
      EmbeddedPostgres.start({ dataDir, clock, randomness: new SystemRandomness() });
    let postgres = await start();
    await migrate(postgres.url, MIGRATIONS);
    const { url } = postgres;
    const pool = openPool({ url, applicationName: 'test fault' });
    const journal = new PostgresJournal({ url, pool, clock });

    const acknowledged: string[] = [];
    const refused: string[] = [];
    const work = { over: false };
    const acknowledgements = new Set<() => void>();
    const write = async (writer: number): Promise<void> => {
      let expectedRevision = NO_STREAM;
      for (let n = 0; !work.over; n += 1) {
        const event = eventNamed(`writer ${String(writer)} event ${String(n)}`);
        try {
          const [outcome] = await journal.append([
            { stream: `writer-${String(writer)}`, expectedRevision, events: [event] },
          ]);
          // A conflict would mean that a refused event had been written after all.
          expect(outcome).toMatchObject({ status: 'appended', revision: expectedRevision + 1n });
          expectedRevision += 1n;
          acknowledged.push(event.id);
          for (const tell of acknowledgements) tell();
        } catch (error) {
          if (!(error instanceof JournalUnavailableError)) throw error;
          refused.push(event.id);
        }
      }
    };
    const writing = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    const untilAcknowledged = (count: number): Promise<void> =>
      eventually(
        (look) => {
          acknowledgements.add(look);
          return () => acknowledgements.delete(look);
        },
        `${String(count)} acknowledged events`,
        () => acknowledged.length >= count,
        30_000,
      );

    for (let crash = 0; crash < CRASHES; crash += 1) {
      await untilAcknowledged(acknowledged.length + 150 + crash * 37);
      // Immediate shutdown: every backend ends where it stands, as with pg_ctl stop -m immediate.
      process.kill(postgres.pid, 'SIGQUIT');
      postgres = await start();
      expect(postgres.url).toBe(url);
    }
    await untilAcknowledged(acknowledged.length + 100);
    work.over = true;
    await writing;
    const stored = await readEverything(new PostgresJournal({ url, pool, clock }));
    const { inDoubtRetries } = journal.counters();
    await journal.close();
    await pool.end();
    await postgres.stop();

    expect(stored.map(({ position }) => position)).toEqual(stored.map((_, n) => BigInt(n + 1)));
    expect(stored.map(({ id }) => id).sort()).toEqual([...acknowledged].sort());
    expect(refused.filter((id) => stored.some((event) => event.id === id))).toEqual([]);
    // Otherwise the crashes hit nothing and the test proves nothing.
    expect(inDoubtRetries).toBeGreaterThan(0);
  }, 180_000);
});

describe('when the link is cut during an append', () => {
  let database: TestDatabase;
  let proxy: CuttingProxy;
  beforeAll(async () => {
    database = await openTestDatabase();
    proxy = await CuttingProxy.open(database.url);
  });
  afterAll(async () => {
    await proxy.close();
    await database.close();
  });

  test.each<[Cut, string]>([
    ['before', 'the server saw nothing of it'],
    ['middle', 'the server saw half of it'],
    ['after', 'the server carried it out and the answer was lost'],
  ])('%s (%s), its events are there once and it is acknowledged', async (cut) => {
    const pool = openPool({ url: database.url, applicationName: 'test fault' });
    const journal = new PostgresJournal({ url: proxy.through(database.url), pool, clock });
    const { cuts } = proxy;
    await journal.append([
      { stream: `warm-${cut}`, expectedRevision: NO_STREAM, events: [eventNamed(`warm ${cut}`)] },
    ]);
    proxy.cutNext(cut);
    const appends = Array.from({ length: 30 }, (_, n) => ({
      stream: `${cut}-${String(n)}`,
      expectedRevision: NO_STREAM,
      events: [eventNamed(`${cut} ${String(n)}`)],
    }));
    const outcomes = await journal.append(appends);
    expect(proxy.cuts).toBe(cuts + 1);
    expect(outcomes.map(({ status }) => status)).toEqual(appends.map(() => 'appended'));
    expect(journal.counters().repeats).toBe(cut === 'after' ? 30 : 0);
    const stored = await readEverything(journal);
    expect(stored.filter(({ stream }) => stream.startsWith(`${cut}-`))).toHaveLength(30);
    // Reader of the same process: what it did not write in one piece it reads from the database.
    expect(stored.map(({ position }) => position)).toEqual(stored.map((_, n) => BigInt(n + 1)));
    await journal.close();
    await pool.end();
  });

  test('and the server stays away, the caller is told that the outcome is unknown', async () => {
    const away = await CuttingProxy.open(database.url);
    const pool = openPool({ url: database.url, applicationName: 'test fault' });
    const journal = new PostgresJournal({
      url: away.through(database.url),
      pool,
      clock,
      tuning: { inDoubtDeadlineMs: 300, connectPatienceMs: 100 },
    });
    await journal.append([
      { stream: 'warm-away', expectedRevision: NO_STREAM, events: [eventNamed('warm away')] },
    ]);
    away.cutNext('middle');
    const filler = 'x'.repeat(8_000);
    const doubtful = journal.append([
      { stream: 'away', expectedRevision: NO_STREAM, events: [eventNamed('away', { filler })] },
    ]);
    const closed = doubtful.catch(() => undefined);
    await away.close();
    await expect(doubtful).rejects.toThrow(AppendOutcomeUnknownError);
    await expect(doubtful).rejects.toMatchObject({ retryable: true });
    await closed;
    await journal.close();
    await pool.end();
  });
});

async function readEverything(journal: PostgresJournal): Promise<RecordedEvent[]> {
  const seen: RecordedEvent[] = [];
  for (;;) {
    const events = await journal.readAll(seen.at(-1)?.position ?? BEGINNING, 1_000);
    if (events.length === 0) return seen;
    seen.push(...events);
  }
}
