// One message that breaks the link, the store or our own encoder must not stop the others.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { RESUBMIT } from '../../test/support/message-builders.js';
import { accept, messageIdOf } from '../../test/support/message-commands.js';
import { answered, SubmitRoom, tagText } from '../../test/support/submit-room.js';
import type { EndedSubmission } from './submission.js';

const POISON = 3;
const TOOK = answered(0, 'taken');

let room: SubmitRoom;

/** What is in flight, and how the SMSC would answer it. */
function inFlight(ended: ReadonlySet<string>): readonly EndedSubmission[] {
  return room.port.sent.filter(({ tag }) => !ended.has(tagText(tag))).map(({ tag }) => ({ tag, end: TOOK }));
}

describe('a message that makes the SMSC drop the link', () => {
  const MESSAGES = 12;
  /** For each drop: what was in flight. */
  let drops: (readonly string[])[];
  let mostSuspects: number;

  /** Answers what is in flight, or loses all of it when the poison is there; returns what ended. */
  async function answerOrDrop(ended: Set<string>): Promise<void> {
    const ends = inFlight(ended);
    if (ends.length === 0) return;
    const suspects = ends.filter(({ tag }) => tag.attempt > 1).length;
    mostSuspects = Math.max(mostSuspects, suspects);
    const isPoisoned = ends.some(({ tag }) => tag.messageId === messageIdOf(POISON));
    if (isPoisoned) drops.push(ends.map(({ tag }) => tagText(tag)));
    for (const { tag } of ends) ended.add(tagText(tag));
    room.submitter.submitEnded(
      isPoisoned ? ends.map(({ tag }) => ({ tag, end: { end: 'link-lost' } })) : ends,
    );
    await room.pass(0);
  }

  beforeEach(async () => {
    drops = [];
    mostSuspects = 0;
    room = new SubmitRoom({ inDoubtPolicy: RESUBMIT });
    await room.given(...Array.from({ length: MESSAGES }, (_, index) => accept(index + 1)));
    await room.start();
  });

  it('is quarantined after three losses, and every other message is taken', async () => {
    const ended = new Set<string>();
    for (let rounds = 0; rounds < 400; rounds++) {
      await answerOrDrop(ended);
      await room.pass(1_000);
    }
    expect(drops).toHaveLength(3);
    expect(mostSuspects).toBe(1);
    // From the second drop on the poison was alone among suspects.
    expect(drops.slice(1)).toEqual([['3/1 of 2'], ['3/1 of 3']]);
    const statuses = room.messages.all().map(({ status }) => status);
    expect(statuses.filter((status) => status === 'submitted')).toHaveLength(MESSAGES - 1);
    expect(room.messages.message(messageIdOf(POISON))).toMatchObject({ status: 'quarantined', attempts: 3 });
    expect(room.port.sent.filter(({ tag }) => tag.messageId === messageIdOf(1))).toHaveLength(2);
  });

  it('goes once more when it is released, and is back in quarantine when that drops the link too', async () => {
    const ended = new Set<string>();
    for (let rounds = 0; rounds < 400; rounds++) {
      await answerOrDrop(ended);
      await room.pass(1_000);
    }
    await room.given({
      type: 'ReleaseMessage',
      messageId: messageIdOf(POISON),
      at: room.clock.isoNow(),
      reason: 'asked',
    });
    await room.pass(2_000);
    await answerOrDrop(ended);
    await room.pass(600_000);
    expect(drops.slice(3)).toEqual([['3/1 of 4']]);
    expect(room.messages.message(messageIdOf(POISON))).toMatchObject({ status: 'quarantined', attempts: 4 });
  });

  it('lets new messages pass while a suspect is in flight', async () => {
    room.submitter.submitEnded(inFlight(new Set()).map(({ tag }) => ({ tag, end: { end: 'link-lost' } })));
    await room.pass(61_000);
    expect(room.port.tags.slice(MESSAGES)).toEqual(['1/1 of 2']);
    await room.given(accept(20), accept(21));
    await room.pass(2_000);
    expect(room.port.tags.slice(MESSAGES)).toEqual(['1/1 of 2', '20/1 of 1', '21/1 of 1']);
    await room.end(['1/1 of 2'], TOOK);
    expect(room.port.tags.slice(MESSAGES + 3)).toEqual(['2/1 of 2']);
  });

  it.each([
    ['is taken', TOOK],
    ['is refused', answered(0x0b)],
    ['is throttled', answered(0x58)],
    ['is not answered', { end: 'timed-out' as const }],
    ['never left', { end: 'not-sent' as const }],
  ])('makes room for the next suspect when one %s', async (_, end) => {
    room.submitter.submitEnded(inFlight(new Set()).map(({ tag }) => ({ tag, end: { end: 'link-lost' } })));
    await room.pass(61_000);
    await room.end(['1/1 of 2'], end);
    expect(room.port.tags.slice(MESSAGES, MESSAGES + 2)).toEqual(['1/1 of 2', '2/1 of 2']);
  });

  it('does not hold the suspects up when one of them may not be attempted any more', async () => {
    room.submitter.submitEnded(inFlight(new Set()).map(({ tag }) => ({ tag, end: { end: 'link-lost' } })));
    await room.pass(0);
    room.rows.hold();
    await room.given({ type: 'DecideFallback', messageId: messageIdOf(1), at: '2026-01-01T09:00:00.000Z' });
    await room.pass(61_000);
    expect(room.port.tags[MESSAGES]).toBe('2/1 of 2');
  });

  it('waits for every part of a suspect', async () => {
    room = new SubmitRoom({ inDoubtPolicy: RESUBMIT });
    await room.given(accept(1, { partCount: 2, text: 'x'.repeat(300) }), accept(2));
    await room.start();
    await room.end(['1/1 of 1', '1/2 of 1', '2/1 of 1'], { end: 'link-lost' });
    await room.pass(61_000);
    expect(room.port.tags.slice(3)).toEqual(['1/1 of 2', '1/2 of 2']);
    await room.end(['1/1 of 2'], TOOK);
    expect(room.port.tags.slice(5)).toEqual([]);
    await room.end(['1/2 of 2'], TOOK);
    expect(room.port.tags.slice(5)).toEqual(['2/1 of 2']);
  });
});

