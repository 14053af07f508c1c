// A rebuilt read model is the live one, row by row, and nobody who reads it notices the rebuild.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MESSAGE_STATUS } from '../../projections/message-status/message-status.projection.js';
import { MessageStatusQueries } from '../../projections/message-status/message-status.queries.js';
import { READ_MODELS } from '../../projections/read-models.js';
import { rebuild, type ReadModel } from '../../projections/rebuild.js';
import { uuidOf } from '../../src/clock/ids.js';
import { SeededRandomness } from '../../src/clock/virtual-clock.js';
import { messageStream } from '../../src/lifecycle/message-stream.js';
import type { RecordedEvent } from '../../src/journal/journal.js';
import { GatedJournal } from '../support/gated-journal.js';
import { eventNamed } from '../support/journal-events.js';
import { receiveSome } from '../support/inbound-builders.js';
import { polled } from '../support/polled.js';
import { receipt } from '../support/message-builders.js';
import { accept, messageIdOf } from '../support/message-commands.js';
import { live } from '../support/message-lives.js';
import { ReadModelRoom } from '../support/read-model-room.js';

let room: ReadModelRoom;

function model(name: string): ReadModel {
  const found = READ_MODELS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no read model ${name}`);
  return found;
}

async function rebuildAll(): Promise<void> {
  for (const each of READ_MODELS) await rebuild(room.pool, room.journal, each, () => undefined);
}

function numbersFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

async function schemas(): Promise<readonly string[]> {
  const { rows } = await room.pool.query<{ name: string }>(
    'select nspname as name from pg_namespace order by 1',
  );
  return rows.map(({ name }) => name).filter((name) => name.endsWith('_next') || name.endsWith('_old'));
}

beforeEach(async () => {
  room = await ReadModelRoom.open();
});
afterEach(async () => {
  await room.close();
});

describe('a rebuild at rest', () => {
  it('gives the very rows that the live reader made in small batches', async () => {
    const parked = ['a', 'b', 'c'].map((name) => ({
      receipt: { ...receipt('delivered'), receiptId: uuidOf(name), smscMessageId: name },
      group: 'main',
      personal: { to: '27831234567' },
    }));
    await room.ledger.park(parked);
    await live(room.lifecycle, numbersFrom(1, 60), new SeededRandomness(11));
    await room.ledger.park(parked);
    await room.ledger.matched([
      { receiptId: uuidOf('a'), messageId: messageIdOf(1), part: 1, by: 'recipient' },
    ]);
    await room.ledger.unclaimed([{ receiptId: uuidOf('b'), connector: 'main', reason: 'unknown-id' }]);
    await receiveSome(room.conversations, new SeededRandomness(12));
    await room.read({ batchSize: 9 });
    const before = await room.contents();
    expect(Object.entries(before).filter(([, rows]) => rows.length === 0)).toEqual([]);
    await rebuildAll();
    expect(await room.contents()).toEqual(before);
    expect(await schemas()).toEqual([]);
  });

  it('tells how many events went into it, and how far it is', async () => {
    await room.lifecycle.handleMany(numbersFrom(1, 30).map((number) => accept(number)));
    const told: (readonly [bigint, bigint])[] = [];
    const events = await rebuild(room.pool, room.journal, model('message-status'), (done, total) => {
      told.push([done, total]);
    });
    expect(events).toBe(30n);
    expect(told.at(-1)).toEqual([30n, 30n]);
  });

  it('repairs rows that were damaged', async () => {
    await room.lifecycle.handleMany(numbersFrom(1, 5).map((number) => accept(number)));
    await room.read();
    const before = await room.contents();
    await room.pool.query(`delete from message_status.messages where message_id = $1`, [messageIdOf(3)]);
    await room.pool.query(`update message_status.counts set messages = 99`);
    await rebuild(room.pool, room.journal, model('message-status'), () => undefined);
    expect(await room.contents()).toEqual(before);
  });

  it('keeps indexes and storage settings', async () => {
    const shape = async (): Promise<unknown> => {
      const { rows } = await room.pool.query(
        `select n.nspname, c.relname, c.reloptions, array_agg(def order by def) as indexes
         from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_index i on i.indrelid = c.oid
         -- The names of indexes follow their columns in the copy.
         left join lateral regexp_replace(pg_get_indexdef(i.indexrelid), 'INDEX \\w+ ON', 'INDEX ON') as def on true
         where n.nspname = any($1) and c.relkind = 'r' group by 1, 2, 3 order by 1, 2`,
        [READ_MODELS.map(({ schema }) => schema)],
      );
      return rows;
    };
    const before = await shape();
    await rebuildAll();
    expect(await shape()).toEqual(before);
  });

  it('lets a reader that never ran begin where it ended', async () => {
    await room.lifecycle.handleMany(numbersFrom(1, 5).map((number) => accept(number)));
    await rebuildAll();
    await room.lifecycle.handleMany([accept(6)]);
    await room.read();
    expect((await new MessageStatusQueries(room.pool).totals()).messages).toBe(6);
    expect(await room.rows('message_status.messages', 'message_id')).toHaveLength(6);
  });

  it('forgets which streams were stopped, and stops those again that it cannot read itself', async () => {
    await room.lifecycle.handleMany([accept(1), accept(2)]);
    const unknown = { ...eventNamed('unknown'), type: 'MessageTeleported' };
    await room.journal.append([
      { stream: messageStream(messageIdOf(1)), expectedRevision: 0n, events: [unknown] },
    ]);
    await room.read();
    await room.pool.query(
      `insert into subscription.stopped_streams (id, stream, position, error) values ($1, $2, 2, 'an old build')`,
      [MESSAGE_STATUS, messageStream(messageIdOf(2))],
    );
    await rebuild(room.pool, room.journal, model('message-status'), () => undefined);
    const stopped = await room.rows<{ id: string; stream: string }>('subscription.stopped_streams', 'id');
    expect(stopped.filter(({ id }) => id === MESSAGE_STATUS).map(({ stream }) => stream)).toEqual([
      messageStream(messageIdOf(1)),
    ]);
  });

  it('begins anew after one that was interrupted', async () => {
    await room.lifecycle.handleMany([accept(1)]);
    await room.read();
    const before = await room.contents();
    const interrupted = rebuild(room.pool, room.journal, model('message-status'), () => {
      throw new Error('interrupted');
    });
    await expect(interrupted).rejects.toThrow('interrupted');
    expect(await schemas()).toEqual(['message_status_next']);
    expect(await room.contents()).toEqual(before);
    await rebuildAll();
    expect(await schemas()).toEqual([]);
    expect(await room.contents()).toEqual(before);
  });

  it('is refused while another one is running', async () => {
    await room.lifecycle.handleMany([accept(1)]);
    await room.read();
    const refused: Promise<unknown>[] = [];
    await rebuild(room.pool, room.journal, model('message-status'), () => {
      if (refused.length > 0) return;
      const second = rebuild(room.pool, room.journal, model('message-status'), () => undefined);
      refused.push(second.then(() => 'rebuilt', String));
    });
    expect(await Promise.all(refused)).toEqual([
      'Error: message-status is being rebuilt by another process; wait for it or stop it',
    ]);
  });
});

describe('a live reader', () => {
  /** Shows what is behind `position` only after `release`. */
  class LateJournal extends GatedJournal {
    constructor(private shownUntil: bigint) {
      super(room.journal);
    }

    release(): void {
      this.shownUntil = 1_000_000n;
    }

    override async readAll(after: bigint, limit: number): Promise<readonly RecordedEvent[]> {
      return (await super.readAll(after, limit)).filter(({ position }) => position <= this.shownUntil);
    }

    override head(): Promise<bigint> {
      return Promise.resolve(this.shownUntil);
    }
  }

  it('that is ahead at the moment of the swap loses nothing', async () => {
    await room.lifecycle.handleMany(numbersFrom(1, 10).map((number) => accept(number)));
    await room.read();
    const before = await room.contents();
    const journal = new LateJournal(3n);
    const events = await rebuild(room.pool, journal, model('message-status'), (done) => {
      if (done === 3n) journal.release();
    });
    expect(events).toBe(10n);
    expect(await room.contents()).toEqual(before);
  });

  it('that wrote to the old rows when they were swapped away writes again to the new ones', async () => {
    const waiting = async (): Promise<number> => {
      const { rows } = await room.pool.query<{ n: bigint }>(
        `select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return Number(rows[0]?.n);
    };
    const process = await room.process('live', { models: ['message-status'] });
    await room.lifecycle.handleMany([accept(1)]);
    await process.caughtUp();
    const holder = await room.pool.connect();
    await holder.query('begin; select from subscription.checkpoints for update');
    const rebuilt = rebuild(room.pool, room.journal, model('message-status'), () => undefined);
    await polled('the rebuild to wait for the checkpoint', async () => (await waiting()) === 1);
    await room.lifecycle.handleMany([accept(2)]);
    await polled('the live reader to wait behind it, its rows written', async () => (await waiting()) === 2);
    await holder.query('commit');
    holder.release();
    expect(await rebuilt).toBe(1n);
    await process.caughtUp();
    expect(await room.rows('message_status.messages', 'message_id')).toHaveLength(2);
    expect(await room.rows('message_status.counts', 'status')).toMatchObject([{ messages: 2n }]);
  });
});

