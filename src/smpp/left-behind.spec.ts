import { beforeEach, describe, expect, it } from '@jest/globals';
import { DueRows } from '../../test/support/due-rows.js';
import { quiet } from '../../test/support/eventually.js';
import { InMemoryLifecycle } from '../../test/support/in-memory-lifecycle.js';
import { at, every, HOLD, RESUBMIT } from '../../test/support/message-builders.js';
import {
  accept,
  attemptSubmit,
  messageIdOf,
  recordSubmission,
  tookAs,
} from '../../test/support/message-commands.js';
import { VirtualClock } from '../clock/virtual-clock.js';
import type { InDoubtPolicy } from '../message/message.commands.js';
import { LeftBehind } from './left-behind.js';

const DEAD = '3';
const ALIVE = '4';
const OURS = '5';

let messages: InMemoryLifecycle;
let rows: DueRows;
let clock: VirtualClock;
let leftBehind: LeftBehind;

function opened(inDoubtPolicy: InDoubtPolicy = HOLD): LeftBehind {
  const log = { info: () => undefined, warn: () => undefined };
  return new LeftBehind(messages, rows, clock, log, { sender: OURS, inDoubtPolicyOf: () => inDoubtPolicy });
}

async function pass(ms: number): Promise<void> {
  await quiet();
  clock.advance(ms);
  await quiet();
}

function statusOf(number: number): string {
  return messages.message(messageIdOf(number)).status;
}

beforeEach(() => {
  messages = new InMemoryLifecycle();
  rows = new DueRows(messages);
  rows.dead.add(DEAD);
  clock = new VirtualClock(Date.parse(at(100)));
  leftBehind = opened();
});

describe('attempts whose sender is gone', () => {
  it('are in doubt, cause process-lost, without anybody having to ask', async () => {
    await messages.handleMany([accept(1), attemptSubmit(1, 1, DEAD)]);
    leftBehind.start();
    await quiet();
    expect(messages.events.at(-1)).toMatchObject({
      type: 'SubmitOutcomeUnknown',
      at: at(100),
      data: { attempt: 1, connector: 'main', parts: [1], cause: 'process-lost', policy: 'hold' },
    });
    await leftBehind.stop();
  });

  it('follow the policy for submits in doubt', async () => {
    leftBehind = opened(RESUBMIT);
    await messages.handleMany([accept(1), attemptSubmit(1, 1, DEAD)]);
    leftBehind.start();
    await quiet();
    expect(messages.events.at(-1)).toMatchObject({ data: { policy: 'resubmit', retryAt: at(160) } });
    await leftBehind.stop();
  });

  it('are in doubt only in the parts that have no end', async () => {
    await messages.handleMany([
      accept(1, { partCount: 3, text: 'x'.repeat(400) }),
      attemptSubmit(1, 1, DEAD),
      recordSubmission(1, [{ part: 2, end: 'submitted', smscMessageId: 'b' }]),
    ]);
    leftBehind.start();
    await quiet();
    expect(messages.message(messageIdOf(1)).parts.map(({ state }) => state)).toEqual([
      'in-doubt',
      'submitted',
      'in-doubt',
    ]);
    await leftBehind.stop();
  });

  it('are found also when the sender dies later, and recorded once', async () => {
    rows.dead.clear();
    await messages.handleMany([accept(1), attemptSubmit(1, 1, DEAD)]);
    leftBehind.start();
    await pass(10_000);
    expect(statusOf(1)).toBe('submitting');
    rows.dead.add(DEAD);
    for (let rounds = 0; rounds < 5; rounds++) await pass(2_000);
    expect(messages.commandsOf(messageIdOf(1)).filter((type) => type === 'RecordSubmission')).toHaveLength(1);
    expect(statusOf(1)).toBe('in-doubt');
    await leftBehind.stop();
  });
});

describe('what nobody left behind', () => {
  it('is not touched: attempts of the living, ours, and those that have ended', async () => {
    await messages.handleMany([
      ...[accept(1), attemptSubmit(1, 1, ALIVE)],
      ...[accept(2), attemptSubmit(2, 1, OURS)],
      ...[accept(3), attemptSubmit(3, 1, DEAD), tookAs(3, 'c')],
      accept(4),
    ]);
    leftBehind.start();
    await pass(2_000);
    expect([1, 2, 3, 4].map(statusOf)).toEqual(['submitting', 'submitting', 'submitted', 'accepted']);
    await leftBehind.stop();
  });

  it.each([
    ['ours', OURS],
    ['another living one', ALIVE],
  ])('is not touched when the read model is behind and the sender is %s by now', async (_, sender) => {
    await messages.handleMany([accept(1), attemptSubmit(1, 1, DEAD)]);
    rows.hold();
    await messages.handleMany([
      recordSubmission(1, [
        { part: 1, end: 'deferred', cause: 'not-sent', commandStatus: null, retry: every(1) },
      ]),
      attemptSubmit(1, 4, sender),
    ]);
    leftBehind.start();
    await pass(2_000);
    expect(messages.message(messageIdOf(1))).toMatchObject({ status: 'submitting', attempts: 2 });
    await leftBehind.stop();
  });
});

describe('looking for them', () => {
  it('goes on after the store was away', async () => {
    await messages.handleMany([accept(1), attemptSubmit(1, 1, DEAD)]);
    rows.failure = new Error('connection refused');
    leftBehind.start();
    await quiet();
    rows.failure = null;
    messages.failWith = () => new Error('store away');
    await pass(2_000);
    messages.failWith = () => null;
    await pass(2_000);
    expect(statusOf(1)).toBe('in-doubt');
    await leftBehind.stop();
  });

  it('ends with stop, after the round under way', async () => {
    leftBehind.start();
    await quiet();
    await leftBehind.stop();
    await messages.handleMany([accept(1), attemptSubmit(1, 1, DEAD)]);
    await pass(10_000);
    expect(statusOf(1)).toBe('submitting');
  });
});
