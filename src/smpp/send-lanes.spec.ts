import { beforeEach, describe, expect, it } from '@jest/globals';
import { DueRows } from '../../test/support/due-rows.js';
import { InMemoryLifecycle } from '../../test/support/in-memory-lifecycle.js';
import { at, every } from '../../test/support/message-builders.js';
import { accept, attemptSubmit, messageIdOf, recordSubmission } from '../../test/support/message-commands.js';
import { VirtualClock } from '../clock/virtual-clock.js';
import type { AcceptMessage } from '../message/message.commands.js';
import { SendLanes } from './send-lanes.js';

const ALL_SLOTS = Array.from({ length: 16 }, (_, slot) => slot);

let messages: InMemoryLifecycle;
let rows: DueRows;
let clock: VirtualClock;
let slots: readonly number[];
let lanes: SendLanes;

/** Message `number`, accepted that many milliseconds after the others. */
function acceptedAt(number: number, overrides: Partial<AcceptMessage> = {}): AcceptMessage {
  return accept(number, { at: at(number / 1_000), ...overrides });
}

function numbers(taken: readonly { readonly messageId: string }[]): number[] {
  return taken.map(({ messageId }) => Number(messageId.slice(-6)));
}

async function refillAndTake(limit = 10_000): Promise<number[]> {
  await lanes.refill();
  return numbers(lanes.take(limit));
}

beforeEach(() => {
  messages = new InMemoryLifecycle();
  rows = new DueRows(messages);
  clock = new VirtualClock(Date.parse(at(60)));
  slots = ALL_SLOTS;
  lanes = new SendLanes(rows, clock, () => slots);
});

describe('the lanes', () => {
  it('give the higher lanes first, and in each the longest waiting first', async () => {
    await messages.handleMany([
      acceptedAt(6, { priority: 'low' }),
      acceptedAt(5),
      acceptedAt(4),
      acceptedAt(3, { priority: 'high' }),
      acceptedAt(2, { priority: 'low' }),
      acceptedAt(1, { priority: 'high' }),
    ]);
    await lanes.refill();
    expect(lanes.size).toBe(6);
    expect(numbers(lanes.take(3))).toEqual([1, 3, 4]);
    expect(numbers(lanes.take(10))).toEqual([5, 2, 6]);
    expect(lanes.size).toBe(0);
    expect(lanes.take(10)).toEqual([]);
  });

  it('let a message of a higher lane overtake what was read before it came', async () => {
    await messages.handleMany([acceptedAt(1), acceptedAt(2)]);
    await lanes.refill();
    expect(numbers(lanes.take(1))).toEqual([1]);
    await messages.handleMany([acceptedAt(3, { priority: 'high' })]);
    expect(await refillAndTake()).toEqual([3, 2]);
  });

  it('hold what is due now, and no more', async () => {
    await messages.handleMany([acceptedAt(1, { sendAt: at(61) }), acceptedAt(2, { sendAt: at(60) })]);
    expect(await refillAndTake()).toEqual([2]);
    clock.advance(1_000);
    expect(await refillAndTake()).toEqual([1]);
  });

  it('hold messages of the slots held at that moment only', async () => {
    await messages.handleMany([1, 2, 3, 4].map((number) => acceptedAt(number)));
    slots = [];
    expect(await refillAndTake()).toEqual([]);
    expect(rows.asked).toEqual([]);
    slots = [2, 4];
    expect(await refillAndTake()).toEqual([2, 4]);
    slots = ALL_SLOTS;
    clock.advance(1_000);
    expect(await refillAndTake()).toEqual([1, 3]);
  });
});

