// Appending to the journal over PostgreSQL: events per second, and what they cost on both sides.
//
//   npm run bench -- --journal-append [--events 400000] [--list 250] [--callers 4] [--json]
//
// One event of some 350 octets per stream, an embedded PostgreSQL with the service's settings
// (fsync on) in a temporary folder, Linux for the CPU figures. `unnest` is the statement that COPY
// was chosen over, on one connection; `read` follows with readAll through wake-ups.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { SystemClock, SystemRandomness } from '../../src/clock/system-clock.js';
import { newUuid } from '../../src/clock/ids.js';
import { BEGINNING, NO_STREAM, type StreamAppend } from '../../src/journal/journal.js';
import { PostgresJournal } from '../../src/journal/postgres/postgres-journal.js';
import { int8Array, textArray, uuidArray } from '../../src/postgres/binary-arrays.js';
import { EmbeddedPostgres } from '../../src/postgres/embedded-postgres.js';
import { migrate } from '../../src/postgres/migrate.js';
import { clientConfig, openPool } from '../../src/postgres/postgres.js';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '400000' },
    list: { type: 'string', default: '250' },
    callers: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
  },
});
const listEvents = Number(values.list);
const callers = Number(values.callers);
const lists = Math.ceil(Number(values.events) / listEvents);

const clock = new SystemClock();
const randomness = new SystemRandomness();

type Append = (appends: readonly StreamAppend[]) => Promise<unknown>;

interface Variant {
  readonly name: string;
  readonly callers: number;
  readonly listEvents: number;
  readonly lists: number;
  readonly via: 'journal' | 'journal and reader' | 'unnest';
}

const VARIANTS: readonly Variant[] = [
  { name: 'lists', callers, listEvents, lists, via: 'journal' },
  { name: 'lists, with a reader', callers, listEvents, lists, via: 'journal and reader' },
  { name: 'single events, 100 callers', callers: 100, listEvents: 1, lists: 50_000, via: 'journal' },
  { name: 'single events, 1 caller', callers: 1, listEvents: 1, lists: 5_000, via: 'journal' },
  { name: 'unnest, 1,000 per statement', callers: 1, listEvents: 1_000, lists: 100, via: 'unnest' },
];

let made = 0;
function newAppend(): StreamAppend {
  made += 1;
  const id = newUuid(clock, randomness);
  const data = {
    attempt: 1,
    connector: 'default',
    parts: [{ part: 1, smscMessageId: String(made).padStart(12, '0') }],
    late: false,
    raw: 'x'.repeat(60),
  };
  const at = clock.isoNow();
  const metadata = { correlationId: id, causationId: id, tenantId: 'default', at, schemaVersion: 1 };
  return {
    stream: `message-${id}`,
    expectedRevision: NO_STREAM,
    events: [{ id, type: 'MessageSubmitted', data, metadata }],
  };
}

/** Milliseconds of CPU that all processes of the server have used, from /proc. */
function serverCpuMs(postmaster: number): number {
  let ticks = 0;
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
      if (Number(entry) === postmaster || Number(fields[1]) === postmaster)
        ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It has ended between the two looks.
    }
  }
  return ticks * 10;
}

function unnestOn(client: pg.Client): Append {
  const text = `
    with head as (update journal_head set position = position + $1::int returning position - $1::int as base),
    told as (select pg_notify('journal_appended', base::text) from head),
    written as (
      insert into journal_events (position, revision, id, stream, type, data, metadata)
      select head.base + e.n, e.revision, e.id, e.stream, e.type, e.data::json, e.metadata::json
      from head cross join unnest($2::int8[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
        with ordinality as e(revision, id, stream, type, data, metadata, n)
      returning 1
    )
    select (select base from head), (select count(*) from written), (select count(*) from told)`;
  return async (appends) => {
    const events = appends.flatMap(({ events: own }) => own);
    await client.query({
      name: 'unnest',
      text,
      values: [
        events.length,
        int8Array(events.map(() => 0n)),
        uuidArray(events.map(({ id }) => id)),
        textArray(appends.map(({ stream }) => stream)),
        textArray(events.map(({ type }) => type)),
        textArray(events.map(({ data }) => JSON.stringify(data))),
        textArray(events.map(({ metadata }) => JSON.stringify(metadata))),
      ],
    });
  };
}

