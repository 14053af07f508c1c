// What only the PostgreSQL adapter can show: several processes, links that break, rows that stay.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { SystemClock } from '../../src/clock/system-clock.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { JournalUnavailableError } from '../../src/journal/journal.errors.js';
import { BEGINNING, NO_STREAM, type RecordedEvent } from '../../src/journal/journal.js';
import { PostgresJournal, type PostgresJournalOptions } from '../../src/journal/postgres/postgres-journal.js';
import { openPool } from '../../src/postgres/postgres.js';
import { eventually } from '../support/eventually.js';
import { eventNamed, eventsNamed } from '../support/journal-events.js';
import { startProcess } from '../support/processes.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

const TYPESCRIPT = { NODE_OPTIONS: `--import ${pathToFileURL(resolve('test/support/typescript.mjs')).href}` };

let database: TestDatabase;
let pool: pg.Pool;
const opened: PostgresJournal[] = [];

function openJournal(options: Partial<PostgresJournalOptions> = {}): PostgresJournal {
  const journal = new PostgresJournal({ url: database.url, pool, clock: new SystemClock(), ...options });
  opened.push(journal);
  return journal;
}

beforeAll(async () => {
  database = await openTestDatabase();
  pool = openPool({ url: database.url, applicationName: 'test journal' });
});
afterAll(async () => {
  await Promise.all(opened.map((journal) => journal.close()));
  await pool.end();
  await database.close();
});

describe('rows of the journal', () => {
  test.each([
    ["update journal_events set type = 'Other'", 'UPDATE'],
    ['delete from journal_events', 'DELETE'],
    ['truncate journal_events', 'TRUNCATE'],
    ['delete from journal_head', 'DELETE'],
    ['truncate journal_head', 'TRUNCATE'],
  ])('refuse %s', async (sql, operation) => {
    await openJournal().append([
      { stream: `kept ${sql}`, expectedRevision: NO_STREAM, events: [eventNamed(sql)] },
    ]);
    await expect(pool.query(sql)).rejects.toThrow(`append-only: ${operation} is refused`);
  });
});

describe('two processes with four writers each', () => {
  test('leave no gap, and a reader that only waits for wake-ups skips nothing', async () => {
    const own = await openTestDatabase();
    const ownPool = openPool({ url: own.url, applicationName: 'test reader' });
    const reader = new PostgresJournal({ url: own.url, pool: ownPool, clock: new SystemClock() });
    const seen: RecordedEvent[] = [];
    let reading: Promise<void> = Promise.resolve();
    const readOn = async (): Promise<void> => {
      for (;;) {
        const events = await reader.readAll(seen.at(-1)?.position ?? BEGINNING, 200);
        if (events.length === 0) return;
        seen.push(...events);
      }
    };
    // 40 appends × 2 streams of 1, 2, 3, 1 … events, and 4 appends to the shared stream.
    const eventsPerWriter = 2 * Array.from({ length: 40 }, (_, n) => 1 + (n % 3)).reduce((a, b) => a + b) + 4;
    const total = 8 * eventsPerWriter;
    const all = eventually(
      (look) =>
        reader.onAppended(() => {
          reading = reading.then(readOn).then(look);
        }),
      `${String(total)} events`,
      () => seen.length >= total,
      50_000,
    );
    const writers = await Promise.all(
      ['one', 'two'].map((name) =>
        startProcess('test/support/journal-writer.ts', [own.url, name, '4', '40'], TYPESCRIPT),
      ),
    );
    const exits = await Promise.all(writers.map(({ exited }) => exited));
    expect(exits.map(({ code }) => code)).toEqual([0, 0]);
    await all;
    await reading;
    await reader.close();
    await ownPool.end();
    await own.close();

    expect(seen.map(({ position }) => position)).toEqual(
      Array.from({ length: total }, (_, n) => BigInt(n + 1)),
    );
    const next = new Map<string, bigint>();
    for (const { stream, revision } of seen) {
      expect(revision).toBe(next.get(stream) ?? 0n);
      next.set(stream, revision + 1n);
    }
    expect(next.get('shared')).toBe(32n);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(total);
  });
});

