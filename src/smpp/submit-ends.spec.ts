// What the submitter makes of the way submits end.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { quiet } from '../../test/support/eventually.js';
import { RESUBMIT } from '../../test/support/message-builders.js';
import { accept, messageIdOf } from '../../test/support/message-commands.js';
import { answered, SubmitRoom } from '../../test/support/submit-room.js';

const THROTTLED = answered(0x58);
const QUEUE_FULL = answered(0x14);
const INVALID_DESTINATION = answered(0x0b);
const LONG_TEXT = 'x'.repeat(300);

const ID = messageIdOf(1);
let room: SubmitRoom;

/** Longer than the pause after throttling and the look-out for due rows together. */
const UNTIL_NEXT_TRY_MS = 1_500;

beforeEach(() => {
  room = new SubmitRoom();
});

describe('an accepted submit', () => {
  it('is kept under the id that its receipts will name, for the group that may bring them', async () => {
    room = new SubmitRoom({ group: 'operator', receipts: { submitIdBase: 'hex', receiptIdBase: 'decimal' } });
    await room.given(accept(1));
    await room.start();
    await room.end(['1/1 of 1'], answered(0, '000001AF'));
    expect(room.messages.events.at(-1)).toMatchObject({
      type: 'MessageSubmitted',
      data: { connector: 'main', group: 'operator', parts: [{ part: 1, smscMessageId: '431' }] },
    });
    expect(room.recent.ownerOf('operator', '431')).toEqual({ messageId: ID, part: 1 });
    expect(room.recent.ownerOf('main', '431')).toBeUndefined();
  });

  it('of a connector without a group and settings is kept as it came', async () => {
    await room.given(accept(1));
    await room.start();
    await room.end(['1/1 of 1'], answered(0, '000001AF'));
    expect(room.messages.events.at(-1)?.data).not.toHaveProperty('group');
    expect(room.recent.ownerOf('main', '000001AF')).toEqual({ messageId: ID, part: 1 });
  });
});

describe('a temporary refusal', () => {
  it.each([
    ['ESME_RTHROTTLED', 'throttled', 1, THROTTLED],
    ['ESME_RMSGQFUL', 'throttled', 1, QUEUE_FULL],
    ['ESME_RSYSERR', 'refused', 30, answered(0x08)],
    ['ESME_RINVBNDSTS', 'refused', 1, answered(0x04)],
  ])('defers the part until its next try: %s', async (name, cause, seconds, end) => {
    await room.given(accept(1));
    await room.start();
    const retryAt = new Date(room.clock.now() + seconds * 1_000).toISOString();
    await room.end(['1/1 of 1'], end);
    expect(room.messages.events.at(-1)).toMatchObject({
      type: 'SubmitDeferred',
      data: { cause, commandStatus: { name }, retry: 1, retryAt },
    });
    await room.pass(seconds * 1_000 - 300);
    expect(room.port.tags).toEqual(['1/1 of 1']);
    await room.pass(800);
    expect(room.port.tags).toEqual(['1/1 of 1', '1/1 of 2']);
  });

  it('that never goes away ends the SMS after the retries that its status is worth', async () => {
    await room.given(accept(1));
    await room.start();
    for (let attempt = 1; attempt <= 6; attempt++) {
      await room.end([`1/1 of ${String(attempt)}`], answered(0x08));
      for (let minutes = 0; minutes < 20; minutes++) await room.pass(60_000);
    }
    expect(room.port.tags).toHaveLength(6);
    expect(room.messages.message(ID)).toMatchObject({
      status: 'rejected',
      reason: 'refused at submit: ESME_RSYSERR, and again in 5 retries',
    });
  });

  it('never rejects, however often the SMSC throttles', async () => {
    await room.given(accept(1));
    await room.start();
    for (let attempt = 1; attempt <= 30; attempt++) {
      await room.end([`1/1 of ${String(attempt)}`], THROTTLED);
      await room.pass(UNTIL_NEXT_TRY_MS);
    }
    expect(room.port.tags.at(-1)).toBe('1/1 of 31');
    await room.end(['1/1 of 31'], answered(0, 'abc'));
    expect(room.messages.message(ID)).toMatchObject({
      status: 'submitted',
      attempts: 31,
      outcome: 'pending',
    });
  });

  it('of a part that never left defers it without a status', async () => {
    await room.given(accept(1));
    await room.start();
    await room.end(['1/1 of 1'], { end: 'not-sent' });
    expect(room.messages.events.at(-1)).toMatchObject({
      type: 'SubmitDeferred',
      data: { cause: 'not-sent', commandStatus: null },
    });
    await room.pass(UNTIL_NEXT_TRY_MS);
    expect(room.port.tags).toEqual(['1/1 of 1', '1/1 of 2']);
  });
});

