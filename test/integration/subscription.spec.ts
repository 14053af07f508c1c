// Readers of the journal: rows and checkpoint commit together, one process reads at a time, and
// another takes over when it ends, however it ends.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MESSAGE_STATUS } from '../../projections/message-status/message-status.projection.js';
import { SeededRandomness } from '../../src/clock/virtual-clock.js';
import { MemoryJournal } from '../../src/journal/memory/memory-journal.js';
import { Leases } from '../../src/subscription/leases.js';
import { Subscription, SubscriptionHandler } from '../../src/subscription/subscription.js';
import { PHONE, receive, receivePart, SHORT_CODE } from '../support/inbound-builders.js';
import { silentLog } from '../support/connector-recorder.js';
import { eventNamed } from '../support/journal-events.js';
import { accept, messageIdOf } from '../support/message-commands.js';
import { live } from '../support/message-lives.js';
import { ReadModelRoom, type ReaderProcess } from '../support/read-model-room.js';
import { receipt } from '../support/message-builders.js';
import { uuidOf } from '../../src/clock/ids.js';

const NUMBERS = Array.from({ length: 40 }, (_, index) => index + 1);
const ONE_READER = { models: ['message-status'] } as const;

let room: ReadModelRoom;

beforeEach(async () => {
  room = await ReadModelRoom.open();
});
afterEach(async () => {
  await room.close();
});

function taken(process: ReaderProcess): number {
  return process.taken.get(MESSAGE_STATUS) ?? 0;
}

function accepted(from: number, count: number): Promise<unknown> {
  return room.lifecycle.handleMany(Array.from({ length: count }, (_, index) => accept(from + index)));
}

/** Lives, and receipts that are parked, copied, matched and parked again. */
async function history(): Promise<void> {
  const evidence = (name: string, copy = 0) => ({
    receipt: {
      ...receipt('delivered'),
      receiptId: uuidOf(name),
      smscMessageId: name,
      receivedAt: `2026-01-01T08:05:0${String(copy)}.000Z`,
    },
    group: 'main',
    personal: { to: '27831234567' },
  });
  const match = (name: string, number: number) => ({
    receiptId: uuidOf(name),
    messageId: messageIdOf(number),
    part: 1,
    by: 'recipient' as const,
  });
  await room.ledger.park([evidence('a'), evidence('a', 1), evidence('b'), evidence('d'), evidence('d', 1)]);
  await live(room.lifecycle, NUMBERS.slice(0, 20), new SeededRandomness(3));
  await room.ledger.matched([match('a', 1), match('b', 2), match('never parked', 3)]);
  await room.ledger.park([evidence('a', 2), evidence('b', 3), evidence('c')]);
  await live(room.lifecycle, NUMBERS.slice(20), new SeededRandomness(4));
  await room.ledger.matched([match('b', 2), match('b', 3)]);
  const parties = { ours: SHORT_CODE, theirs: PHONE };
  for (const said of [receive('YES'), receive('YES', 5), receive('NO', 6), receivePart([1, 2], 'one half')]) {
    await room.conversations.handle(parties, said);
  }
}

describe('the rows', () => {
  it('are the same however the events are cut into batches', async () => {
    await history();
    await room.read({ batchSize: 10_000 });
    const whole = await room.contents();
    expect(Object.entries(whole).filter(([, rows]) => rows.length === 0)).toEqual([]);
    for (const batchSize of [1, 2, 7, 50]) {
      await room.forget();
      await room.read({ batchSize });
      expect(await room.contents()).toEqual(whole);
    }
  });

  it('are the same when the reader dies between their change and the checkpoint, again and again', async () => {
    await history();
    await room.read();
    const undisturbed = await room.contents();
    await room.forget();
    // Every third move of a checkpoint ends its own connection: the rows before it were changed.
    await room.pool.query(`
      create sequence crashes;
      create function crash() returns trigger language plpgsql as $$
      begin
        if nextval('crashes') % 3 = 0 then perform pg_terminate_backend(pg_backend_pid()); end if;
        return new;
      end $$;
      create trigger crash before update of position on subscription.checkpoints
        for each row execute function crash()`);
    await room.read({ batchSize: 20 });
    const { rows } = await room.pool.query<{ crashes: bigint }>('select last_value as crashes from crashes');
    expect(rows[0]?.crashes).toBeGreaterThan(30n);
    expect(await room.contents()).toEqual(undisturbed);
  });
});