async function readAll(journal: PostgresJournal, total: number): Promise<void> {
  let after = BEGINNING;
  let wake: () => void = () => undefined;
  const stop = journal.onAppended(() => {
    wake();
  });
  while (after < BigInt(total)) {
    const woken = new Promise<void>((resolve) => (wake = resolve));
    const events = await journal.readAll(after, 1_000);
    for (const { position } of events) {
      if (position !== after + 1n)
        throw new Error(`position ${String(position)} came after ${String(after)}`);
      after = position;
    }
    if (events.length === 0) await woken;
  }
  stop();
}

async function measure(
  variant: Variant,
  serverUrl: string,
  postmaster: number,
): Promise<Record<string, unknown>> {
  const admin = new pg.Client(clientConfig({ url: serverUrl, applicationName: 'bench' }));
  await admin.connect();
  await admin.query('drop database if exists journal_bench with (force)');
  await admin.query('create database journal_bench');
  await admin.query('checkpoint');
  const target = new URL(serverUrl);
  target.pathname = '/journal_bench';
  const url = target.href;
  await migrate(url, [{ room: 'journal', folder: 'src/journal/postgres/migrations' }]);
  const pool = openPool({ url, applicationName: 'bench' });
  const journal = new PostgresJournal({ url, pool, clock });
  const client = new pg.Client(clientConfig({ url, applicationName: 'bench' }));
  await client.connect();
  const append: Append = variant.via === 'unnest' ? unnestOn(client) : (appends) => journal.append(appends);

  const ready = Array.from({ length: variant.lists }, () =>
    Array.from({ length: variant.listEvents }, newAppend),
  );
  for (let warm = 0; warm < 20; warm += 1)
    await append(Array.from({ length: variant.listEvents }, newAppend));
  const total = variant.lists * variant.listEvents;
  const everything = total + 20 * variant.listEvents;

  const walAt = async (): Promise<bigint> => {
    const { rows } = await admin.query<[bigint]>({
      rowMode: 'array',
      text: "select (pg_current_wal_insert_lsn() - '0/0')::bigint",
    });
    return rows[0]?.[0] ?? 0n;
  };
  const before = {
    wal: await walAt(),
    node: process.cpuUsage(),
    server: serverCpuMs(postmaster),
    at: clock.monotonicMs(),
  };
  const reading = variant.via === 'journal and reader' ? readAll(journal, everything) : Promise.resolve();
  const latenciesMs: number[] = [];
  await Promise.all(
    Array.from({ length: variant.callers }, async () => {
      for (let list = ready.pop(); list !== undefined; list = ready.pop()) {
        const sentAt = clock.monotonicMs();
        await append(list);
        latenciesMs.push(clock.monotonicMs() - sentAt);
      }
    }),
  );
  const seconds = (clock.monotonicMs() - before.at) / 1000;
  await reading;
  const node = process.cpuUsage(before.node);
  const per10k = (ms: number): number => Math.round((ms / total) * 100_000) / 10;
  latenciesMs.sort((a, b) => a - b);
  const quantile = (share: number): number =>
    Math.round((latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0) * 10) / 10;
  const result = {
    variant: variant.name,
    eventsPerSecond: Math.round(total / seconds),
    nodeCpuMsPer10k: per10k((node.user + node.system) / 1000),
    postgresCpuMsPer10k: per10k(serverCpuMs(postmaster) - before.server),
    walOctetsPerEvent: Math.round(Number((await walAt()) - before.wal) / total),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    batches: journal.counters().batches,
  };
  await journal.close();
  await client.end();
  await pool.end();
  await admin.end();
  return result;
}

const folder = mkdtempSync(join(tmpdir(), 'surereach-bench-'));
chmodSync(folder, 0o711);
const postgres = await EmbeddedPostgres.start({ dataDir: folder, clock, randomness });
const results: Record<string, unknown>[] = [];
for (const variant of VARIANTS) results.push(await measure(variant, postgres.url, postgres.pid));
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
if (values.json) console.log(JSON.stringify(results));
else console.table(results);
