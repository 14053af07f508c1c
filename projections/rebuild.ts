// Rebuilds a read model beside the live one and swaps the two: readers see the old rows until
// the moment they see the new ones.
//
// 1. an empty copy of the tables in schema <name>_next  2. the journal from its beginning into it
// 3. in one transaction: hold the live reader's checkpoint, take in the last events, swap the
// schemas, hand the live reader the new checkpoint. The fence moves, so the live reader notices
// at its next commit, forgets what it has in memory and reads on from there.
import type { Pool, PoolClient } from 'pg';
import { BEGINNING, type Journal } from '../src/journal/journal.js';
import type { StoppedStream, SubscriptionHandler } from '../src/subscription/subscription.js';

export interface ReadModel {
  /** As on the command line, e.g. message-status. */
  readonly name: string;
  /** Of its live reader. */
  readonly subscription: string;
  readonly schema: string;
  readonly tables: readonly string[];
  projectInto(journal: Journal, schema: string): SubscriptionHandler;
}

export type RebuildProgress = (done: bigint, total: bigint) => void;

const BATCH_SIZE = 4_000;

/** So close to the end of the journal that the rest fits into the moment of the swap. */
const CLOSE_EVENTS = 20_000n;

interface Beside {
  readonly handler: SubscriptionHandler;
  readonly stopped: StoppedStream[];
  position: bigint;
}

/**
 * @returns how many events went into the rebuilt read model
 * @throws Error when another rebuild of the same read model is running
 */
export async function rebuild(
  pool: Pool,
  journal: Journal,
  model: ReadModel,
  progress: RebuildProgress,
): Promise<bigint> {
  const client = await pool.connect();
  try {
    await lock(client, model);
    const next = await prepare(client, model);
    const beside: Beside = { handler: model.projectInto(journal, next), stopped: [], position: BEGINNING };
    beside.handler.reset(BEGINNING, new Set());
    let head = await journal.head();
    while (head - beside.position > CLOSE_EVENTS) {
      await takeIn(client, journal, beside, head, progress);
      head = await journal.head();
    }
    await takeIn(client, journal, beside, head, progress);
    await swap(client, journal, model, next, beside);
    progress(beside.position, beside.position);
    await client.query(`drop schema ${model.schema}_old cascade`);
    return beside.position;
  } finally {
    client.release(true); // ends the connection, and with it the lock
  }
}

async function lock(client: PoolClient, model: ReadModel): Promise<void> {
  const { rows } = await client.query<{ ours: boolean }>(
    `select pg_try_advisory_lock(hashtextextended('rebuild/' || $1, 0)) as ours`,
    [model.name],
  );
  if (rows[0]?.ours !== true) {
    throw new Error(`${model.name} is being rebuilt by another process; wait for it or stop it`);
  }
}

/** An empty copy of the tables; what an interrupted rebuild left behind is dropped. */
async function prepare(client: PoolClient, { schema, tables }: ReadModel): Promise<string> {
  const next = `${schema}_next`;
  await client.query(`drop schema if exists ${next} cascade`);
  await client.query(`drop schema if exists ${schema}_old cascade`);
  await client.query(`create schema ${next}`);
  for (const table of tables) {
    await client.query(`create table ${next}.${table} (like ${schema}.${table} including all)`);
    const { rows } = await client.query<{ options: string[] | null }>(
      'select reloptions as options from pg_class where oid = $1::regclass',
      [`${schema}.${table}`],
    );
    const options = rows[0]?.options ?? [];
    if (options.length > 0) await client.query(`alter table ${next}.${table} set (${options.join(', ')})`);
  }
  return next;
}

async function takeIn(
  client: PoolClient,
  journal: Journal,
  beside: Beside,
  until: bigint,
  progress: RebuildProgress,
): Promise<void> {
  while (beside.position < until) {
    const events = await journal.readAll(beside.position, BATCH_SIZE);
    const last = events.at(-1);
    if (last === undefined) return;
    const { statements, stopped } = await beside.handler.apply(events);
    for (const { name, text, values } of statements) await client.query({ name, text, values: [...values] });
    beside.stopped.push(...stopped);
    beside.position = last.position;
    progress(beside.position, until);
  }
}

async function swap(
  client: PoolClient,
  journal: Journal,
  model: ReadModel,
  next: string,
  beside: Beside,
): Promise<void> {
  const { schema, subscription } = model;
  await client.query('begin');
  // A reader that never ran must not begin at the beginning, on rows that are there already.
  await client.query(
    'insert into subscription.checkpoints (id, position, fence) values ($1, 0, 0) on conflict (id) do nothing',
    [subscription],
  );
  // From here on the live reader's commit waits for ours.
  const { rows } = await client.query<{ position: string }>(
    'select position from subscription.checkpoints where id = $1 for update',
    [subscription],
  );
  await takeIn(client, journal, beside, BigInt(rows[0]?.position ?? 0), () => undefined);
  await client.query(`alter schema ${schema} rename to ${schema}_old`);
  await client.query(`alter schema ${next} rename to ${schema}`);
  await client.query('update subscription.checkpoints set position = $2, fence = fence + 1 where id = $1', [
    subscription,
    beside.position,
  ]);
  await client.query('delete from subscription.stopped_streams where id = $1', [subscription]);
  for (const { stream, position, error } of beside.stopped) {
    await client.query(
      'insert into subscription.stopped_streams (id, stream, position, error) values ($1, $2, $3, $4)',
      [subscription, stream, position, error],
    );
  }
  await client.query('commit');
}
