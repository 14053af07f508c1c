import { beforeEach, describe, expect, it } from '@jest/globals';
import { DueRows } from '../../test/support/due-rows.js';
import { quiet } from '../../test/support/eventually.js';
import { GatedLifecycle } from '../../test/support/gated-lifecycle.js';
import { InMemoryLifecycle } from '../../test/support/in-memory-lifecycle.js';
import {
  at,
  RECEIPT_WAIT_SECONDS,
  receipt,
  smsOnly,
  VALIDITY_SECONDS,
} from '../../test/support/message-builders.js';
import {
  accept,
  attemptSubmit,
  messageIdOf,
  recordReceipt,
  recordSubmission,
  tookAs,
} from '../../test/support/message-commands.js';
import { VirtualClock } from '../clock/virtual-clock.js';
import { JournalUnavailableError } from '../journal/journal.errors.js';
import { FallbackPoller } from './fallback-poller.js';

const ID = messageIdOf(1);
/** When the receipts of messages attempted at second 1 are overdue. */
const DEADLINE_MS = (RECEIPT_WAIT_SECONDS + 1) * 1_000;

let messages: InMemoryLifecycle;
let lifecycle: GatedLifecycle;
let rows: DueRows;
let clock: VirtualClock;
let poller: FallbackPoller;

function opened(): FallbackPoller {
  return new FallbackPoller(lifecycle, rows, clock, { warn: () => undefined });
}

async function pass(ms: number): Promise<void> {
  await quiet();
  clock.advance(ms);
  await quiet();
}

function decisions(): (readonly [string, string])[] {
  return messages.events.flatMap((event) =>
    event.type === 'FallbackDecided' ? [[event.data.decision, event.data.rule] as const] : [],
  );
}

beforeEach(() => {
  messages = new InMemoryLifecycle();
  lifecycle = new GatedLifecycle(messages);
  rows = new DueRows(messages);
  clock = new VirtualClock(Date.parse(at(0)));
  poller = opened();
});

describe('a message whose SMS has failed', () => {
  it('is decided on as soon as the read model moves', async () => {
    await messages.handleMany([accept(1), attemptSubmit(1), tookAs(1, '1-1')]);
    poller.start();
    await pass(10_000);
    expect(decisions()).toEqual([]);
    await messages.handleMany([recordReceipt(1, receipt('undeliverable'))]);
    poller.wake();
    await quiet();
    expect(decisions()).toEqual([['voice', 'undelivered']]);
    expect(poller.decided).toBe(1);
    await poller.stop();
  });
});

describe('a message without a final receipt', () => {
  it('is decided on within a second of its deadline, nobody telling', async () => {
    await messages.handleMany([accept(1), attemptSubmit(1), tookAs(1, '1-1')]);
    poller.start();
    await pass(DEADLINE_MS - 1);
    expect(decisions()).toEqual([]);
    await pass(1_000);
    expect(decisions()).toEqual([['voice', 'no-receipt']]);
    await poller.stop();
  });

  it('is decided on at once by a process that starts after the deadline', async () => {
    await messages.handleMany([accept(1), attemptSubmit(1), tookAs(1, '1-1')]);
    clock.advance(DEADLINE_MS * 10);
    poller.start();
    await quiet();
    expect(decisions()).toEqual([['voice', 'no-receipt']]);
    await poller.stop();
  });

  it('is given up when its policy has no call, and in doubt when no answer came', async () => {
    const unanswered = { part: 1, end: 'unknown' as const, cause: 'response-timeout' as const };
    await messages.handleMany([
      ...[accept(1, { channels: smsOnly() }), attemptSubmit(1), tookAs(1, '1-1')],
      ...[accept(2), attemptSubmit(2), recordSubmission(2, [unanswered])],
    ]);
    poller.start();
    await pass(DEADLINE_MS);
    expect(decisions()).toEqual([
      ['give-up', 'no-receipt'],
      ['voice', 'in-doubt'],
    ]);
    await poller.stop();
  });

  it('is decided on once, however late the read model is and however many processes ask', async () => {
    await messages.handleMany([accept(1), attemptSubmit(1), tookAs(1, '1-1')]);
    clock.advance(DEADLINE_MS);
    rows.hold();
    const other = opened();
    poller.start();
    other.start();
    for (let seconds = 0; seconds < 5; seconds++) await pass(1_000);
    expect(messages.commandsOf(ID).filter((type) => type === 'DecideFallback').length).toBeGreaterThan(5);
    expect(decisions()).toHaveLength(1);
    expect(poller.decided + other.decided).toBe(1);
    await Promise.all([poller.stop(), other.stop()]);
  });

  it('is left alone when its receipt came while the read model was behind', async () => {
    await messages.handleMany([accept(1), attemptSubmit(1), tookAs(1, '1-1')]);
    clock.advance(DEADLINE_MS);
    rows.hold();
    await messages.handleMany([recordReceipt(1, receipt('delivered'))]);
    poller.start();
    await quiet();
    expect(decisions()).toEqual([]);
    await poller.stop();
  });
});

describe('a message that no sender got to', () => {
  it('expires within ten seconds of its validity', async () => {
    await messages.handleMany([accept(1)]);
    poller.start();
    await pass(VALIDITY_SECONDS * 1_000 - 1);
    expect(messages.eventsOf(ID)).toEqual(['MessageAccepted']);
    for (let seconds = 0; seconds < 11; seconds++) await pass(1_000);
    expect(messages.eventsOf(ID)).toEqual(['MessageAccepted', 'MessageExpired', 'FallbackDecided']);
    await poller.stop();
  });
});

describe('asking', () => {
  it('goes on after the store was away', async () => {
    await messages.handleMany([accept(1), attemptSubmit(1), tookAs(1, '1-1')]);
    clock.advance(DEADLINE_MS);
    lifecycle.fail(1, new JournalUnavailableError('away'));
    rows.failure = new Error('connection refused');
    poller.start();
    await pass(1_000);
    rows.failure = null;
    await pass(1_000);
    await pass(1_000);
    expect(decisions()).toHaveLength(1);
    await poller.stop();
  });

  it('asks one list after the other, and again when something moved meanwhile', async () => {
    await messages.handleMany([accept(1), attemptSubmit(1), tookAs(1, '1-1')]);
    clock.advance(DEADLINE_MS);
    const { reached, release } = lifecycle.hold();
    poller.start();
    await reached;
    await messages.handleMany([accept(2), attemptSubmit(2), tookAs(2, '2-1')]);
    poller.wake();
    poller.wake();
    await quiet();
    expect(lifecycle.mostUnderWay).toBe(1);
    release();
    await quiet();
    expect(decisions()).toHaveLength(2);
    await poller.stop();
  });

  it('ends with stop, after the list under way', async () => {
    await messages.handleMany([accept(1), attemptSubmit(1), tookAs(1, '1-1')]);
    clock.advance(DEADLINE_MS);
    const { reached, release } = lifecycle.hold();
    poller.start();
    await reached;
    const stop = poller.stop();
    release();
    await stop;
    expect(decisions()).toHaveLength(1);
    await messages.handleMany([accept(2), attemptSubmit(2), tookAs(2, '2-1')]);
    poller.wake();
    await pass(10_000);
    expect(decisions()).toHaveLength(1);
  });
});
