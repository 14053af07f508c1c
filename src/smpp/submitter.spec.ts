import { beforeEach, describe, expect, it } from '@jest/globals';
import { accepted, at, VALIDITY_SECONDS } from '../../test/support/message-builders.js';
import { accept, attemptSubmit, messageIdOf } from '../../test/support/message-commands.js';
import { answered, SENDER, SubmitRoom, tagText } from '../../test/support/submit-room.js';
import { quiet } from '../../test/support/eventually.js';
import type { NewEvent } from '../journal/journal.js';
import { toNewEvent } from '../lifecycle/message-stream.js';
import { MessageUnknownError } from '../message/message.errors.js';

let room: SubmitRoom;

beforeEach(() => {
  room = new SubmitRoom();
});

describe('writing ahead', () => {
  it('hands a part to the connector only when its attempt is durable', async () => {
    await room.given(accept(1), accept(2));
    const durableAtSubmit: string[] = [];
    room.port.onSubmit = (items) => {
      for (const { tag } of items) {
        const { status, lastAttempt } = room.messages.message(tag.messageId);
        durableAtSubmit.push(`${tagText(tag)} ${status} by ${lastAttempt?.sender ?? 'nobody'}`);
      }
    };
    const { reached, release } = room.lifecycle.hold();
    room.submitter.start();
    await reached;
    await quiet();
    expect(room.port.sent).toEqual([]);
    release();
    await quiet();
    expect(durableAtSubmit).toEqual([`1/1 of 1 submitting by ${SENDER}`, `2/1 of 1 submitting by ${SENDER}`]);
  });

  it('attempts a list of messages in one append', async () => {
    await room.given(...Array.from({ length: 40 }, (_, index) => accept(index + 1)));
    await room.start();
    expect(room.lifecycle.sizes).toEqual([40]);
    expect(room.port.sent).toHaveLength(40);
  });

  it('sends nothing for a message that another sender attempted first', async () => {
    await room.given(accept(1));
    room.rows.hold();
    await room.given(attemptSubmit(1, 1, 'other'));
    await room.start();
    expect(room.port.sent).toEqual([]);
    expect(room.messages.message(messageIdOf(1)).lastAttempt?.sender).toBe('other');
  });

  it('sends neither expired nor cancelled messages, nor those the decider refuses', async () => {
    await room.given(accept(1, { validUntil: at(0.5) }), accept(2), accept(3));
    room.rows.hold();
    await room.given({ type: 'CancelMessage', messageId: messageIdOf(2), at: at(1), reason: 'asked for' });
    const refuse = { type: 'AttemptSubmit', messageId: messageIdOf(3) };
    const decide = room.messages.handleMany.bind(room.messages);
    room.messages.handleMany = async (commands) => {
      const handled = await decide(commands.filter(({ messageId }) => messageId !== refuse.messageId));
      const error = new MessageUnknownError(refuse.messageId);
      return [...handled, { status: 'refused', error }];
    };
    await room.start();
    expect(room.port.sent).toEqual([]);
    expect(room.messages.eventsOf(messageIdOf(1))).toEqual(['MessageAccepted', 'MessageExpired']);
    expect(room.warnings).toHaveLength(1);
  });

  it('submits nothing before its time, and then without being told', async () => {
    await room.given(accept(1, { sendAt: at(30) }));
    await room.start();
    await room.pass(28_900);
    expect(room.port.sent).toEqual([]);
    await room.pass(600);
    expect(room.port.tags).toEqual(['1/1 of 1']);
  });

  it('submits nothing after the validity, though it waited for room', async () => {
    await room.given(accept(1));
    room.port.room = 0;
    await room.start();
    await room.pass(VALIDITY_SECONDS * 1_000);
    room.port.room = 10;
    room.submitter.wake();
    await quiet();
    expect(room.port.sent).toEqual([]);
    expect(room.messages.message(messageIdOf(1)).status).toBe('expired');
  });
});

