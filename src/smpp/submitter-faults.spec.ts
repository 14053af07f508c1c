// The store goes away under the submitter, and the submitter is stopped.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { quiet } from '../../test/support/eventually.js';
import { accept, messageIdOf } from '../../test/support/message-commands.js';
import { answered, SubmitRoom } from '../../test/support/submit-room.js';
import { AppendOutcomeUnknownError, JournalUnavailableError } from '../journal/journal.errors.js';

const ID = messageIdOf(1);
const AWAY = new JournalUnavailableError('away');
const UNKNOWN = new AppendOutcomeUnknownError('link lost');

let room: SubmitRoom;

beforeEach(async () => {
  room = new SubmitRoom();
  await room.given(accept(1), accept(2));
});

describe('while the store is away', () => {
  it('nothing leaves, and everything leaves once when it is back', async () => {
    room.lifecycle.fail(3, AWAY);
    await room.start();
    await room.pass(100);
    expect(room.port.sent).toEqual([]);
    for (let seconds = 0; seconds < 5; seconds++) await room.pass(1_000);
    expect(room.port.tags).toEqual(['1/1 of 1', '2/1 of 1']);
    expect(room.messages.eventsOf(ID)).toEqual(['MessageAccepted', 'SubmitAttempted']);
  });

  it('the submitter asks twice a second, not without a pause', async () => {
    room.lifecycle.fail(1_000, AWAY);
    await room.start();
    for (let steps = 0; steps < 100; steps++) await room.pass(50);
    expect(room.lifecycle.sizes.length).toBeGreaterThan(5);
    expect(room.lifecycle.sizes.length).toBeLessThan(13);
  });

  it('an attempt that became durable all the same is found out: it never left, and leaves once', async () => {
    room.lifecycle.fail(1, UNKNOWN, true);
    await room.start();
    expect(room.messages.message(ID).status).toBe('submitting');
    for (let seconds = 0; seconds < 5; seconds++) await room.pass(1_000);
    expect(room.port.tags).toEqual(['1/1 of 2', '2/1 of 2']);
    expect(room.messages.eventsOf(ID)).toEqual([
      'MessageAccepted',
      'SubmitAttempted',
      'SubmitDeferred',
      'SubmitAttempted',
    ]);
  });

  it('it is found out also when the next tries fail too', async () => {
    room.lifecycle.fail(1, UNKNOWN, true);
    room.lifecycle.fail(2, AWAY);
    room.lifecycle.fail(1, UNKNOWN, true);
    await room.start();
    for (let seconds = 0; seconds < 8; seconds++) await room.pass(1_000);
    expect(room.port.tags).toEqual(['1/1 of 2', '2/1 of 2']);
  });

  it('a message that another sender took over meanwhile is left to it', async () => {
    room.lifecycle.fail(1, AWAY);
    await room.start();
    const other = { connector: 'main', sender: 'other', longForm: 'udh8' } as const;
    await room.given({ type: 'AttemptSubmit', messageId: ID, at: room.clock.isoNow(), ...other });
    for (let seconds = 0; seconds < 5; seconds++) await room.pass(1_000);
    expect(room.port.tags).toEqual(['2/1 of 1']);
    expect(room.messages.message(ID)).toMatchObject({
      status: 'submitting',
      lastAttempt: { sender: 'other' },
    });
  });

  it('due rows that cannot be read are read again', async () => {
    room.rows.failure = new Error('connection refused');
    await room.start();
    expect(room.warnings).toHaveLength(1);
    room.rows.failure = null;
    await room.pass(300);
    expect(room.port.tags).toEqual(['1/1 of 1', '2/1 of 1']);
  });

  it('what the SMSC answered is kept until it is recorded', async () => {
    await room.start();
    room.lifecycle.fail(4, AWAY);
    await room.end(['1/1 of 1', '2/1 of 1'], answered(0, 'a'));
    expect(room.messages.message(ID).status).toBe('submitting');
    expect(room.recorder.pending).toBe(2);
    for (let seconds = 0; seconds < 5; seconds++) await room.pass(1_000);
    expect(room.messages.message(ID).status).toBe('submitted');
    expect(room.recorder.pending).toBe(0);
  });
});

describe('stopping', () => {
  it('records what was ready but had no room as deferred: it never left', async () => {
    room.port.room = 2;
    await room.given(accept(3, { partCount: 2, text: 'x'.repeat(300) }));
    await room.start();
    expect(room.port.tags).toEqual(['1/1 of 1', '2/1 of 1']);
    room.port.room = 1;
    room.submitter.capacityChanged();
    await quiet();
    expect(room.port.tags.at(-1)).toBe('3/1 of 1');
    await room.submitter.stop();
    await room.recorder.flush();
    expect(room.messages.message(messageIdOf(3)).parts).toMatchObject([
      { state: 'submitting' },
      { state: 'waiting' },
    ]);
    expect(room.messages.events.at(-1)).toMatchObject({
      type: 'SubmitDeferred',
      data: { commandStatus: null, parts: [2] },
    });
  });

  it('waits for the appends under way, and sends nothing more', async () => {
    const { reached, release } = room.lifecycle.hold();
    room.submitter.start();
    await reached;
    let stopped = false;
    const stop = room.submitter.stop().then(() => {
      stopped = true;
    });
    await quiet();
    expect(stopped).toBe(false);
    release();
    await stop;
    await room.recorder.flush();
    room.submitter.wake();
    room.submitter.capacityChanged();
    await room.pass(10_000);
    expect(room.port.sent).toEqual([]);
    for (const number of [1, 2]) {
      expect(room.messages.eventsOf(messageIdOf(number))).toEqual([
        'MessageAccepted',
        'SubmitAttempted',
        'SubmitDeferred',
      ]);
    }
  });

  it('records what ends after it: the connector is still being drained', async () => {
    await room.start();
    await room.submitter.stop();
    await room.end(['1/1 of 1'], answered(0, 'a'));
    await room.end(['2/1 of 1'], { end: 'not-sent' });
    expect(room.messages.message(ID).status).toBe('submitted');
    expect(room.messages.message(messageIdOf(2)).status).toBe('accepted');
    await room.pass(10_000);
    expect(room.port.sent).toHaveLength(2);
  });

  it('leaves nothing in doubt when the store came back a moment before', async () => {
    room.lifecycle.fail(1, UNKNOWN, true);
    await room.start();
    await room.submitter.stop();
    await room.recorder.flush();
    expect(room.messages.message(ID).status).toBe('accepted');
    expect(room.port.sent).toEqual([]);
  });

  it('ends although the store is away', async () => {
    room.lifecycle.fail(1_000, AWAY);
    await room.start();
    await room.submitter.stop();
    expect(room.port.sent).toEqual([]);
    expect(room.messages.message(ID).status).toBe('accepted');
  });
});
