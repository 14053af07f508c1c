// Parked receipts that nobody claims, over a real database: they leave the read model, and only there.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ReceiptMatchingQueries } from '../../projections/receipt-matching/receipt-matching.queries.js';
import { READ_MODELS } from '../../projections/read-models.js';
import { rebuild } from '../../projections/rebuild.js';
import { Subscriptions } from '../../projections/subscriptions.js';
import { countEvents } from '../../src/boot/observers.js';
import { uuidOf } from '../../src/clock/ids.js';
import { SeededRandomness, VirtualClock } from '../../src/clock/virtual-clock.js';
import { Metrics } from '../../src/health/metrics.js';
import { type ReceiptParked, receiptStream } from '../../src/message/receipt.events.js';
import { ReceiptLedger } from '../../src/smpp/receipt-ledger.js';
import { UnclaimedReceipts } from '../../src/smpp/unclaimed-receipts.js';
import { silentLog } from '../support/connector-recorder.js';
import { eventNamed } from '../support/journal-events.js';
import { at, receipt } from '../support/message-builders.js';
import { accept, attemptSubmit, messageIdOf, tookAs } from '../support/message-commands.js';
import { CONNECTOR, ReadModelRoom, type ReaderProcess } from '../support/read-model-room.js';

const WEEK_SECONDS = 7 * 24 * 3_600;
const MARGIN_SECONDS = 600;

let room: ReadModelRoom;
let owner: ReaderProcess;

beforeEach(async () => {
  room = await ReadModelRoom.open();
  owner = await room.process('owner', { models: ['receipt-matching'] });
});
afterEach(async () => {
  await room.close();
});

function parked(
  name: string,
  seconds: number,
  over: { id?: string; connector?: string } = {},
): ReceiptParked {
  const { id = name, connector = CONNECTOR } = over;
  const facts = { receiptId: uuidOf(name), smscMessageId: id, connector, receivedAt: at(seconds) };
  return {
    receipt: { ...receipt('delivered'), ...facts },
    group: CONNECTOR,
    personal: { to: '27831234567' },
  };
}

function prunerOf(process: ReaderProcess, seconds: number, batch?: number): UnclaimedReceipts {
  return new UnclaimedReceipts(
    new ReceiptMatchingQueries(process.pool),
    new Subscriptions(process.pool, process.journal, process.readers),
    process.journal,
    process.leases,
    new VirtualClock(Date.parse(at(seconds))),
    new SeededRandomness(7),
    silentLog,
    batch,
  );
}

async function waiting(): Promise<readonly string[]> {
  await owner.caughtUp();
  const rows = await room.rows<{ receipt_id: string }>('receipt_matching.parked_receipts', 'parked_at');
  return rows.map(({ receipt_id }) => receipt_id);
}

const uuids = (...names: string[]): string[] => names.map((name) => uuidOf(name));

async function notes(connector = CONNECTOR): Promise<readonly (readonly unknown[])[]> {
  return (await room.journal.readStream(receiptStream(connector))).map(({ type, data }) => [
    type,
    (data as { reason?: string }).reason,
  ]);
}