describe('the connector’s room', () => {
  it('is never exceeded, whatever the messages’ parts', async () => {
    const text = 'x'.repeat(400);
    await room.given(...[1, 2, 3].map((number) => accept(number, { partCount: 3, text })));
    room.port.room = 2;
    await room.start();
    for (let rounds = 0; rounds < 10; rounds++) {
      room.port.room = 2;
      room.submitter.capacityChanged();
      await quiet();
    }
    expect(room.port.calls.filter(({ items, room: given }) => items > given)).toEqual([]);
    const sent = ['1/1', '1/2', '1/3', '2/1', '2/2', '2/3', '3/1', '3/2', '3/3'];
    expect(room.port.tags).toEqual(sent.map((tag) => `${tag} of 1`));
  });

  it('is waited for before anything is attempted, so that a crash leaves little in doubt', async () => {
    await room.given(accept(1), accept(2), accept(3));
    room.port.room = 1;
    await room.start();
    expect(room.port.tags).toEqual(['1/1 of 1']);
    expect(room.messages.message(messageIdOf(2)).status).toBe('accepted');
    await room.pass(5_000);
    expect(room.messages.message(messageIdOf(3)).status).toBe('accepted');
  });

  it('stays empty while the ends of thousands of submits cannot be recorded', async () => {
    await room.given(accept(1));
    room.messages.failWith = (commands) =>
      commands !== 'load' && commands[0]?.type === 'RecordSubmission' ? new Error('store away') : null;
    const tags = Array.from({ length: 10_000 }, (_, index) => ({
      messageId: messageIdOf(index + 10),
      attempt: 1,
      part: 1,
    }));
    room.port.room = 0;
    await room.start();
    room.submitter.submitEnded(tags.map((tag) => ({ tag, end: { end: 'timed-out' } })));
    room.port.room = 10;
    room.submitter.capacityChanged();
    await quiet();
    expect(room.port.sent).toEqual([]);
    room.messages.failWith = () => null;
    await room.pass(1_000);
    expect(room.port.tags).toEqual(['1/1 of 1']);
  });
});

describe('messages this process accepted', () => {
  function acceptedEvents(number: number, sendAt: string | null = null): NewEvent[] {
    const messageId = messageIdOf(number);
    return [toNewEvent(accepted({ messageId, sendAt }), messageId, messageId, 0)];
  }

  it('leave before the read model knows them, and once', async () => {
    room.rows.hold();
    await room.given(accept(1));
    await room.start();
    room.accepted(acceptedEvents(1));
    await quiet();
    expect(room.port.tags).toEqual(['1/1 of 1']);
    room.rows.catchUp();
    await room.pass(5_000);
    expect(room.port.tags).toEqual(['1/1 of 1']);
  });

  it('leave once although the read model still shows them as waiting', async () => {
    await room.given(accept(1));
    room.rows.hold();
    await room.start();
    room.accepted(acceptedEvents(1));
    await room.pass(5_000);
    expect(room.port.tags).toEqual(['1/1 of 1']);
    expect(room.messages.commandsOf(messageIdOf(1))).toEqual(['AcceptMessage', 'AttemptSubmit']);
  });

  it('wait for their time when they are scheduled', async () => {
    await room.given(accept(1, { sendAt: at(30) }));
    await room.start();
    room.accepted(acceptedEvents(1, at(30)));
    await quiet();
    expect(room.messages.commandsOf(messageIdOf(1))).toEqual(['AcceptMessage']);
  });

  it('are not taken by a submitter that stopped or never started', async () => {
    await room.given(accept(1));
    room.accepted(acceptedEvents(1));
    await quiet();
    await room.submitter.stop();
    room.accepted(acceptedEvents(1));
    await quiet();
    expect(room.messages.commandsOf(messageIdOf(1))).toEqual(['AcceptMessage']);
  });
});

describe('a submit that the SMSC took', () => {
  it('is recorded, and its id is known at once to whoever gets the receipt', async () => {
    await room.given(accept(1));
    await room.start();
    room.submitter.submitEnded([
      { tag: { messageId: messageIdOf(1), attempt: 1, part: 1 }, end: answered(0, 'abc') },
    ]);
    expect(room.recent.ownerOf('main', 'abc')).toEqual({ messageId: messageIdOf(1), part: 1 });
    await quiet();
    expect(room.messages.message(messageIdOf(1)).status).toBe('submitted');
  });
});