describe('a rebuild while events are being appended', () => {
  it('leaves the rows as the live reader would have, and no reader sees less than before', async () => {
    const work = { isOver: false };
    const process = await room.process('live', { batchSize: 40 });
    const write = async (): Promise<void> => {
      for (let chunk = 0; !work.isOver; chunk++) {
        await live(room.lifecycle, numbersFrom(1 + chunk * 10, 10), new SeededRandomness(chunk));
        await receiveSome(room.conversations, new SeededRandomness(chunk));
        await room.ledger.park([
          {
            receipt: {
              ...receipt('delivered'),
              receiptId: uuidOf(`chunk ${String(chunk)}`),
              smscMessageId: 'x',
            },
            group: 'main',
            personal: { to: '1' },
          },
        ]);
      }
    };
    const counted: number[] = [];
    const watch = async (): Promise<void> => {
      const queries = new MessageStatusQueries(room.pool);
      while (!work.isOver) {
        const { rows } = await room.pool.query<{ n: bigint }>(
          'select count(*) as n from message_status.messages',
        );
        counted.push(Number(rows[0]?.n));
        expect((await queries.search({ limit: 1 })).length).toBe(Math.min(1, counted.at(-1) ?? 0));
      }
    };
    await live(room.lifecycle, numbersFrom(100_000, 30), new SeededRandomness(1));
    await process.caughtUp();
    const [writing, watching] = [write(), watch()];
    try {
      await rebuildAll();
      await rebuildAll();
    } finally {
      work.isOver = true;
    }
    await Promise.all([writing, watching]);
    await process.caughtUp();
    expect(counted[0]).toBe(30);
    expect(counted).toEqual([...counted].sort((a, b) => a - b));
    expect(counted.at(-1)).toBeGreaterThan(30);

    const afterwards = await room.contents();
    await rebuildAll();
    expect(await room.contents()).toEqual(afterwards);

    // The live reader goes on after all that.
    await room.lifecycle.handleMany([accept(200_000)]);
    await process.caughtUp();
    const [newest] = await new MessageStatusQueries(room.pool).search({ status: 'accepted', limit: 1 });
    expect(newest?.messageId).toBe(messageIdOf(200_000));
    await process.stop();
  });
});
