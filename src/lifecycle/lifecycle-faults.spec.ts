// Other processes, other builds, and a store that fails.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { GatedJournal } from '../../test/support/gated-journal.js';
import { eventNamed } from '../../test/support/journal-events.js';
import { every, receipt } from '../../test/support/message-builders.js';
import {
  accept,
  attemptSubmit,
  cancel,
  messageIdOf,
  recordReceipt,
  tookAs,
  suppress,
} from '../../test/support/message-commands.js';
import { SeededRandomness, VirtualClock } from '../clock/virtual-clock.js';
import { AppendOutcomeUnknownError, JournalUnavailableError } from '../journal/journal.errors.js';
import type { NewEvent } from '../journal/journal.js';
import { MemoryJournal } from '../journal/memory/memory-journal.js';
import { MessageHistoryBrokenError } from '../message/message.errors.js';
import { JournaledLifecycle } from './journaled-lifecycle.js';
import { MessageContendedError, UnknownEventError } from './lifecycle.errors.js';
import type { Handled } from './message-lifecycle.js';
import { messageStream } from './message-stream.js';

let journal: GatedJournal;
let recorded: NewEvent[];
let lifecycle: JournaledLifecycle;
let seed = 1;

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

/** What a newer build, or a damaged disk, left in the stream of a message. */
async function appendRaw(number: number, event: Partial<NewEvent>): Promise<void> {
  const stream = messageStream(messageIdOf(number));
  const expectedRevision = BigInt((await journal.readStream(stream)).length) - 1n;
  const raw = { ...eventNamed(`raw event of message ${String(number)}`), ...event };
  await journal.append([{ stream, expectedRevision, events: [raw] }]);
}

beforeEach(() => {
  journal = new GatedJournal(new MemoryJournal());
  recorded = [];
  lifecycle = newLifecycle();
});

describe('another process at the same message', () => {
  it('makes a command be decided again on the new state', async () => {
    await lifecycle.handleMany([accept(1), accept(2)]);
    await newLifecycle().handleMany([attemptSubmit(1, 1, 'other')]);
    // Decided on the cached state, it would be granted.
    const handled = await lifecycle.handleMany([suppress(1, 2), suppress(2, 2)]);
    expect(handled.map((result) => typesOf(result))).toEqual([
      'MESSAGE_ALREADY_ATTEMPTED',
      ['MessageSuppressed'],
    ]);
    expect(await streamOf(1)).toEqual(['MessageAccepted', 'SubmitAttempted']);
  });

  it('lets one of two attempts win, and the other come to nothing', async () => {
    await lifecycle.handleMany([accept(1)]);
    const other = newLifecycle();
    await other.load([messageIdOf(1)]);
    const results = await Promise.all([
      lifecycle.handleMany([attemptSubmit(1, 1, 'one')]),
      other.handleMany([attemptSubmit(1, 1, 'two')]),
    ]);
    expect(results.map(([handled]) => typesOf(handled))).toEqual([['SubmitAttempted'], []]);
    expect(recorded.filter(({ type }) => type === 'SubmitAttempted')).toHaveLength(1);
    expect(results[1]).toMatchObject([{ message: { lastAttempt: { sender: 'one' } } }]);
  });

  it('never turns a command into nothing because the cache is stale', async () => {
    await lifecycle.handleMany([accept(1), attemptSubmit(1)]);
    const other = newLifecycle();
    const throttled = {
      part: 1,
      end: 'deferred' as const,
      cause: 'not-sent' as const,
      commandStatus: null,
      retry: every(28),
    };
    await other.handleMany([{ ...tookAs(1, ''), results: [throttled] }]);
    // The cache says that the first attempt is still under way.
    const [handled] = await lifecycle.handleMany([attemptSubmit(1, 31)]);
    expect(handled).toMatchObject({ status: 'handled', events: [{ data: { attempt: 2 } }] });
  });

  it('never lets a stale cache refuse a command', async () => {
    await lifecycle.handleMany([accept(1)]);
    await newLifecycle().handleMany([attemptSubmit(1)]);
    const [handled] = await lifecycle.handleMany([recordReceipt(1, receipt('delivered'))]);
    expect(typesOf(handled)).toEqual(['MessageDelivered']);
  });

  it('is given up on when it never lets go, and then the commands may be sent again', async () => {
    await lifecycle.handleMany([accept(1), attemptSubmit(1), tookAs(1, '1-1'), accept(2)]);
    const other = newLifecycle();
    const append = journal.append.bind(journal);
    let meddled = 0;
    const meddling: typeof append = async (appends) => {
      if (appends[0]?.stream === messageStream(messageIdOf(1))) {
        journal.append = append;
        meddled += 1;
        await other.handleMany([recordReceipt(1, receipt('enroute', 1, `other ${String(meddled)}`))]);
        journal.append = meddling;
      }
      return append(appends);
    };
    journal.append = meddling;
    const mine = recordReceipt(1, receipt('enroute', 1, 'mine'));
    const call = lifecycle.handleMany([mine, attemptSubmit(2)]);
    await expect(call).rejects.toThrow(MessageContendedError);
    await expect(call).rejects.toMatchObject({ retryable: true });
    journal.append = append;
    expect(meddled).toBe(8);
    const again = await lifecycle.handleMany([mine, attemptSubmit(2)]);
    // What concerned the other message was done at the first time.
    expect(again.map((result) => typesOf(result))).toEqual([['MessageBuffered'], []]);
  });
});

