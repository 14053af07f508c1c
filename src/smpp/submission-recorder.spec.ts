import { beforeEach, describe, expect, it } from '@jest/globals';
import { quiet } from '../../test/support/eventually.js';
import { GatedLifecycle } from '../../test/support/gated-lifecycle.js';
import { InMemoryLifecycle } from '../../test/support/in-memory-lifecycle.js';
import { accept, attemptSubmit, messageIdOf, tookAs } from '../../test/support/message-commands.js';
import { VirtualClock } from '../clock/virtual-clock.js';
import { AppendOutcomeUnknownError, JournalUnavailableError } from '../journal/journal.errors.js';
import { SubmissionRecorder } from './submission-recorder.js';

const AWAY = new JournalUnavailableError('away');

let messages: InMemoryLifecycle;
let lifecycle: GatedLifecycle;
let clock: VirtualClock;
let recordedCalls: number;
let recorder: SubmissionRecorder;

async function pass(ms: number): Promise<void> {
  await quiet();
  clock.advance(ms);
  await quiet();
}

beforeEach(async () => {
  messages = new InMemoryLifecycle();
  lifecycle = new GatedLifecycle(messages);
  clock = new VirtualClock();
  recordedCalls = 0;
  recorder = new SubmissionRecorder(
    lifecycle,
    clock,
    { warn: () => undefined, error: () => undefined },
    () => {
      recordedCalls += 1;
    },
  );
  await messages.handleMany([1, 2, 3].flatMap((number) => [accept(number), attemptSubmit(number)]));
});

describe('recording how submits ended', () => {
  it('keeps the ends while the store is away, and counts them', async () => {
    lifecycle.fail(6, AWAY);
    recorder.record([tookAs(1, 'a')]);
    recorder.record([tookAs(2, 'b'), tookAs(3, 'c')]);
    await pass(500);
    expect(recorder.pending).toBe(3);
    expect(recordedCalls).toBe(0);
    for (let tries = 0; tries < 3; tries++) await pass(500);
    expect(recorder.pending).toBe(0);
    const submits = messages.commands.filter(({ type }) => type === 'RecordSubmission');
    expect(submits.map(({ messageId }) => messageId).sort()).toEqual(
      [1, 2, 3].map((number) => messageIdOf(number)),
    );
  });

  it('writes again what may have been written: the second time changes nothing', async () => {
    lifecycle.fail(1, new AppendOutcomeUnknownError('link lost'), true);
    recorder.record([tookAs(1, 'a')]);
    await pass(500);
    expect(messages.eventsOf(messageIdOf(1))).toEqual([
      'MessageAccepted',
      'SubmitAttempted',
      'MessageSubmitted',
    ]);
    expect(messages.commandsOf(messageIdOf(1)).filter((type) => type === 'RecordSubmission')).toHaveLength(2);
  });

  it('does not let ends wait for an append before theirs', async () => {
    const { reached, release } = lifecycle.hold();
    recorder.record([tookAs(1, 'a')]);
    await reached;
    recorder.record([tookAs(2, 'b')]);
    expect(lifecycle.underWay).toBe(2);
    release();
    await recorder.flush();
  });

  it('writes what came while eight appends were under way in the next ones, at most 1,000 at once', async () => {
    const { reached, release } = lifecycle.hold();
    for (let copy = 0; copy < 8; copy++) recorder.record([tookAs(1, String(copy))]);
    await reached;
    recorder.record(Array.from({ length: 750 }, (_, copy) => tookAs(2, String(copy))));
    recorder.record(Array.from({ length: 750 }, (_, copy) => tookAs(3, String(copy))));
    release();
    await recorder.flush();
    expect(lifecycle.sizes).toEqual([...Array.from({ length: 8 }, () => 1), 1_000, 500]);
    expect(lifecycle.mostUnderWay).toBe(8);
    expect(recordedCalls).toBe(10);
  });

  it('is flushed when everything recorded so far is durable', async () => {
    await recorder.flush();
    const { reached, release } = lifecycle.hold();
    recorder.record([tookAs(1, 'a')]);
    let flushed = false;
    const flush = recorder.flush().then(() => {
      flushed = true;
    });
    await reached;
    await quiet();
    expect(flushed).toBe(false);
    release();
    await flush;
    expect(messages.message(messageIdOf(1)).status).toBe('submitted');
  });

  it('forgets nothing that comes in the very moment it becomes idle', async () => {
    // Every microtask after the last append is such a moment.
    for (let turns = 0; turns < 12; turns++) {
      recorder.record([tookAs(1, 'a')]);
      await new Promise<void>((resolve) => {
        const unsubscribe = messages.onChanged(() => {
          unsubscribe();
          let left = turns;
          const later = (): void => {
            if (left-- > 0) queueMicrotask(later);
            else {
              recorder.record([tookAs(2, `b${String(turns)}`)]);
              resolve();
            }
          };
          later();
        });
      });
      await recorder.flush();
      expect(recorder.pending).toBe(0);
    }
  });

  it('has nothing to do for an empty list', async () => {
    recorder.record([]);
    await recorder.flush();
    expect(lifecycle.sizes).toEqual([]);
  });
});
