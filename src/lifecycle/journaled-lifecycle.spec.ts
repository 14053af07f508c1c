import { beforeEach, describe, expect, it } from '@jest/globals';
import { GatedJournal } from '../../test/support/gated-journal.js';
import { quiet } from '../../test/support/eventually.js';
import {
  accept,
  attemptSubmit,
  cancel,
  messageIdOf,
  recordReceipt,
  suppress,
  tookAs,
} from '../../test/support/message-commands.js';
import { at, receipt } from '../../test/support/message-builders.js';
import { uuidOf } from '../clock/ids.js';
import { SeededRandomness, VirtualClock } from '../clock/virtual-clock.js';
import type { NewEvent } from '../journal/journal.js';
import { MemoryJournal } from '../journal/memory/memory-journal.js';
import {
  MessageAlreadyAttemptedError,
  MessageUnknownError,
  ReceiptNotExpectedError,
} from '../message/message.errors.js';
import { JournaledLifecycle } from './journaled-lifecycle.js';
import type { Handled } from './message-lifecycle.js';
import { messageStream } from './message-stream.js';

let journal: GatedJournal;
let recorded: NewEvent[];
let lifecycle: JournaledLifecycle;
let seed = 1;

/** A process of its own over the same journal. */
function newLifecycle(): JournaledLifecycle {
  return new JournaledLifecycle(journal, new VirtualClock(), new SeededRandomness(seed++), (events) => {
    recorded.push(...events);
  });
}

function typesOf(handled: Handled | undefined): string[] | string | undefined {
  return handled?.status === 'handled' ? handled.events.map(({ type }) => type) : handled?.error.code;
}

async function streamOf(number: number): Promise<string[]> {
  const events = await journal.readStream(messageStream(messageIdOf(number)));
  return events.map(({ type }) => type);
}

beforeEach(() => {
  journal = new GatedJournal(new MemoryJournal());
  recorded = [];
  lifecycle = newLifecycle();
});

describe('handling commands', () => {
  it('answers in the order of the commands and makes them durable in one append', async () => {
    const handled = await lifecycle.handleMany([accept(3), accept(1), attemptSubmit(2), accept(2)]);
    expect(handled.map((result) => typesOf(result))).toEqual([
      ['MessageAccepted'],
      ['MessageAccepted'],
      'MESSAGE_UNKNOWN',
      ['MessageAccepted'],
    ]);
    expect(handled.map((result) => result.status === 'handled' && result.message.messageId)).toEqual([
      messageIdOf(3),
      messageIdOf(1),
      false,
      messageIdOf(2),
    ]);
    expect(journal.appendCalls).toHaveLength(1);
    expect(await streamOf(1)).toEqual(['MessageAccepted']);
  });

  it('lets several commands to one message take effect in their order', async () => {
    const handled = await lifecycle.handleMany([accept(1), attemptSubmit(1), tookAs(1, 'a'), suppress(1, 3)]);
    expect(handled.map((result) => typesOf(result))).toEqual([
      ['MessageAccepted'],
      ['SubmitAttempted'],
      ['MessageSubmitted'],
      'MESSAGE_ALREADY_ATTEMPTED',
    ]);
    expect(handled[0]).toMatchObject({ message: { status: 'accepted' } });
    expect(handled[2]).toMatchObject({ message: { status: 'submitted' } });
    expect(await streamOf(1)).toEqual(['MessageAccepted', 'SubmitAttempted', 'MessageSubmitted']);
  });

  it('refuses one command and leaves the others alone', async () => {
    await lifecycle.handleMany([accept(1), accept(2), attemptSubmit(2)]);
    const handled = await lifecycle.handleMany([
      recordReceipt(1, receipt('delivered')),
      suppress(2, 3),
      cancel(1, 3),
      cancel(9, 3),
    ]);
    expect(handled.map((result) => result.status === 'refused' && result.error.constructor)).toEqual([
      ReceiptNotExpectedError,
      MessageAlreadyAttemptedError,
      false,
      MessageUnknownError,
    ]);
    expect(await streamOf(1)).toEqual(['MessageAccepted', 'MessageCancelled']);
    expect(await streamOf(2)).toEqual(['MessageAccepted', 'SubmitAttempted']);
  });

  it('appends nothing for a command that changes nothing', async () => {
    await lifecycle.handleMany([accept(1), attemptSubmit(1)]);
    const [handled] = await lifecycle.handleMany([attemptSubmit(1, 2)]);
    expect(handled).toMatchObject({ status: 'handled', events: [], message: { status: 'submitting' } });
    expect(journal.appendCalls).toHaveLength(1);
  });

  it('does nothing for an empty list', async () => {
    expect(await lifecycle.handleMany([])).toEqual([]);
    expect(journal.appendCalls).toEqual([]);
  });

  it('knows from its cache what it appended, without reading back', async () => {
    await lifecycle.handleMany([accept(1)]);
    await lifecycle.handleMany([attemptSubmit(1)]);
    await lifecycle.handleMany([tookAs(1, 'a')]);
    expect(journal.readCalls).toEqual([]);
  });

  it('reads messages that it does not know in one call', async () => {
    await lifecycle.handleMany([accept(1), accept(2)]);
    await newLifecycle().handleMany([attemptSubmit(1), attemptSubmit(2), attemptSubmit(1, 2)]);
    expect(journal.readCalls).toEqual([[messageStream(messageIdOf(1)), messageStream(messageIdOf(2))]]);
  });
});

