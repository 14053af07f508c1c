import { beforeEach, describe, expect, it } from '@jest/globals';
import { quiet } from '../../test/support/eventually.js';
import { accept, attemptSubmit, messageIdOf, tookAs } from '../../test/support/message-commands.js';
import { CONNECTOR, receiptSm, ReceiptRoom } from '../../test/support/receipt-room.js';
import { JournalUnavailableError } from '../journal/journal.errors.js';
import { receiptStream } from '../message/receipt.events.js';
import { EarlyReceipts } from './early-receipts.js';

const ANOTHER_PHONE = '27830000000';

let room: ReceiptRoom;
let early: EarlyReceipts;
let warnings: number;

/** The submit_sm_resp of message 1 gives it this id. */
async function answered(id: string): Promise<void> {
  room.recent.remember(CONNECTOR, id, { messageId: messageIdOf(1), part: 1 });
  await room.given(tookAs(1, id));
  await early.flush();
}

async function notes(): Promise<readonly object[]> {
  return room.dataIn(receiptStream(CONNECTOR));
}

beforeEach(async () => {
  room = new ReceiptRoom();
  warnings = 0;
  early = new EarlyReceipts({
    lifecycle: room.lifecycle,
    recent: room.recent,
    waiting: room.waiting,
    ledgerOf: (connector) => (connector === CONNECTOR ? room.ledger : undefined),
    clock: room.clock,
    log: {
      warn: () => {
        warnings += 1;
      },
    },
  });
  await room.given(accept(1), attemptSubmit(1));
});

describe('a receipt before its submit_sm_resp', () => {
  it('is brought when the response comes, without a look at the read model', async () => {
    await room.deliver(receiptSm('aa'));
    expect(await room.typesOf(1)).not.toContain('MessageDelivered');
    const lookUps = room.lookUps.length;
    await answered('aa');
    expect(await room.typesOf(1)).toContain('MessageDelivered');
    expect(await notes()).toMatchObject([
      { type: 'ReceiptParked', receipt: { smscMessageId: 'aa' } },
      { type: 'ReceiptMatched', messageId: messageIdOf(1), part: 1, by: 'id' },
    ]);
    expect(room.lookUps).toHaveLength(lookUps);
    expect(room.waiting.of(CONNECTOR, 'aa')).toEqual([]);
  });

  it('is brought when the response came while it was looked up', async () => {
    const answer = room.holdLookUps();
    room.listener.delivered([room.incoming('1', receiptSm('aa'))]);
    await quiet();
    await answered('aa');
    answer();
    await room.listener.flush();
    await early.flush();
    expect(await room.typesOf(1)).toContain('MessageDelivered');
  });

  it('keeps its place before the next of the same part', async () => {
    await room.deliver(receiptSm('aa', 'UNDELIV'));
    await room.deliver(receiptSm('aa', 'DELIVRD'));
    await answered('aa');
    expect((await room.typesOf(1)).filter((type) => /^Message[UD]|Receipt/.test(type))).toEqual([
      'MessageUndelivered',
      'ReceiptContradicted',
    ]);
  });

  it('waits on when it is about another phone', async () => {
    await room.deliver(receiptSm('aa', 'DELIVRD', { source_addr: ANOTHER_PHONE }));
    await answered('aa');
    expect(await room.typesOf(1)).not.toContain('MessageDelivered');
    expect(room.waiting.of(CONNECTOR, 'aa')).toHaveLength(1);
    expect(await notes()).toMatchObject([{ type: 'ReceiptParked' }]);
  });

  it('is left to the matcher when it came long ago: the id may have been used before', async () => {
    await room.deliver(receiptSm('aa'));
    room.clock.advance(11 * 60_000);
    await answered('aa');
    expect(room.waiting.of(CONNECTOR, 'aa')).toHaveLength(1);
  });

  it('is left to the matcher when the store is away, and the next one is brought', async () => {
    await room.deliver(receiptSm('aa'));
    await room.given(tookAs(1, 'aa'));
    room.journal.failNext(new JournalUnavailableError('away'));
    room.recent.remember(CONNECTOR, 'aa', { messageId: messageIdOf(1), part: 1 });
    await early.flush();
    expect([warnings, room.waiting.of(CONNECTOR, 'aa').length]).toEqual([1, 1]);
    await answered('aa');
    expect(await room.typesOf(1)).toContain('MessageDelivered');
  });
});