describe('a message that the store cannot take', () => {
  const isPoisoned = (type: string) => (commands: readonly { type: string; messageId: string }[] | 'load') =>
    commands !== 'load' &&
    commands.some((command) => command.type === type && command.messageId === messageIdOf(POISON))
      ? new TypeError('cannot be encoded')
      : null;

  beforeEach(async () => {
    room = new SubmitRoom();
    await room.given(...[1, 2, POISON, 4].map((number) => accept(number)));
  });

  it('at its attempt is set aside: the others of its batch leave, and so does what comes later', async () => {
    room.messages.failWith = isPoisoned('AttemptSubmit');
    await room.start();
    for (let rounds = 0; rounds < 6; rounds++) await room.pass(500);
    expect(room.port.tags.toSorted()).toEqual(['1/1 of 1', '2/1 of 1', '4/1 of 1']);
    await room.given(accept(5));
    await room.pass(500);
    expect(room.port.tags).toContain('5/1 of 1');
  });

  it('is tried ever more rarely, and leaves when the store takes it after all', async () => {
    room.messages.failWith = isPoisoned('AttemptSubmit');
    await room.start();
    for (let seconds = 0; seconds < 600; seconds++) await room.pass(1_000);
    const tries = room.lifecycle.sizes.length;
    expect(tries).toBeLessThan(40);
    room.messages.failWith = () => null;
    await room.pass(61_000);
    expect(room.port.tags).toContain('3/1 of 1');
  });

  it('at its end is set aside: the ends of the others are recorded', async () => {
    await room.start();
    room.messages.failWith = isPoisoned('RecordSubmission');
    await room.end(['1/1 of 1', '2/1 of 1', '3/1 of 1'], TOOK);
    for (let rounds = 0; rounds < 3; rounds++) await room.pass(500);
    await room.end(['4/1 of 1'], TOOK);
    await room.pass(500);
    const statuses = [1, 2, POISON, 4].map((number) => room.messages.message(messageIdOf(number)).status);
    expect(statuses).toEqual(['submitted', 'submitted', 'submitting', 'submitted']);
    expect(room.recorder.pending).toBe(1);
    room.messages.failWith = () => null;
    await room.pass(60_000);
    expect(room.messages.message(messageIdOf(POISON)).status).toBe('submitted');
    expect(room.recorder.pending).toBe(0);
  });

  it('does not keep the recorder from stopping, nor is it tried afterwards', async () => {
    await room.start();
    room.messages.failWith = isPoisoned('RecordSubmission');
    await room.end(['3/1 of 1'], TOOK);
    await room.pass(500);
    await room.recorder.stop();
    const tries = room.lifecycle.sizes.length;
    await room.pass(600_000);
    expect(room.lifecycle.sizes.slice(tries)).toEqual([]);
  });
});
