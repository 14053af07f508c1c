// Submitted parts and parked receipts over a real database: who may own a receipt, and in which order
// receipts are brought.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ClaimCursor,
  ReceiptMatchingQueries,
} from '../../projections/receipt-matching/receipt-matching.queries.js';
import { uuidOf } from '../../src/clock/ids.js';
import type { ReceiptParked } from '../../src/message/receipt.events.js';
import { at, receipt } from '../support/message-builders.js';
import {
  accept,
  attemptSubmit,
  messageIdOf,
  recordReceipt,
  recordSubmission,
  tookAs,
} from '../support/message-commands.js';
import { CONNECTOR, ReadModelRoom } from '../support/read-model-room.js';

const BEGINNING: ClaimCursor = { claimableAt: -1n, position: -1n };
const DAY_SECONDS = 24 * 3_600;

let room: ReadModelRoom;
let queries: ReceiptMatchingQueries;

beforeEach(async () => {
  room = await ReadModelRoom.open();
  queries = new ReceiptMatchingQueries(room.pool);
});
afterEach(async () => {
  await room.close();
});

function parked(
  smscMessageId: string,
  name = smscMessageId,
  to = '27831234567',
  seconds = 300,
): ReceiptParked {
  const evidence = {
    ...receipt('delivered'),
    receiptId: uuidOf(name),
    smscMessageId,
    receivedAt: at(seconds),
  };
  return { receipt: evidence, group: CONNECTOR, personal: { to } };
}

async function submitted(number: number, smscMessageId: string, seconds = 2): Promise<void> {
  await room.lifecycle.handleMany([
    accept(number),
    attemptSubmit(number),
    tookAs(number, smscMessageId, { seconds }),
  ]);
}

async function ownersOf(
  ids: readonly string[],
  group = CONNECTOR,
  recipient = '',
): Promise<readonly unknown[]> {
  return queries.owners(
    group,
    at(300),
    ids.map((smscMessageId) => ({ smscMessageId, recipient })),
  );
}

const claimable = async (after = BEGINNING, limit = 100) => queries.claimable(CONNECTOR, after, limit);

describe('the owner of an id', () => {
  it('is the newest submit of its group', async () => {
    await submitted(1, 'reused', 2);
    await submitted(2, 'reused', 3);
    await submitted(3, '');
    await room.read();
    expect(await ownersOf(['unknown', 'reused', ''])).toEqual([
      undefined,
      { messageId: messageIdOf(2), part: 1 },
      undefined,
    ]);
    expect(await ownersOf(['reused'], 'other')).toEqual([undefined]);
  });

  it('is found through any connector of the group in which it was submitted', async () => {
    const part = { part: 1, end: 'submitted' as const, smscMessageId: 'shared' };
    await room.lifecycle.handleMany([
      ...[accept(1), attemptSubmit(1)],
      { ...recordSubmission(1, [part]), group: 'an operator' },
    ]);
    await room.read();
    expect(await ownersOf(['shared'], 'an operator')).toEqual([{ messageId: messageIdOf(1), part: 1 }]);
    expect(await ownersOf(['shared'], CONNECTOR)).toEqual([undefined]);
  });

  it('is nobody who submitted a week before, or long after the receipt came', async () => {
    await submitted(1, 'old', -8 * DAY_SECONDS);
    await submitted(2, 'in time', -6 * DAY_SECONDS);
    await submitted(3, 'answered late', 300 + 60);
    await submitted(4, 'of tomorrow', DAY_SECONDS);
    await room.read();
    expect(await ownersOf(['old', 'in time', 'answered late', 'of tomorrow'])).toMatchObject([
      undefined,
      { messageId: messageIdOf(2) },
      { messageId: messageIdOf(3) },
      undefined,
    ]);
  });

  it('is hidden while an earlier receipt of the same id and phone waits, and only then', async () => {
    await submitted(1, 'early');
    await room.ledger.park([parked('early')]);
    await room.read();
    expect(await ownersOf(['early'])).toEqual([undefined]);
    expect(await ownersOf(['early'], CONNECTOR, '+27 83 123 4567')).toEqual([undefined]);
    expect(await ownersOf(['early'], CONNECTOR, '15550001234')).toMatchObject([{ part: 1 }]);
    await room.ledger.matched([{ receiptId: uuidOf('early'), messageId: messageIdOf(1), part: 1, by: 'id' }]);
    await room.read();
    expect(await ownersOf(['early'])).toMatchObject([{ part: 1 }]);
  });

  it('is learned from a receipt that was recorded before its submit_sm_resp: more are to come', async () => {
    await room.lifecycle.handleMany([
      ...[accept(1), attemptSubmit(1)],
      recordReceipt(1, { ...receipt('enroute'), smscMessageId: 'overtaken', group: 'an operator' }),
      tookAs(1, 'overtaken'),
    ]);
    await room.read();
    expect(await ownersOf(['overtaken'], 'an operator')).toEqual([{ messageId: messageIdOf(1), part: 1 }]);
  });

  it('is learned from a match by recipient: the next receipt of the part is found by it', async () => {
    await room.ledger.park([parked('early'), parked('early', 'its second')]);
    await room.read();
    await room.ledger.matched([
      { receiptId: uuidOf('early'), messageId: messageIdOf(1), part: 1, by: 'recipient' },
    ]);
    await room.read();
    const [second] = await queries.parkedBefore(CONNECTOR, at(301), null, 10);
    expect(second?.candidates).toEqual([{ messageId: messageIdOf(1), part: 1 }]);
    await room.ledger.matched([
      { receiptId: uuidOf('its second'), messageId: messageIdOf(1), part: 1, by: 'id' },
    ]);
    await room.read();
    expect(await ownersOf(['early'])).toEqual([{ messageId: messageIdOf(1), part: 1 }]);
  });
});