describe('a final refusal', () => {
  it('ends the SMS: nothing is sent again', async () => {
    await room.given(accept(1));
    await room.start();
    await room.end(['1/1 of 1'], INVALID_DESTINATION);
    await room.pass(60_000);
    expect(room.messages.message(ID)).toMatchObject({
      status: 'rejected',
      reason: 'refused at submit: ESME_RINVDSTADR',
    });
    expect(room.port.tags).toEqual(['1/1 of 1']);
  });

  it('is what a part gets that no submit_sm can carry', async () => {
    await room.given(accept(1));
    await room.start();
    const unsendable = { commandStatus: 0x0a, detail: 'sourceAddr has 21 characters' };
    await room.end(['1/1 of 1'], { end: 'not-sent', unsendable });
    expect(room.messages.message(ID)).toMatchObject({
      status: 'rejected',
      reason: 'refused at submit: ESME_RINVSRCADR',
    });
  });

  it('is what a message gets that cannot be encoded, and the others of its batch leave', async () => {
    const noPart2 = accept(3, { partCount: 2, text: 'short' });
    await room.given(accept(1, { text: '漢字' }), accept(2), noPart2, accept(4));
    await room.start();
    await quiet();
    expect(room.port.tags).toEqual(['2/1 of 1', '3/1 of 1', '4/1 of 1']);
    expect(room.messages.message(ID)).toMatchObject({ status: 'rejected' });
    expect(room.messages.message(messageIdOf(3))).toMatchObject({
      status: 'rejected',
      parts: [{ state: 'submitting' }, { state: 'rejected' }],
    });
    expect(room.warnings).toHaveLength(1);
  });
});

describe('an unanswered submit', () => {
  it.each(['timed-out', 'link-lost'] as const)(
    'is in doubt and is not sent again by itself: %s',
    async (end) => {
      await room.given(accept(1));
      await room.start();
      await room.end(['1/1 of 1'], { end });
      await room.pass(3_600_000);
      expect(room.messages.message(ID).status).toBe('in-doubt');
      expect(room.port.tags).toEqual(['1/1 of 1']);
    },
  );

  it('is sent again after the pause where the policy says so', async () => {
    room = new SubmitRoom({ inDoubtPolicy: RESUBMIT });
    await room.given(accept(1));
    await room.start();
    await room.end(['1/1 of 1'], { end: 'timed-out' });
    await room.pass(59_000);
    expect(room.port.tags).toEqual(['1/1 of 1']);
    await room.pass(2_000);
    expect(room.port.tags).toEqual(['1/1 of 1', '1/1 of 2']);
  });

  it('is resolved by a late answer, which causes no second send', async () => {
    await room.given(accept(1));
    await room.start();
    await room.end(['1/1 of 1'], { end: 'timed-out' });
    await room.end(['1/1 of 1'], answered(0, 'late'));
    await room.pass(60_000);
    expect(room.messages.message(ID).status).toBe('submitted');
    expect(room.messages.events.at(-1)).toMatchObject({ type: 'MessageSubmitted', data: { late: true } });
    expect(room.port.tags).toEqual(['1/1 of 1']);
  });

  it('may be answered late together with its successor: both are recorded', async () => {
    room = new SubmitRoom({ inDoubtPolicy: RESUBMIT });
    await room.given(accept(1));
    await room.start();
    await room.end(['1/1 of 1'], { end: 'timed-out' });
    await room.pass(61_000);
    await room.end(['1/1 of 2'], { end: 'timed-out' });
    room.submitter.submitEnded([
      { tag: { messageId: ID, attempt: 1, part: 1 }, end: answered(0, 'first') },
      { tag: { messageId: ID, attempt: 2, part: 1 }, end: answered(0, 'second') },
    ]);
    await quiet();
    const ids = room.messages.events.flatMap((event) =>
      event.type === 'MessageSubmitted' ? event.data.parts.map(({ smscMessageId }) => smscMessageId) : [],
    );
    expect(ids).toEqual(['first', 'second']);
  });
});

describe('a message of several parts', () => {
  beforeEach(async () => {
    await room.given(accept(1, { partCount: 2, text: LONG_TEXT }));
    await room.start();
    expect(room.port.tags).toEqual(['1/1 of 1', '1/2 of 1']);
  });

  it('is recorded by one command when its parts end together', async () => {
    room.submitter.submitEnded([
      { tag: { messageId: ID, attempt: 1, part: 1 }, end: answered(0, 'a') },
      { tag: { messageId: ID, attempt: 1, part: 2 }, end: answered(0, 'b') },
    ]);
    await quiet();
    expect(room.messages.commandsOf(ID).filter((type) => type === 'RecordSubmission')).toHaveLength(1);
    expect(room.messages.message(ID).status).toBe('submitted');
  });

  it('sends only the deferred part again, with a number of its own and the header of the first try', async () => {
    await room.end(['1/1 of 1'], answered(0, 'a'));
    await room.end(['1/2 of 1'], THROTTLED);
    await room.pass(UNTIL_NEXT_TRY_MS);
    expect(room.port.tags).toEqual(['1/1 of 1', '1/2 of 1', '1/2 of 2']);
    expect(room.port.sent[2]?.pdu).toEqual(room.port.sent[1]?.pdu);
    await room.end(['1/2 of 2'], answered(0, 'b'));
    expect(room.messages.message(ID).parts).toMatchObject([
      { state: 'submitted', attempt: 1, smscMessageId: 'a' },
      { state: 'submitted', attempt: 2, smscMessageId: 'b' },
    ]);
  });

  it('waits for every part before it tries one again', async () => {
    await room.end(['1/2 of 1'], THROTTLED);
    await room.pass(60_000);
    expect(room.port.tags).toHaveLength(2);
    await room.end(['1/1 of 1'], answered(0, 'a'));
    await room.pass(UNTIL_NEXT_TRY_MS);
    expect(room.port.tags).toEqual(['1/1 of 1', '1/2 of 1', '1/2 of 2']);
  });
});