describe('waking', () => {
  test('comes from the notification of another process, without any timer', async () => {
    const listening = openJournal({ clock: new VirtualClock() });
    await nextWake(listening, 'the listener to be up');
    const before = await listening.head();
    const heard = nextWake(listening, 'a notification');
    const appended = openJournal().append([
      { stream: 'notified', expectedRevision: NO_STREAM, events: [eventNamed('notified')] },
    ]);
    await Promise.all([heard, appended]);
    const news = await until(
      listening,
      () => listening.readAll(before, 10),
      (events) => events.length > 0,
    );
    expect(news.map(({ stream }) => stream)).toEqual(['notified']);
  });

  test('comes from the poll when a notification was lost', async () => {
    const clock = new VirtualClock();
    const listening = openJournal({ clock });
    await nextWake(listening, 'the listener to be up');
    const before = await listening.head();
    await insertWithoutNotifying('silent');
    expect(await listening.readAll(before, 10)).toEqual([]);
    const heard = nextWake(listening, 'the poll');
    clock.advance(1_000);
    await heard;
    expect((await listening.readAll(before, 10)).map(({ stream }) => stream)).toEqual(['silent']);
  });

  test('goes on after the listening connection was lost', async () => {
    const listening = openJournal();
    await nextWake(listening, 'the listener to be up');
    await pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name like '% journal listener' and datname = current_database()`,
    );
    // Once when the back-off is over, once when the link is up again.
    await nextWake(listening, 'the next try');
    await nextWake(listening, 'the listener to be up again');
    const before = await listening.head();
    await openJournal().append([
      { stream: 'after-loss', expectedRevision: NO_STREAM, events: [eventNamed('after-loss')] },
    ]);
    const news = await until(
      listening,
      () => listening.readAll(before, 10),
      (events) => events.length > 0,
    );
    expect(news.map(({ stream }) => stream)).toEqual(['after-loss']);
  });
});

describe('reading', () => {
  test('from memory gives events deeply equal to those from the database', async () => {
    const writer = openJournal();
    const start = await writer.head();
    const data = { text: 'é\u0000🙂', list: [1.5, -0.25, null, { deep: [] }], big: 9007199254740991 };
    await writer.append([
      {
        stream: 'equal-1',
        expectedRevision: NO_STREAM,
        events: [eventNamed('equal-1', data), eventNamed('equal-1b')],
      },
      { stream: 'equal-2', expectedRevision: NO_STREAM, events: [eventNamed('equal-2', data)] },
    ]);
    const fromMemory = await writer.readAll(start, 10);
    expect(writer.counters()).toMatchObject({ recentHits: 1, recentMisses: 0 });
    expect(fromMemory).toStrictEqual(await openJournal().readAll(start, 10));
  });

  test('finds in the database what has left the memory, and what other processes wrote between', async () => {
    const small = openJournal({ recent: { events: 4, octets: 1_000_000 } });
    const start = await small.head();
    await small.append([{ stream: 'ring-1', expectedRevision: NO_STREAM, events: eventsNamed('ring-1', 3) }]);
    await openJournal().append([
      { stream: 'ring-2', expectedRevision: NO_STREAM, events: eventsNamed('ring-2', 2) },
    ]);
    await small.append([{ stream: 'ring-3', expectedRevision: NO_STREAM, events: eventsNamed('ring-3', 3) }]);
    const streams = async (limit: number): Promise<string[]> => {
      const seen: RecordedEvent[] = [];
      for (;;) {
        const events = await small.readAll(seen.at(-1)?.position ?? start, limit);
        if (events.length === 0) return seen.map(({ stream }) => stream);
        seen.push(...events);
      }
    };
    const expected = ['ring-1', 'ring-1', 'ring-1', 'ring-2', 'ring-2', 'ring-3', 'ring-3', 'ring-3'];
    expect(await streams(2)).toEqual(expected);
    expect(await streams(100)).toEqual(expected);
  });
});

describe('appending', () => {
  test('lets simultaneous calls share statements', async () => {
    const journal = openJournal();
    await Promise.all(
      eventsNamed('shared-statement', 500).map((event) =>
        journal.append([{ stream: `grouped-${event.id}`, expectedRevision: NO_STREAM, events: [event] }]),
      ),
    );
    const { calls, batches, events } = journal.counters();
    expect({ calls, events }).toEqual({ calls: 500, events: 500 });
    expect(batches).toBeLessThan(10);
  });

  test('keeps the order of calls to one stream that do not wait for each other', async () => {
    const journal = openJournal();
    const events = eventsNamed('impatient', 5);
    const outcomes = await Promise.all(
      events.map((event, n) =>
        journal.append([{ stream: 'impatient', expectedRevision: BigInt(n) - 1n, events: [event] }]),
      ),
    );
    expect(outcomes.map(([outcome]) => outcome?.status)).toEqual(events.map(() => 'appended'));
  });

  test('goes on although another process was stopped while it held the lock', async () => {
    const frozen = new pg.Client(database.url);
    frozen.on('error', () => undefined);
    await frozen.connect();
    await frozen.query('begin; update journal_head set position = position + 1');
    const journal = openJournal();
    const before = await journal.head();
    const [outcome] = await journal.append([
      { stream: 'past-frozen', expectedRevision: NO_STREAM, events: [eventNamed('past-frozen')] },
    ]);
    expect(outcome).toEqual({ status: 'appended', revision: 0n, position: before + 1n });
    await frozen.end().catch(() => undefined);
  });

  test('is refused as unavailable, with nothing written, when no server answers', async () => {
    const url = new URL(database.url);
    url.port = '1';
    const journal = openJournal({ url: url.href, tuning: { connectPatienceMs: 100 } });
    const appends = [{ stream: 'nowhere', expectedRevision: NO_STREAM, events: [eventNamed('nowhere')] }];
    await expect(journal.append(appends)).rejects.toThrow(JournalUnavailableError);
    await expect(journal.append(appends)).rejects.toThrow('nothing was written');
  });

  test('is refused as unavailable when the migrations were not run', async () => {
    const empty = await openTestDatabase({ migrated: false });
    const journal = openJournal({ url: empty.url });
    const append = journal.append([
      { stream: 'early', expectedRevision: NO_STREAM, events: [eventNamed('early')] },
    ]);
    await expect(append).rejects.toThrow('journal_head');
    await expect(append).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    await journal.close();
    await empty.close();
  });

  test('is refused at once when too much waits already', async () => {
    const journal = openJournal({ tuning: { maxWaitingEvents: 10 } });
    const calls = eventsNamed('flood', 30).map((event) =>
      journal.append([{ stream: `flood-${event.id}`, expectedRevision: NO_STREAM, events: [event] }]),
    );
    const settled = await Promise.allSettled(calls);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    await expect(calls[29]).rejects.toThrow('slow down');
  });

  test('that was accepted is finished by close, and a later one is refused', async () => {
    const journal = openJournal();
    const accepted = eventsNamed('closing', 20).map((event) =>
      journal.append([{ stream: `closing-${event.id}`, expectedRevision: NO_STREAM, events: [event] }]),
    );
    await journal.close();
    const outcomes = await Promise.all(accepted);
    expect(outcomes.map(([outcome]) => outcome?.status)).toEqual(accepted.map(() => 'appended'));
    const late = journal.append([
      { stream: 'late', expectedRevision: NO_STREAM, events: [eventNamed('late')] },
    ]);
    await expect(late).rejects.toThrow('closed');
  });
});

function nextWake(journal: PostgresJournal, what: string): Promise<void> {
  let woken = false;
  return eventually(
    (look) =>
      journal.onAppended(() => {
        woken = true;
        look();
      }),
    what,
    () => woken,
  );
}

/** Asks again at every wake-up until the answer will do. */
async function until<Answer>(
  journal: PostgresJournal,
  ask: () => Promise<Answer>,
  willDo: (answer: Answer) => boolean,
): Promise<Answer> {
  let answer = await ask();
  let asking: Promise<void> = Promise.resolve();
  await eventually(
    (look) =>
      journal.onAppended(() => {
        asking = asking.then(async () => {
          answer = await ask();
          look();
        });
      }),
    'a wake-up with the answer',
    () => willDo(answer),
  );
  return answer;
}

async function insertWithoutNotifying(stream: string): Promise<void> {
  const { id, type, data, metadata } = eventNamed(stream);
  await pool.query(
    `with head as (update journal_head set position = position + 1 returning position)
     insert into journal_events (position, revision, id, stream, type, data, metadata)
     select position, 0, $1, $2, $3, $4, $5 from head`,
    [id, stream, type, JSON.stringify(data), JSON.stringify(metadata)],
  );
}