describe('a parked receipt', () => {
  it('can be claimed when its id is known, whichever came first, until it is matched', async () => {
    await room.ledger.park([parked('early'), parked('early')]);
    await room.lifecycle.handleMany([accept(1), attemptSubmit(1)]);
    await room.read();
    expect(await queries.hasParked(CONNECTOR)).toBe(true);
    expect(await queries.hasParked('other')).toBe(false);
    expect(await claimable()).toEqual([]);
    await room.lifecycle.handleMany([tookAs(1, 'early')]);
    await room.ledger.park([parked('early', 'a later one')]);
    await room.read();
    expect(await claimable()).toMatchObject([
      { receipt: parked('early').receipt, candidates: [{ messageId: messageIdOf(1), part: 1 }] },
      { receipt: { receiptId: uuidOf('a later one') } },
    ]);
    expect(await queries.claimable('other', BEGINNING, 100)).toEqual([]);
    await room.ledger.matched(
      ['early', 'a later one'].map((name) => ({
        receiptId: uuidOf(name),
        messageId: messageIdOf(1),
        part: 1,
        by: 'id' as const,
      })),
    );
    await room.read();
    expect(await claimable()).toEqual([]);
    expect(await queries.hasParked(CONNECTOR)).toBe(false);
  });

  it('never becomes claimable before what was read already', async () => {
    await room.ledger.park([parked('late'), parked('soon')]);
    await submitted(1, 'soon');
    await room.read();
    const [first] = await claimable();
    expect(first?.receipt.smscMessageId).toBe('soon');
    await submitted(2, 'late');
    await room.read();
    expect(await claimable(first)).toMatchObject([{ receipt: { smscMessageId: 'late' } }]);
  });

  it('stands behind those of its id that came before it', async () => {
    const inOrder = Array.from({ length: 40 }, (_, n) => parked('early', `early ${String(n)}`));
    await room.ledger.park(inOrder);
    await submitted(1, 'early');
    await room.read();
    const first = await claimable(BEGINNING, 15);
    const rest = await claimable(first.at(-1));
    expect([...first, ...rest].map(({ receipt: { receiptId } }) => receiptId)).toEqual(
      inOrder.map(({ receipt: { receiptId } }) => receiptId),
    );
  });

  it('of an id used again may be the newest submit’s before it, then those before, then those after it', async () => {
    await submitted(1, '0', 100);
    await submitted(2, '0', 200);
    await submitted(3, '0', 305);
    await submitted(4, '0', -8 * DAY_SECONDS);
    await room.ledger.park([parked('0')]);
    await room.read();
    const [only] = await claimable();
    expect(only?.candidates.map(({ messageId }) => messageId)).toEqual([2, 1, 3].map(messageIdOf));
  });

  it('that nobody claims does not hide those behind it', async () => {
    await room.ledger.park(['a', 'b', 'c'].map((name) => parked(name)));
    await room.read();
    const first = await queries.parkedBefore(CONNECTOR, at(301), null, 2);
    const last = first.at(-1)?.receipt;
    const cursor = { parkedAt: last?.receivedAt ?? '', receiptId: last?.receiptId ?? '' };
    const second = await queries.parkedBefore(CONNECTOR, at(301), cursor, 2);
    const read = [...first, ...second].map(({ receipt: { smscMessageId } }) => smscMessageId);
    expect([...read].sort()).toEqual(['a', 'b', 'c']);
    expect(await queries.parkedBefore(CONNECTOR, at(300), null, 2)).toEqual([]);
  });

  it('is told of in the same way however the events were cut into batches', async () => {
    await submitted(1, 'x', 2);
    await room.ledger.park([parked('x', 'after'), parked('y', 'before'), parked('z', 'never')]);
    await submitted(2, 'y', 3);
    await submitted(3, 'x', 4);
    await room.ledger.park([parked('z', 'second'), parked('y', 'third')]);
    await room.ledger.matched([
      { receiptId: uuidOf('never'), messageId: messageIdOf(9), part: 1, by: 'recipient' },
      { receiptId: uuidOf('third'), messageId: messageIdOf(2), part: 1, by: 'id' },
    ]);
    await room.ledger.park([parked('z', 'fourth')]);
    const seen: unknown[] = [];
    for (const batchSize of [1, 2, 3, 5, 100]) {
      await room.forget();
      await room.read({ models: ['receipt-matching'], batchSize });
      seen.push(await room.contents());
    }
    expect(seen.slice(1)).toEqual(seen.slice(0, -1));
    expect(await claimable()).toHaveLength(3);
  });
});
