import { describe, expect, it } from '@jest/globals';
import { answeredWith, AskingRoom } from '../../../test/support/asking-room.js';
import { at } from '../../../test/support/message-builders.js';
import {
  accept,
  attemptSubmit,
  cancel,
  messageIdOf,
  tookAs,
} from '../../../test/support/message-commands.js';
import { StatusTable } from '../pdu/command-status.js';
import { SubmitForm } from '../submit-form.js';
import type { ReplaceText } from '../../message/order.commands.js';

const CANCEL_FAIL = 0x11;
const THROTTLED = 0x58;
const RINVBNDSTS = 0x04;

const replace = (number: number, text = 'Another text.'): ReplaceText => ({
  type: 'ReplaceText',
  messageId: messageIdOf(number),
  at: at(3),
  text,
  encoding: 'gsm7',
  partCount: 1,
});

const newRoom = (): AskingRoom => new AskingRoom({ query: null });

async function cancelling(room = newRoom()): Promise<AskingRoom> {
  await room.submitted(1);
  await room.given(cancel(1, 3));
  await room.start();
  await room.pass(3_000);
  return room;
}

describe('carrying cancel_sm', () => {
  it('asks with the id and the addresses of the submit, after it is written down', async () => {
    const room = await cancelling();
    expect(room.port.asked).toEqual([
      {
        command: 'cancel_sm',
        smscMessageId: 'id-1',
        source: { ton: 5, npi: 0, address: 'SureReach' },
        destination: { ton: 1, npi: 1, address: '27831234567' },
      },
    ]);
    expect(room.messages.eventsOf(messageIdOf(1)).slice(-2)).toEqual(['CancelRequested', 'CancelAttempted']);
    await room.port.answer(answeredWith(0));
    expect(room.message(1)).toMatchObject({ status: 'cancelled', outcome: 'not-reached' });
    await room.pass(300_000);
    expect(room.port.asked).toHaveLength(1);
  });

  it('records what the SMSC refuses, and asks no more', async () => {
    const room = await cancelling();
    await room.port.answer(answeredWith(CANCEL_FAIL));
    expect(room.message(1)).toMatchObject({
      status: 'submitted',
      reason: 'the SMSC refused to cancel it: ESME_RCANCELFAIL',
    });
    await room.pass(300_000);
    expect(room.port.asked).toHaveLength(1);
  });

  it.each([
    ['no answer', { end: 'timed-out' } as const],
    ['a link that is lost', { end: 'link-lost' } as const],
    ['a throttled answer', answeredWith(THROTTLED)],
    ['an unbound session', answeredWith(RINVBNDSTS)],
  ])('asks again after %s, three times at most', async (_, end) => {
    const room = await cancelling();
    for (let tries = 1; tries <= 3; tries++) {
      expect(room.port.asked).toHaveLength(tries);
      await room.port.answer(end);
      await room.pass(67_000);
    }
    expect(room.port.asked).toHaveLength(3);
    expect(room.message(1).reason).toContain('did not answer cancel_sm');
  });

  it('waits while the connector has no capacity, without using up its tries', async () => {
    const room = newRoom();
    room.port.room = 0;
    await cancelling(room);
    await room.pass(200_000);
    expect([room.port.asked.length, room.message(1).order]).toEqual([
      0,
      expect.objectContaining({ tries: 0 }),
    ]);
    room.port.room = 1;
    await room.pass(1_000);
    expect(room.port.asked).toHaveLength(1);
  });

  it('leaves messages of other connectors alone, and they do not hide its own', async () => {
    const room = newRoom();
    for (let number = 10; number < 130; number++) {
      const took = { ...tookAs(number, `id-${String(number)}`), connector: 'other' };
      await room.given(accept(number), attemptSubmit(number), took, cancel(number, 3));
    }
    await room.submitted(1);
    await room.given(cancel(1, 4));
    await room.start();
    await room.pass(6_000);
    expect(room.port.asked).toMatchObject([{ command: 'cancel_sm', smscMessageId: 'id-1' }]);
    expect(room.message(10).order).toMatchObject({ kind: 'cancel', tries: 0 });
  });

  it('asks by the id as the SMSC gave it, where its receipts write another', async () => {
    const room = newRoom();
    const results = [{ part: 1, end: 'submitted', smscMessageId: '255', rawSmscMessageId: '0FF' } as const];
    await room.given(accept(1), attemptSubmit(1), { ...tookAs(1, '255'), results }, cancel(1, 3));
    await room.start();
    await room.pass(3_000);
    expect(room.port.asked).toMatchObject([{ command: 'cancel_sm', smscMessageId: '0FF' }]);
    await room.port.answer(answeredWith(0));
    expect(room.message(1).parts).toMatchObject([{ receiptState: 'deleted', smscMessageId: '255' }]);
  });

  it('takes a status for what it means at that SMSC', async () => {
    const room = newRoom();
    room.port.statuses = new StatusTable({ '0x11': { class: 'retry' } });
    await cancelling(room);
    await room.port.answer(answeredWith(CANCEL_FAIL));
    expect(room.message(1).order).toMatchObject({ kind: 'cancel', tries: 1 });
  });

  it('reaches a connector that a reload brought', async () => {
    const room = newRoom();
    const line = room.connectors.get('main');
    room.connectors.clear();
    await cancelling(room);
    expect(room.port.asked).toEqual([]);
    if (line !== undefined) room.connectors.set('main', line);
    await room.pass(1_000);
    expect(room.port.asked).toHaveLength(1);
  });

  it('is asked by one of two processes only', async () => {
    const room = newRoom();
    const other = new AskingRoom({ query: null }, { of: room });
    await room.submitted(1);
    await room.given(cancel(1, 3));
    room.orders.start();
    other.orders.start();
    await room.pass(5_000);
    expect(room.port.asked.length + other.port.asked.length).toBe(1);
  });

  it('stops when what it asked has ended', async () => {
    const room = await cancelling();
    let stopped = false;
    const stopping = room.orders.stop().then(() => {
      stopped = true;
    });
    await room.pass(0);
    expect(stopped).toBe(false);
    await room.port.answer(answeredWith(0));
    await stopping;
    expect(room.message(1).status).toBe('cancelled');
  });

  it('asks again when the answer could not be recorded', async () => {
    const room = await cancelling();
    room.messages.failWith = () => new Error('the store is away');
    await room.port.answer(answeredWith(0));
    room.messages.failWith = () => null;
    expect(room.message(1).status).toBe('submitted');
    expect(room.warnings.length).toBeGreaterThan(0);
    await room.pass(67_000);
    expect(room.port.asked).toHaveLength(2);
  });
});

