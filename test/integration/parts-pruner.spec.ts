// The table of submitted parts is kept small: what is settled and old goes, a little at a time.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PartsPruner } from '../../projections/receipt-matching/parts-pruner.js';
import { ReceiptMatchingQueries } from '../../projections/receipt-matching/receipt-matching.queries.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { silentLog } from '../support/connector-recorder.js';
import { at, receipt } from '../support/message-builders.js';
import { accept, attemptSubmit, messageIdOf, recordReceipt, tookAs } from '../support/message-commands.js';
import { CONNECTOR, ReadModelRoom } from '../support/read-model-room.js';

const DAY_SECONDS = 24 * 3_600;

let room: ReadModelRoom;

beforeEach(async () => {
  room = await ReadModelRoom.open();
});
afterEach(async () => {
  await room.close();
});

async function submitted(number: number, smscMessageId: string, seconds: number): Promise<void> {
  await room.lifecycle.handleMany([
    accept(number),
    attemptSubmit(number),
    tookAs(number, smscMessageId, { seconds }),
  ]);
}

describe('the pruner', () => {
  const rows = async (): Promise<readonly string[]> =>
    (
      await room.rows<{ message_id: string }>('receipt_matching.submitted_parts', 'submitted_at, message_id')
    ).map(({ message_id }) => message_id);

  it('takes away what is older than the window and settled, a batch at a time, and passes open messages', async () => {
    const numbers = [1, 2, 3, 4, 5, 6];
    for (const number of numbers) await submitted(number, `id ${String(number)}`, number);
    await room.lifecycle.handleMany(
      [1, 3, 4, 5].map((number) => recordReceipt(number, receipt('delivered'))),
    );
    await submitted(7, 'young', 5 * DAY_SECONDS);
    await room.lifecycle.handleMany([recordReceipt(7, receipt('delivered'))]);
    await room.read();
    const clock = new VirtualClock(Date.parse(at(7 * DAY_SECONDS)));
    const pruner = new PartsPruner(room.pool, clock, silentLog, 2);
    expect(await pruner.prune()).toBe(false);
    expect(await rows()).toHaveLength(7);
    clock.advance(60_000);
    expect(await pruner.prune()).toBe(true);
    expect(await rows()).toEqual([2, 3, 4, 5, 6, 7].map(messageIdOf));
    expect(await pruner.prune()).toBe(true);
    expect(await pruner.prune()).toBe(true);
    expect(await pruner.prune()).toBe(false);
    expect(await rows()).toEqual([2, 6, 7].map(messageIdOf));
    const asked = ['id 1', 'id 2'].map((smscMessageId) => ({ smscMessageId, recipient: '' }));
    const owners = await new ReceiptMatchingQueries(room.pool).owners(CONNECTOR, at(300), asked);
    expect(owners).toMatchObject([undefined, { messageId: messageIdOf(2) }]);
  });

  it('walks again from the oldest: what was open then may be settled now', async () => {
    await submitted(1, 'id', 1);
    await room.read();
    const clock = new VirtualClock(Date.parse(at(8 * DAY_SECONDS)));
    const pruner = new PartsPruner(room.pool, clock, silentLog);
    await pruner.prune();
    expect(await rows()).toHaveLength(1);
    await room.lifecycle.handleMany([recordReceipt(1, receipt('delivered'))]);
    await room.read();
    pruner.start();
    clock.advance(500);
    await pruner.stop();
    expect(await rows()).toEqual([]);
  });
});