describe('accepting a message again', () => {
  it('writes no second event, in the same process and in another', async () => {
    await lifecycle.handleMany([accept(1)]);
    const [same] = await lifecycle.handleMany([accept(1, { text: 'Another text.', at: at(9) })]);
    const [other] = await newLifecycle().handleMany([accept(1, { at: at(9) })]);
    for (const handled of [same, other]) {
      expect(handled).toMatchObject({ status: 'handled', events: [], message: { acceptedAt: at(0) } });
      expect(handled).toMatchObject({ message: { text: 'Your card was used.' } });
    }
    expect(await streamOf(1)).toEqual(['MessageAccepted']);
  });

  it('writes one event when both stand in one call, or in two calls at once', async () => {
    const twice = await lifecycle.handleMany([accept(1), accept(1)]);
    expect(twice.map((result) => typesOf(result))).toEqual([['MessageAccepted'], []]);
    const [first, second] = await Promise.all([
      lifecycle.handleMany([accept(2)]),
      newLifecycle().handleMany([accept(2)]),
    ]);
    expect([typesOf(first[0]), typesOf(second[0])]).toEqual([['MessageAccepted'], []]);
    expect(await streamOf(2)).toEqual(['MessageAccepted']);
  });
});

describe('a message whose append is under way', () => {
  it('makes later commands wait, and they see its result', async () => {
    await lifecycle.handleMany([accept(1), accept(2)]);
    const { reached, release } = journal.hold();
    const first = lifecycle.handleMany([attemptSubmit(1)]);
    await reached;
    const order: string[] = [];
    const second = lifecycle.handleMany([tookAs(1, 'a')]).then((handled) => {
      order.push('second');
      return handled;
    });
    await quiet();
    expect(journal.appendCalls).toHaveLength(2);
    void first.then(() => order.push('first'));
    release();
    expect(typesOf((await second)[0])).toEqual(['MessageSubmitted']);
    expect(order).toEqual(['first', 'second']);
  });

  it('does not hold back commands to other messages in the same call', async () => {
    await lifecycle.handleMany([accept(1), accept(2)]);
    const { reached, release } = journal.hold();
    const first = lifecycle.handleMany([attemptSubmit(1)]);
    await reached;
    const mixed = lifecycle.handleMany([tookAs(1, 'a'), attemptSubmit(2)]);
    await quiet();
    // The append of message 2 is on its way although message 1 is not free.
    expect(journal.appendCalls.at(-1)).toMatchObject([{ stream: messageStream(messageIdOf(2)) }]);
    release();
    await first;
    expect((await mixed).map((result) => typesOf(result))).toEqual([
      ['MessageSubmitted'],
      ['SubmitAttempted'],
    ]);
  });

  it('lets nobody overtake one that waits, whatever else its list is held up by', async () => {
    await lifecycle.handleMany([1, 2].flatMap((number) => [accept(number), attemptSubmit(number)]));
    const submits = journal.hold();
    const submitted = lifecycle.handleMany([tookAs(2, '2-1')]);
    await submits.reached;
    const others = journal.hold();
    // Its half that may start, of message 1, is held longer than what its other half waits for.
    const first = lifecycle.handleMany([
      recordReceipt(1, receipt('delivered', 1)),
      recordReceipt(2, receipt('delivered', 2)),
    ]);
    await others.reached;
    submits.open();
    await submitted;
    const second = lifecycle.handleMany([recordReceipt(2, receipt('undeliverable', 2))]);
    await quiet();
    others.release();
    await Promise.all([first, second]);
    expect((await streamOf(2)).slice(-2)).toEqual(['MessageDelivered', 'ReceiptContradicted']);
  });

  it('never makes a waiter give up, however many wait', async () => {
    await lifecycle.handleMany([accept(1), attemptSubmit(1), tookAs(1, '1-1')]);
    const copies = Array.from({ length: 30 }, (_, copy) => receipt('enroute', 1, String(copy)));
    const handled = await Promise.all(copies.map((copy) => lifecycle.handleMany([recordReceipt(1, copy)])));
    expect(handled.map(([result]) => typesOf(result))).toEqual(copies.map(() => ['MessageBuffered']));
  });
});

describe('the ids of events', () => {
  it('follow from the command, one after another, and name it as their cause', async () => {
    const sendAt = at(60);
    await lifecycle.handleMany([accept(1, { sendAt })]);
    const [accepted, scheduled] = await journal.readStream(messageStream(messageIdOf(1)));
    expect(accepted?.type).toBe('MessageAccepted');
    expect(scheduled?.id).toBe(uuidOf(`${accepted?.id ?? ''}/1`));
    for (const event of [accepted, scheduled]) {
      expect(event?.metadata).toEqual({
        correlationId: messageIdOf(1),
        causationId: accepted?.id,
        tenantId: 'default',
        at: at(0),
        schemaVersion: 1,
      });
    }
  });

  it('are never the same for two commands', async () => {
    await lifecycle.handleMany([accept(1), accept(2), attemptSubmit(1), attemptSubmit(2)]);
    expect(new Set(recorded.map(({ id }) => id)).size).toBe(4);
  });
});

describe('what became durable', () => {
  it('is told once, in the order of the streams’ events', async () => {
    await lifecycle.handleMany([accept(1), attemptSubmit(1)]);
    await lifecycle.handleMany([attemptSubmit(1, 2)]);
    expect(recorded.map(({ type }) => type)).toEqual(['MessageAccepted', 'SubmitAttempted']);
  });

  it('is loaded as the journal tells it now, unknown ids being absent', async () => {
    await lifecycle.handleMany([accept(1)]);
    await newLifecycle().handleMany([attemptSubmit(1)]);
    const loaded = await lifecycle.load([messageIdOf(1), messageIdOf(2)]);
    expect([...loaded.keys()]).toEqual([messageIdOf(1)]);
    expect(loaded.get(messageIdOf(1))?.status).toBe('submitting');
  });
});