describe('a stream that this build cannot read', () => {
  it.each([
    ['an unknown type', { type: 'MessageTeleported' }],
    [
      'a newer schema version',
      {
        type: 'MessageCancelled',
        data: { reason: 'x' },
        metadata: { ...eventNamed('any').metadata, schemaVersion: 2 },
      },
    ],
  ])('refuses commands to that message only: %s', async (_, event) => {
    await newLifecycle().handleMany([accept(1), accept(2)]);
    await appendRaw(1, event);
    const handled = await lifecycle.handleMany([attemptSubmit(1), attemptSubmit(2)]);
    expect(handled[0]).toMatchObject({ status: 'refused', error: { retryable: false } });
    expect(handled[0]).toMatchObject({ error: expect.any(UnknownEventError) });
    expect(typesOf(handled[1])).toEqual(['SubmitAttempted']);
  });

  it('refuses commands to it also when the cache still holds the message as it was', async () => {
    await lifecycle.handleMany([accept(1), accept(2)]);
    await appendRaw(1, { type: 'MessageTeleported' });
    const handled = await lifecycle.handleMany([attemptSubmit(1), attemptSubmit(2)]);
    expect(handled.map((result) => typesOf(result))).toEqual([
      'LIFECYCLE_UNKNOWN_EVENT',
      ['SubmitAttempted'],
    ]);
  });

  it.each([
    ['cannot follow', { type: 'MessageAccepted', data: { messageId: messageIdOf(1) } }],
    ['lacks its data', { type: 'SubmitAttempted', data: {} }],
  ])('refuses commands to that message only: an event that %s', async (_, event) => {
    await newLifecycle().handleMany([accept(1), accept(2)]);
    await appendRaw(1, event);
    const handled = await lifecycle.handleMany([attemptSubmit(1), attemptSubmit(2)]);
    expect(handled[0]).toMatchObject({ status: 'refused', error: expect.any(MessageHistoryBrokenError) });
    expect(typesOf(handled[1])).toEqual(['SubmitAttempted']);
  });

  it('is not overwritten by a second MessageAccepted', async () => {
    await appendRaw(1, { type: 'MessageTeleported' });
    const [handled] = await lifecycle.handleMany([accept(1)]);
    expect(typesOf(handled)).toBe('LIFECYCLE_UNKNOWN_EVENT');
    expect(await streamOf(1)).toEqual(['MessageTeleported']);
  });
});

describe('a store that fails', () => {
  it('fails the whole call, and the cache believes nothing of it', async () => {
    await lifecycle.handleMany([accept(1)]);
    journal.failNext(new JournalUnavailableError('away'));
    await expect(lifecycle.handleMany([attemptSubmit(1)])).rejects.toThrow(JournalUnavailableError);
    expect(recorded.map(({ type }) => type)).toEqual(['MessageAccepted']);
    expect(journal.readCalls).toEqual([]);
    expect(typesOf((await lifecycle.handleMany([attemptSubmit(1)]))[0])).toEqual(['SubmitAttempted']);
    expect(journal.readCalls).toEqual([[messageStream(messageIdOf(1))]]);
    expect(await streamOf(1)).toEqual(['MessageAccepted', 'SubmitAttempted']);
  });

  it('leaves one copy of what it wrote without saying so, when the command comes again', async () => {
    journal.failNext(new AppendOutcomeUnknownError('link lost'), true);
    await expect(lifecycle.handleMany([accept(1)])).rejects.toThrow(AppendOutcomeUnknownError);
    const [handled] = await lifecycle.handleMany([accept(1)]);
    expect(handled).toMatchObject({ status: 'handled', events: [], message: { status: 'accepted' } });
    expect(await streamOf(1)).toEqual(['MessageAccepted']);
  });

  it('lets those through who waited for the failed append', async () => {
    await lifecycle.handleMany([accept(1)]);
    const { reached, release } = journal.hold();
    journal.failNext(new JournalUnavailableError('away'));
    const failed = lifecycle.handleMany([attemptSubmit(1)]);
    await reached;
    const waiting = lifecycle.handleMany([cancel(1)]);
    release();
    await expect(failed).rejects.toThrow(JournalUnavailableError);
    expect(typesOf((await waiting)[0])).toEqual(['MessageCancelled']);
  });
});