describe('parked receipts past their time', () => {
  it('leave the read model, page by page, of every connector; the journal keeps them and says why', async () => {
    await room.lifecycle.handleMany([accept(1), attemptSubmit(1), tookAs(1, 'known')]);
    const other = new ReceiptLedger(room.journal, 'removed', room.clock, room.randomness);
    await room.ledger.park([
      parked('a', 1),
      parked('known', 2),
      parked('c', 4, { id: '' }),
      parked('young', 5),
    ]);
    await other.park([parked('b', 3, { connector: 'removed' })]);
    await owner.caughtUp();
    const early = prunerOf(owner, WEEK_SECONDS + MARGIN_SECONDS);
    expect(await early.giveUp()).toBe(false);
    expect(await waiting()).toHaveLength(5);

    const pruner = prunerOf(owner, WEEK_SECONDS + MARGIN_SECONDS + 5, 2);
    expect(await pruner.giveUp()).toBe(true);
    expect(await waiting()).toEqual(uuids('b', 'c', 'young'));
    expect(await pruner.giveUp()).toBe(true);
    expect(await pruner.giveUp()).toBe(false);
    expect(await waiting()).toEqual(uuids('young'));
    expect(await notes()).toEqual([
      ...Array.from({ length: 4 }, () => ['ReceiptParked', undefined]),
      ['ReceiptUnclaimed', 'unknown-id'],
      ['ReceiptUnclaimed', 'not-taken'],
      ['ReceiptUnclaimed', 'no-id'],
    ]);
    expect((await notes('removed')).at(-1)).toEqual(['ReceiptUnclaimed', 'unknown-id']);
  });

  it('leave rows that a rebuild gives again', async () => {
    await room.ledger.park([parked('old', 1), parked('young', 100)]);
    await owner.caughtUp();
    await prunerOf(owner, WEEK_SECONDS + MARGIN_SECONDS + 5).giveUp();
    await room.ledger.park([parked('newest', 101)]);
    expect(await waiting()).toEqual(uuids('young', 'newest'));
    const before = await room.contents();
    const model = READ_MODELS.find(({ name }) => name === 'receipt-matching');
    if (model === undefined) throw new Error('no such read model');
    await rebuild(room.pool, room.journal, model, () => undefined);
    expect(await room.contents()).toEqual(before);
  });

  it('are told of in the same way however the events were cut into batches', async () => {
    const gone = (...names: string[]) =>
      room.ledger.unclaimed(
        names.map((name) => ({ receiptId: uuidOf(name), connector: CONNECTOR, reason: 'unknown-id' })),
      );
    const matched = (name: string, number: number) =>
      room.ledger.matched([
        { receiptId: uuidOf(name), messageId: messageIdOf(number), part: 1, by: 'recipient' },
      ]);
    await room.ledger.park(['a', 'b', 'c', 'd'].map((name, index) => parked(name, index)));
    await gone('a', 'b');
    await matched('a', 1); // too late: it teaches nothing
    await matched('c', 2);
    await gone('c', 'nobody'); // the match was first: it teaches
    await room.ledger.park([parked('b', 50), parked('c', 51)]);
    await gone('d');
    await room.ledger.park([parked('d', 60)]);
    await matched('d', 3); // of the second copy
    await owner.stop();
    const seen: unknown[] = [];
    for (const batchSize of [1, 2, 3, 5, 100]) {
      await room.forget();
      const reader = await room.process(`by ${String(batchSize)}`, {
        models: ['receipt-matching'],
        batchSize,
      });
      await reader.caughtUp();
      await reader.stop();
      seen.push(await room.contents());
    }
    expect(seen.slice(1)).toEqual(seen.slice(0, -1));
    const rows = await room.rows<{ receipt_id: string }>('receipt_matching.parked_receipts', 'parked_at');
    expect(rows.map(({ receipt_id }) => receipt_id)).toEqual(uuids('b', 'c'));
    const learned = await room.rows<{ message_id: string; submitted_at: Date }>(
      'receipt_matching.submitted_parts',
      'message_id',
    );
    expect(learned.map(({ message_id, submitted_at }) => [message_id, new Date(submitted_at)])).toEqual([
      [messageIdOf(2), new Date(at(2))],
      [messageIdOf(3), new Date(at(60))],
    ]);
  });

  it('are given up by one of two processes, and by the other when the first is gone', async () => {
    const second = await room.process('second', { models: [] });
    const [first, other] = [owner, second].map((process) =>
      prunerOf(process, WEEK_SECONDS + MARGIN_SECONDS + 5),
    ) as [UnclaimedReceipts, UnclaimedReceipts];
    await room.ledger.park([parked('a', 1)]);
    await owner.caughtUp();
    await first.giveUp();
    await other.giveUp();
    await room.ledger.park([parked('b', 2)]);
    await owner.caughtUp();
    await other.giveUp();
    expect(await waiting()).toEqual(uuids('b'));
    await first.stop();
    await other.giveUp();
    expect(await waiting()).toEqual([]);
    expect((await notes()).filter(([type]) => type === 'ReceiptUnclaimed')).toHaveLength(2);
    await other.stop();
  });

  it('wait while the read model has not heard that they were matched', async () => {
    await room.ledger.park([parked('a', 1)]);
    await owner.caughtUp();
    await owner.stop();
    const receiptId = uuidOf('a');
    await room.ledger.matched([{ receiptId, messageId: messageIdOf(1), part: 1, by: 'id' }]);
    const behind = await room.process('behind', { models: [] });
    const pruner = prunerOf(behind, WEEK_SECONDS + MARGIN_SECONDS + 5);
    await pruner.giveUp();
    await room.read({ models: ['receipt-matching'] });
    await pruner.giveUp();
    expect(await notes()).toEqual([
      ['ReceiptParked', undefined],
      ['ReceiptMatched', undefined],
    ]);
    await pruner.stop();
  });

  it('stay when the read model does not follow their stream: nothing would take the rows away', async () => {
    await room.ledger.park([parked('a', 1)]);
    const unknown = { ...eventNamed('unknown'), type: 'ReceiptTeleported' };
    await room.journal.append([
      { stream: receiptStream(CONNECTOR), expectedRevision: 0n, events: [unknown] },
    ]);
    await owner.caughtUp();
    await prunerOf(owner, WEEK_SECONDS + MARGIN_SECONDS + 5).giveUp();
    expect(await notes()).toEqual([
      ['ReceiptParked', undefined],
      ['ReceiptTeleported', undefined],
    ]);
  });

  it('are counted by connector and reason', async () => {
    const metrics = new Metrics();
    const data = { receiptId: uuidOf('a'), connector: CONNECTOR, reason: 'unknown-id' };
    countEvents(metrics, [{ ...eventNamed('a'), type: 'ReceiptUnclaimed', data }]);
    expect(await metrics.render()).toContain(
      'surereach_receipts_unclaimed_total{connector="main",reason="unknown-id"} 1',
    );
    metrics.close();
  });
});