describe('carrying replace_sm', () => {
  it('asks with the new text in the encoding of the submit, and records the answer', async () => {
    const room = newRoom();
    await room.submitted(1);
    await room.given(replace(1, 'Another @.'));
    await room.start();
    await room.pass(2_000);
    expect(room.port.asked).toMatchObject([
      { command: 'replace_sm', smscMessageId: 'id-1', registeredDelivery: 1 },
    ]);
    const [asked] = room.port.asked;
    // '@' is 0x00 in GSM 03.38.
    expect(asked?.command === 'replace_sm' ? asked.shortMessage.toString('hex') : '').toBe(
      `${Buffer.from('Another ').toString('hex')}00${Buffer.from('.').toString('hex')}`,
    );
    await room.port.answer(answeredWith(0));
    expect(room.message(1)).toMatchObject({ text: 'Another @.', order: null });
  });

  it.each([
    ['never', 'transceiver', 'its setting replace is never'],
    ['transmitter', 'transceiver', 'Table 2-1'],
  ] as const)('is refused with the setting %s on a %s, without asking', async (rule, bind, why) => {
    const room = new AskingRoom({ query: null, replace: rule, bind });
    await room.submitted(1);
    await room.given(replace(1));
    await room.start();
    await room.pass(2_000);
    expect(room.port.asked).toEqual([]);
    expect(room.message(1).reason).toContain(why);
  });

  it('is refused, without asking, when the alphabet of the SMSC lacks a character', async () => {
    const room = new AskingRoom({ query: null, form: new SubmitForm({ defaultAlphabet: 'ascii' }) });
    await room.submitted(1);
    await room.given(replace(1, 'Größe'));
    await room.start();
    await room.pass(2_000);
    expect(room.port.asked).toEqual([]);
    expect(room.message(1)).toMatchObject({ text: 'Your card was used.', order: null });
    expect(room.message(1).reason).toContain('connector main cannot write the text as its submit was');
  });

  it('takes ESME_RINVBNDSTS as the refusal of a strict SMSC, and keeps the text', async () => {
    const room = new AskingRoom({ query: null, replace: 'transmitter', bind: 'split' });
    await room.submitted(1);
    await room.given(replace(1));
    await room.start();
    await room.pass(2_000);
    await room.port.answer(answeredWith(RINVBNDSTS));
    expect(room.message(1)).toMatchObject({
      text: 'Your card was used.',
      reason: 'the SMSC refused to replace the text: ESME_RINVBNDSTS',
    });
  });
});
