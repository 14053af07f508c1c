import { beforeEach, describe, expect, it } from '@jest/globals';
import { quiet } from '../../test/support/eventually.js';
import { at, every } from '../../test/support/message-builders.js';
import {
  accept,
  attemptSubmit,
  messageIdOf,
  recordSubmission,
  tookAs,
} from '../../test/support/message-commands.js';
import { receiptPdu } from '../../test/support/receipt-pdu.js';
import {
  CONNECTOR,
  CONVERSATION,
  deliverSm,
  receiptSm,
  receiptText,
  ReceiptRoom,
} from '../../test/support/receipt-room.js';
import { AppendOutcomeUnknownError, JournalUnavailableError } from '../journal/journal.errors.js';
import { conversationStream } from '../message/inbound.events.js';
import { receiptStream } from '../message/receipt.events.js';
import { conversationIdOf } from './inbound/conversations.js';

const ROK = 0;
const RSYSERR = 8;
const RMSGQFUL = 0x14;
const PARKED = receiptStream(CONNECTOR);

let room: ReceiptRoom;

beforeEach(async () => {
  room = new ReceiptRoom();
  await room.given(
    ...[accept(1), attemptSubmit(1), tookAs(1, 'aa')],
    ...[accept(2), attemptSubmit(2), tookAs(2, 'bb')],
  );
  room.owners.set(`${CONNECTOR} aa`, { messageId: messageIdOf(1), part: 1 });
  room.owners.set(`${CONNECTOR} bb`, { messageId: messageIdOf(2), part: 1 });
});