describe('reading on', () => {
  it('gives every message once, in order, over any number of pages', async () => {
    const all = Array.from({ length: 2_500 }, (_, index) => index + 1);
    await messages.handleMany(all.map((number) => acceptedAt(number)));
    rows.hold();
    const taken: number[] = [];
    for (let rounds = 0; rounds < 40; rounds++) {
      await lanes.refill();
      taken.push(...numbers(lanes.take(100)));
    }
    expect(taken).toEqual(all);
    // The cursor goes on where the last page ended.
    const pages = rows.asked.filter(({ lane }) => lane === 1).slice(0, 3);
    expect(pages.map(({ after }) => after?.messageId)).toEqual([
      undefined,
      messageIdOf(1_000),
      messageIdOf(2_000),
    ]);
  });

  it('tells whether the read model has more than is held', async () => {
    await messages.handleMany(Array.from({ length: 1_000 }, (_, index) => acceptedAt(index + 1)));
    expect(await lanes.refill()).toBe(true);
    lanes.take(1_000);
    expect(await lanes.refill()).toBe(false);
  });

  it('does not read while enough is held', async () => {
    await messages.handleMany(Array.from({ length: 600 }, (_, index) => acceptedAt(index + 1)));
    await lanes.refill();
    const asked = rows.asked.filter(({ lane }) => lane === 1).length;
    await lanes.refill();
    expect(rows.asked.filter(({ lane }) => lane === 1)).toHaveLength(asked);
    lanes.take(200);
    await lanes.refill();
    expect(rows.asked.filter(({ lane }) => lane === 1)).toHaveLength(asked + 1);
  });

  it('finds within a second what appeared behind the cursor', async () => {
    await messages.handleMany([acceptedAt(10)]);
    expect(await refillAndTake()).toEqual([10]);
    await messages.handleMany([acceptedAt(5)]);
    expect(await refillAndTake()).toEqual([]);
    clock.advance(1_000);
    expect(await refillAndTake()).toEqual([5]);
  });
});

describe('a message that was taken', () => {
  it('is not handed out again, however long the read model still shows it', async () => {
    await messages.handleMany([acceptedAt(1), acceptedAt(2)]);
    rows.hold();
    expect(await refillAndTake()).toEqual([1, 2]);
    for (let seconds = 0; seconds < 10; seconds++) {
      clock.advance(1_000);
      expect(await refillAndTake()).toEqual([]);
    }
  });

  it('comes again when it was deferred, with its new due instant', async () => {
    await messages.handleMany([acceptedAt(1)]);
    const [first] = await lanes.refill().then(() => lanes.take(1));
    await messages.handleMany([
      attemptSubmit(1, 60),
      recordSubmission(
        1,
        [{ part: 1, end: 'deferred', cause: 'not-sent', commandStatus: null, retry: every(1) }],
        {
          seconds: 61,
        },
      ),
    ]);
    expect(await refillAndTake()).toEqual([]);
    clock.advance(2_000);
    await lanes.refill();
    const [again] = lanes.take(1);
    expect(again?.messageId).toBe(first?.messageId);
    expect([first?.dueAt, again?.dueAt]).toEqual([
      '2026-01-01T08:00:00.001000Z',
      '2026-01-01T08:01:02.000000Z',
    ]);
  });
});

describe('a message accepted by this process', () => {
  const offered = (number: number): { messageId: string; dueAt: string } => ({
    messageId: messageIdOf(number),
    dueAt: at(number / 1_000),
  });

  it('is there before the read model knows it, and only once', async () => {
    lanes.offer(1, [offered(1)]);
    expect(numbers(lanes.take(10))).toEqual([1]);
    await messages.handleMany([acceptedAt(1)]);
    expect(await refillAndTake()).toEqual([]);
  });

  it('is left to the sender whose slot it belongs to', async () => {
    slots = [1];
    lanes.offer(1, [offered(1), offered(2)]);
    expect(numbers(lanes.take(10))).toEqual([1]);
    await messages.handleMany([acceptedAt(2)]);
    slots = ALL_SLOTS;
    expect(await refillAndTake()).toEqual([2]);
  });

  it('is found in the read model when the lane is full', async () => {
    const all = Array.from({ length: 5_010 }, (_, index) => index + 1);
    lanes.offer(1, all.map(offered));
    expect(lanes.size).toBe(5_000);
    await messages.handleMany(all.map((number) => acceptedAt(number)));
    const taken = numbers(lanes.take(5_000));
    taken.push(...(await refillAndTake()));
    expect(taken).toEqual(all);
  });
});