describe('the checkpoint', () => {
  it('refuses a reader whose fence moved, and the reader resumes', async () => {
    const process = await room.process('a', ONE_READER);
    await accepted(1, 3);
    await process.until('three events', () => taken(process) === 3);
    await room.pool.query('update subscription.checkpoints set fence = fence + 3');
    await accepted(4, 3);
    await process.caughtUp();
    expect(taken(process)).toBe(6);
    expect(await room.rows('message_status.messages', 'message_id')).toHaveLength(6);
    expect(await room.rows('message_status.counts', 'status')).toMatchObject([{ messages: 6n }]);
  });

  it('never goes back to an earlier holder', async () => {
    const process = await room.process('a', ONE_READER);
    await accepted(1, 1);
    await process.caughtUp();
    const [before] = await room.rows<{ fence: bigint }>('subscription.checkpoints', 'id');
    await process.stop();
    const next = await room.process('b', ONE_READER);
    await accepted(2, 1);
    await next.caughtUp();
    const [after] = await room.rows<{ fence: bigint }>('subscription.checkpoints', 'id');
    expect(after?.fence).toBeGreaterThan(before?.fence ?? 0n);
  });

  it('moves on where it was when the reader comes back', async () => {
    await accepted(1, 5);
    await room.read(ONE_READER);
    await accepted(6, 2);
    const process = await room.process('again', ONE_READER);
    await process.caughtUp();
    expect(taken(process)).toBe(2);
  });
});

describe('two processes with the same reader', () => {
  it('read one at a time, and the other takes over when the first stops', async () => {
    const first = await room.process('first', ONE_READER);
    await accepted(1, 5);
    await first.caughtUp();
    const second = await room.process('second', ONE_READER);
    await accepted(6, 5);
    await first.until('ten events', () => taken(first) === 10);
    expect(taken(second)).toBe(0);
    await first.stop();
    await accepted(11, 5);
    await second.until('the takeover', () => taken(second) === 5);
    expect(await room.rows('message_status.counts', 'status')).toMatchObject([{ messages: 15n }]);
  });

  it('read every event once although the connections of one are cut again and again', async () => {
    const first = await room.process('first', ONE_READER);
    const second = await room.process('second', ONE_READER);
    const reached = (): bigint => {
      const positions = [first, second].flatMap(({ readers }) => readers.map(({ position }) => position));
      return positions.reduce((highest, position) => (position > highest ? position : highest));
    };
    for (let round = 0; round < 6; round++) {
      await accepted(1 + round * 20, 20);
      const cut = round % 2 === 0 ? first : second;
      await cut.cutOff(room.pool);
      await first.until('somebody to read on', () => reached() >= BigInt(20 * (round + 1)));
    }
    expect(taken(first) + taken(second)).toBeLessThanOrEqual(120);
    expect(await room.rows('message_status.messages', 'message_id')).toHaveLength(120);
    expect(await room.rows('message_status.counts', 'status')).toMatchObject([{ messages: 120n }]);
  });

  it('change hands at once when the connections of the holder are gone', async () => {
    const first = await room.process('first', ONE_READER);
    await accepted(1, 5);
    await first.caughtUp();
    const second = await room.process('second', ONE_READER);
    await first.die(room.pool);
    await accepted(6, 5);
    await second.until('the takeover', () => taken(second) === 5);
    expect(taken(first)).toBe(5);
  });
});

describe('stopping a reader', () => {
  class Nothing extends SubscriptionHandler {
    override reset(): void {
      // Keeps nothing.
    }

    override apply(): Promise<{ statements: []; stopped: [] }> {
      return Promise.resolve({ statements: [], stopped: [] });
    }
  }

  it('ends it also in the pause between two batches, when nothing ever wakes it again', async () => {
    const journal = new MemoryJournal();
    const leases = new Leases(room.pool, room.clock, silentLog);
    await leases.start();
    const options = {
      id: 'quiet-v1',
      batchSize: 10,
      pauseMs: 60_000,
      loadedPauseMs: 60_000,
      loadedBatchSize: 1,
    };
    const reader = new Subscription(
      journal,
      room.pool,
      leases,
      room.clock,
      silentLog,
      options,
      new Nothing(),
    );
    const moved = new Promise<void>((resolve) => {
      reader.onMoved(() => {
        resolve();
      });
    });
    await journal.append([{ stream: 's', expectedRevision: -1n, events: [eventNamed('a')] }]);
    reader.start();
    await moved;
    await new Promise((resolve) => setImmediate(resolve));
    await reader.stop();
    expect(reader.position).toBe(1n);
    await leases.stop();
  });

  it('gives its lease to the next at once', async () => {
    const first = await room.process('first', ONE_READER);
    await accepted(1, 1);
    await first.caughtUp();
    await first.stop();
    const leases = new Leases(room.pool, room.clock, silentLog);
    await leases.start();
    expect(await leases.acquire(MESSAGE_STATUS)).not.toBeNull();
    await leases.stop();
  });
});