describe('a receipt', () => {
  it('is answered ESME_ROK strictly after it is durable', async () => {
    const { reached, release } = room.journal.hold();
    room.listener.delivered([room.incoming('1', receiptSm('aa'))]);
    await reached;
    await quiet();
    expect(room.answers).toEqual([]);
    release();
    await room.listener.flush();
    expect(room.answers).toEqual([`1 ${String(ROK)}`]);
    expect(await room.typesOf(1)).toContain('MessageDelivered');
  });

  it('is recorded with what it said, and when we heard it', async () => {
    await room.deliver(receiptSm('aa', 'UNDELIV'));
    expect((await room.eventsOf(1)).at(-1)).toMatchObject({
      type: 'MessageUndelivered',
      metadata: { at: at(300) },
      data: {
        part: 1,
        receipt: {
          connector: CONNECTOR,
          smscMessageId: 'aa',
          state: 'undeliverable',
          networkError: '000',
          doneDate: '2601010805',
          receivedAt: at(300),
          raw: receiptText('aa', 'UNDELIV'),
        },
      },
    });
  });

  it('comes with others in one durable write', async () => {
    const appends = room.journal.appendCalls.length;
    await room.deliver(receiptSm('aa'), receiptSm('bb'), receiptSm('aa'));
    expect(room.journal.appendCalls).toHaveLength(appends + 1);
    expect(room.answers).toEqual([`1 ${String(ROK)}`, `2 ${String(ROK)}`, `3 ${String(ROK)}`]);
  });

  it('waits for its turn when many lists are under way, and goes with the others that wait', async () => {
    const answer = room.holdLookUps();
    for (let read = 0; read < 12; read++) {
      room.listener.delivered([room.incoming(String(read), receiptSm(`unknown-${String(read)}`))]);
    }
    await quiet();
    expect(room.lookUps.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
    answer();
    await room.listener.flush();
    expect(room.lookUps.map(({ length }) => length)).toEqual([1, 1, 1, 1, 8]);
    expect(room.answers).toHaveLength(12);
    expect(await room.dataIn(PARKED)).toHaveLength(12);
  });

  it('that comes a hundred times is recorded once, and every copy is answered', async () => {
    await room.deliver(...Array.from({ length: 50 }, () => receiptSm('aa')));
    for (let copy = 0; copy < 50; copy++) await room.deliver(receiptSm('aa'));
    expect(await room.typesOf(1)).toEqual([
      'MessageAccepted',
      'SubmitAttempted',
      'MessageSubmitted',
      'MessageDelivered',
    ]);
    expect(room.answers.filter((answer) => answer.endsWith(` ${String(ROK)}`))).toHaveLength(100);
    expect(room.listener.counts).toMatchObject({ received: 100, recorded: 100, parked: 0, refused: 0 });
  });

  it('that must be looked up is not overtaken by one behind it that needs no look-up', async () => {
    const answer = room.holdLookUps();
    room.listener.delivered([room.incoming('1', receiptSm('aa'))]);
    room.recent.remember(CONNECTOR, 'aa', { messageId: messageIdOf(1), part: 1 });
    room.listener.delivered([room.incoming('2', receiptSm('aa', 'UNDELIV'))]);
    await quiet();
    expect(room.answers).toEqual([]);
    answer();
    await room.listener.flush();
    expect((await room.typesOf(1)).slice(-2)).toEqual(['MessageDelivered', 'ReceiptContradicted']);
  });

  it('is recorded although the look-up of one before it failed', async () => {
    room.lookUpFailure = new Error('away');
    room.listener.delivered([room.incoming('1', receiptSm('aa'))]);
    room.recent.remember(CONNECTOR, 'bb', { messageId: messageIdOf(2), part: 1 });
    room.listener.delivered([room.incoming('2', receiptSm('bb'))]);
    await room.listener.flush();
    expect([...room.answers].sort()).toEqual([`1 ${String(RSYSERR)}`, `2 ${String(ROK)}`]);
  });

  it('of a part sent a moment ago needs no look at the read model', async () => {
    room.recent.remember(CONNECTOR, 'aa', { messageId: messageIdOf(1), part: 1 });
    await room.deliver(receiptSm('aa'), receiptSm('bb'));
    expect(room.lookUps.map((ids) => ids.map(({ smscMessageId }) => smscMessageId))).toEqual([['bb']]);
    expect(await room.typesOf(1)).toContain('MessageDelivered');
    expect(await room.typesOf(2)).toContain('MessageDelivered');
  });
});

describe('while the store is away', () => {
  it.each([
    ['the message’s append fails', 'aa'],
    ['parking fails', 'unknown'],
  ])('a receipt is answered ESME_RSYSERR, so that it comes again: %s', async (_, id) => {
    room.journal.failNext(new JournalUnavailableError('away'));
    await room.deliver(receiptSm(id));
    expect(room.answers).toEqual([`1 ${String(RSYSERR)}`]);
    expect(room.listener.counts).toMatchObject({ recorded: 0, parked: 0, refused: 1 });
    await room.deliver(receiptSm(id));
    expect(room.answers.at(-1)).toBe(`1 ${String(ROK)}`);
    expect(room.listener.counts.recorded + room.listener.counts.parked).toBe(1);
  });

  it('receipts and messages from phones are answered ESME_RMSGQFUL where the connector says so', async () => {
    const listener = room.listenerOf(CONNECTOR, CONNECTOR, {}, 'ESME_RMSGQFUL');
    const pdus = [receiptSm('aa'), receiptSm('unknown'), deliverSm({ short_message: Buffer.from('hello') })];
    for (const [index, pdu] of pdus.entries()) {
      room.journal.failNext(new JournalUnavailableError('away'));
      listener.delivered([room.incoming(String(index), pdu)]);
      await listener.flush();
    }
    expect(room.answers).toEqual(['0', '1', '2'].map((name) => `${name} ${String(RMSGQFUL)}`));
    expect(listener.counts).toMatchObject({ recorded: 0, parked: 0, refused: 3 });
    listener.delivered(pdus.map((pdu, index) => room.incoming(String(index), pdu)));
    await listener.flush();
    expect(room.answers.slice(3).map((answer) => answer.split(' ')[1])).toEqual(['0', '0', '0']);
  });

  it('a receipt is answered ESME_RSYSERR when its owner cannot be looked up', async () => {
    room.lookUpFailure = new Error('connection refused');
    await room.deliver(receiptSm('aa'));
    expect(room.answers).toEqual([`1 ${String(RSYSERR)}`]);
  });

  it('no other receipt of the same read is acknowledged on its behalf', async () => {
    room.journal.failNext(new JournalUnavailableError('away'));
    await room.deliver(receiptSm('aa'), receiptSm('unknown'));
    expect(room.answers).toEqual([`1 ${String(RSYSERR)}`, `2 ${String(RSYSERR)}`]);
  });

  it('a receipt whose write was lost is acknowledged only when it is found to be durable', async () => {
    room.journal.failNext(new AppendOutcomeUnknownError('link lost'), true);
    await room.deliver(receiptSm('aa'));
    await room.deliver(receiptSm('aa'));
    expect(room.answers).toEqual([`1 ${String(RSYSERR)}`, `1 ${String(ROK)}`]);
    expect((await room.typesOf(1)).filter((type) => type === 'MessageDelivered')).toHaveLength(1);
  });
});

describe('a receipt that belongs to nobody yet', () => {
  it('is parked, durable before it is acknowledged', async () => {
    const { reached, release } = room.journal.hold();
    room.listener.delivered([room.incoming('1', receiptSm('early'))]);
    await reached;
    await quiet();
    expect(room.answers).toEqual([]);
    release();
    await room.listener.flush();
    expect(room.answers).toEqual([`1 ${String(ROK)}`]);
    expect(await room.dataIn(PARKED)).toMatchObject([
      {
        type: 'ReceiptParked',
        receipt: { smscMessageId: 'early', state: 'delivered' },
        personal: { to: '27831234567' },
      },
    ]);
    expect(room.parkedCalls).toBe(1);
  });

  it('is parked although it has neither id nor state we know', async () => {
    const short_message = Buffer.from('stat:NONSENSE');
    await room.deliver(deliverSm({ esm_class: 4, short_message }));
    expect(await room.dataIn(PARKED)).toMatchObject([{ receipt: { smscMessageId: '', state: 'unknown' } }]);
  });

  it('is the same receipt whenever and wherever it comes, and another content is another', async () => {
    await room.deliver(receiptSm('x'), receiptSm('x', 'UNDELIV'));
    room.clock.advance(60_000);
    await room.deliver(receiptSm('x'));
    const parked = (await room.dataIn(PARKED)) as { receipt: { receiptId: string } }[];
    const [first, contradicting, copy] = parked.map(({ receipt }) => receipt.receiptId);
    expect(copy).toBeUndefined();
    expect(contradicting).not.toBe(first);
  });

  it('holds back what comes after it for the same id, so that the first to come stays the first', async () => {
    await room.deliver(receiptSm('late'));
    room.owners.set(`${CONNECTOR} late`, { messageId: messageIdOf(1), part: 1 });
    room.recent.remember(CONNECTOR, 'late', { messageId: messageIdOf(1), part: 1 });
    await room.deliver(receiptSm('late', 'UNDELIV'), receiptSm('bb'));
    expect(await room.dataIn(PARKED)).toMatchObject([
      { receipt: { smscMessageId: 'late', state: 'delivered' } },
      { receipt: { smscMessageId: 'late', state: 'undeliverable' } },
    ]);
    expect(await room.typesOf(2)).toContain('MessageDelivered');
  });

  it('is noted once however often it comes, and no copy is acknowledged before the note is durable', async () => {
    const { reached, release } = room.journal.hold();
    room.listener.delivered([room.incoming('1', receiptSm('early')), room.incoming('2', receiptSm('early'))]);
    await reached;
    room.listener.delivered([room.incoming('3', receiptSm('early'))]);
    await quiet();
    expect(room.answers).toEqual([]);
    release();
    await room.listener.flush();
    expect([...room.answers].sort()).toEqual(['1 0', '2 0', '3 0']);
    expect(await room.dataIn(PARKED)).toHaveLength(1);
  });

  it('is noted by its copy when its own note was refused', async () => {
    room.journal.failNext(new JournalUnavailableError('away'), false);
    await room.deliver(receiptSm('early'));
    await room.deliver(receiptSm('early'));
    expect(room.answers).toEqual([`1 ${String(RSYSERR)}`, `1 ${String(ROK)}`]);
    expect(await room.dataIn(PARKED)).toHaveLength(1);
  });

  it('never goes to a message of another group with the same id', async () => {
    room.owners.delete(`${CONNECTOR} aa`);
    room.owners.set('other aa', { messageId: messageIdOf(1), part: 1 });
    room.recent.remember('other', 'aa', { messageId: messageIdOf(1), part: 1 });
    await room.deliver(receiptSm('aa'));
    expect(await room.typesOf(1)).not.toContain('MessageDelivered');
    expect(await room.dataIn(PARKED)).toHaveLength(1);
  });

  it('is one receipt through whichever connector of the group it comes, and parked for the group', async () => {
    const sisters = ['north', 'south'].map((name) => room.listenerOf(name, 'operator'));
    for (const listener of sisters) {
      listener.delivered([room.incoming('1', receiptSm('early'))]);
      await listener.flush();
    }
    expect(await room.dataIn(PARKED)).toMatchObject([
      { group: 'operator', receipt: { connector: 'north', smscMessageId: 'early' } },
    ]);
  });

  it('is two receipts when an SMSC that starts its ids anew uses one for two phones', async () => {
    await room.deliver(receiptSm('0'), receiptSm('0', 'DELIVRD', { source_addr: '15550001234' }));
    expect(await room.dataIn(PARKED)).toMatchObject([
      { personal: { to: '27831234567' } },
      { personal: { to: '15550001234' } },
    ]);
  });

  it('does not hold back a receipt of the same id about another phone', async () => {
    await room.deliver(receiptSm('cc', 'DELIVRD', { source_addr: '15550001234' }));
    room.owners.set(`${CONNECTOR} cc`, { messageId: messageIdOf(1), part: 1 });
    await room.deliver(receiptSm('cc', 'UNDELIV'));
    expect(await room.typesOf(1)).toContain('MessageUndelivered');
  });
});

describe('a receipt of a connector of the group', () => {
  it('goes to what another connector has submitted a moment ago, or long ago', async () => {
    const south = room.listenerOf('south', 'operator');
    room.recent.remember('operator', 'aa', { messageId: messageIdOf(1), part: 1 });
    room.owners.set('operator bb', { messageId: messageIdOf(2), part: 1 });
    south.delivered([room.incoming('1', receiptSm('aa')), room.incoming('2', receiptSm('bb'))]);
    await south.flush();
    expect((await room.eventsOf(1)).at(-1)).toMatchObject({
      type: 'MessageDelivered',
      data: { receipt: { connector: 'south', group: 'operator' } },
    });
    expect(await room.typesOf(2)).toContain('MessageDelivered');
  });
});

describe('the settings of a connector', () => {
  it('bring a receipt’s id into the form in which the submit’s is kept, and its date into an instant', async () => {
    const listener = room.listenerOf(CONNECTOR, CONNECTOR, {
      receiptIdBase: 'hex',
      timeZone: 'Africa/Johannesburg',
    });
    room.owners.set(`${CONNECTOR} 170`, { messageId: messageIdOf(1), part: 1 });
    listener.delivered([room.incoming('1', receiptSm('00AA'))]);
    await listener.flush();
    expect((await room.eventsOf(1)).at(-1)).toMatchObject({
      type: 'MessageDelivered',
      data: {
        receipt: { smscMessageId: '170', doneDate: '2601010805', doneAt: '2026-01-01T06:05:00.000Z' },
      },
    });
  });
});

describe('a receipt that its message refuses', () => {
  it('is parked: the part was never sent', async () => {
    await room.given(
      ...[accept(3), attemptSubmit(3)],
      recordSubmission(3, [
        { part: 1, end: 'deferred', cause: 'not-sent', commandStatus: null, retry: every(400) },
      ]),
    );
    room.owners.set(`${CONNECTOR} cc`, { messageId: messageIdOf(3), part: 1 });
    await room.deliver(receiptSm('aa'), receiptSm('cc'));
    expect(room.answers).toEqual([`1 ${String(ROK)}`, `2 ${String(ROK)}`]);
    expect(await room.dataIn(PARKED)).toMatchObject([{ receipt: { smscMessageId: 'cc' } }]);
    expect(room.listener.counts).toMatchObject({ received: 2, recorded: 1, parked: 1 });
  });

  it('is parked: it names another phone, so the SMSC means another message by this id', async () => {
    await room.deliver(receiptSm('aa', 'DELIVRD', { source_addr: '15550001234' }));
    expect(room.answers).toEqual([`1 ${String(ROK)}`]);
    expect(await room.typesOf(1)).not.toContain('MessageDelivered');
    expect(await room.dataIn(PARKED)).toMatchObject([{ personal: { to: '15550001234' } }]);
  });

  it.each(['+27831234567', '0831234567', 'SureReach', ''])(
    'is not one whose phone is only written differently, or not at all: %j',
    async (source_addr) => {
      await room.deliver(receiptSm('aa', 'DELIVRD', { source_addr }));
      expect(await room.typesOf(1)).toContain('MessageDelivered');
    },
  );

  it('is parked: the message is unknown', async () => {
    room.owners.set(`${CONNECTOR} dd`, { messageId: messageIdOf(99), part: 1 });
    await room.deliver(receiptSm('dd'));
    expect(await room.dataIn(PARKED)).toHaveLength(1);
  });
});

describe('a message from a phone', () => {
  it('may come as data_sm, and goes the same way', async () => {
    const pdu = receiptPdu({ pdu: 'data_sm', esmClass: 0, dataCoding: 0, tlvs: { '0424': '6869' } });
    await room.deliver(pdu);
    expect(room.answers).toEqual([`1 ${String(ROK)}`]);
    expect(await room.dataIn(PARKED)).toEqual([]);
    const conversation = conversationStream(conversationIdOf({ ours: 'SureReach', theirs: '447700900123' }));
    expect(await room.dataIn(conversation)).toMatchObject([
      { type: 'MessageReceived', connector: CONNECTOR, personal: { text: 'hi' } },
    ]);
  });

  it('goes to its conversation, apart from the receipts', async () => {
    const short_message = Buffer.from('0430043104320433', 'hex');
    await room.deliver(deliverSm({ short_message, data_coding: 8 }), receiptSm('aa'));
    expect(await room.dataIn(CONVERSATION)).toMatchObject([
      {
        type: 'MessageReceived',
        connector: CONNECTOR,
        to: 'SureReach',
        personal: { from: '+27831234567', text: 'абвг', octetsHex: ['0430043104320433'] },
      },
    ]);
    expect(await room.dataIn(PARKED)).toEqual([]);
    expect([...room.answers].sort()).toEqual([`1 ${String(ROK)}`, `2 ${String(ROK)}`]);
  });

  it('is no receipt, whatever its text says', async () => {
    await room.deliver(deliverSm({ short_message: Buffer.from(receiptText('aa')) }));
    expect(await room.typesOf(1)).not.toContain('MessageDelivered');
    expect(await room.dataIn(CONVERSATION)).toHaveLength(1);
  });

  it('does not harm the receipts of the same read when it cannot be kept', async () => {
    const { reached, release } = room.journal.hold();
    room.journal.failNext(new JournalUnavailableError('away'));
    room.listener.delivered([
      room.incoming('text', deliverSm({ short_message: Buffer.from('hello') })),
      room.incoming('receipt', receiptSm('aa')),
    ]);
    await reached;
    release();
    await room.listener.flush();
    expect([...room.answers].map((answer) => answer.split(' ')[1]).sort()).toEqual(['0', '8']);
  });
});

describe('flushing', () => {
  it('resolves when everything received so far is answered', async () => {
    await room.listener.flush();
    const { reached, release } = room.journal.hold();
    room.listener.delivered([room.incoming('1', receiptSm('aa'))]);
    await reached;
    let flushed = false;
    const flush = room.listener.flush().then(() => {
      flushed = true;
    });
    await quiet();
    expect(flushed).toBe(false);
    room.listener.delivered([room.incoming('2', receiptSm('bb'))]);
    release();
    await flush;
    expect(room.answers).toHaveLength(2);
  });
});
