import { beforeEach, describe, expect, it } from '@jest/globals';
import { DueRows } from '../../test/support/due-rows.js';
import { InMemoryLifecycle } from '../../test/support/in-memory-lifecycle.js';
import { accepted, at, every } from '../../test/support/message-builders.js';
import { accept, attemptSubmit, messageIdOf, recordSubmission } from '../../test/support/message-commands.js';
import { VirtualClock } from '../clock/virtual-clock.js';
import { toNewEvent } from '../lifecycle/message-stream.js';
import type { AcceptMessage } from '../message/message.commands.js';
import type { RouteFacts } from '../message/route-facts.js';
import { type ConnectorLanes, SendLanes } from './send-lanes.js';

const ALL_SLOTS = Array.from({ length: 16 }, (_, slot) => slot);

let messages: InMemoryLifecycle;
let rows: DueRows;
let clock: VirtualClock;
let slots: readonly number[];
let sendLanes: SendLanes;
/** Those of the connector that takes everything, unless a test says otherwise. */
let lanes: ConnectorLanes;
let routes: (facts: RouteFacts) => string | null;
let takers: readonly string[];

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
  routes = () => 'main';
  takers = ['main'];
  sendLanes = new SendLanes(rows, clock, () => slots, {
    connectorFor: (facts) => routes(facts),
    takers: () => takers,
  });
  lanes = sendLanes.of('main');
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
  function offer(...numbers: readonly number[]): ReadonlySet<string> {
    return sendLanes.accepted(
      numbers.map((number) => {
        const messageId = messageIdOf(number);
        const event = { ...accepted({ messageId }), at: at(number / 1_000) };
        return toNewEvent(event, messageId, messageId, 0);
      }),
    );
  }

  it('is there before the read model knows it, and only once', async () => {
    offer(1);
    expect(numbers(lanes.take(10))).toEqual([1]);
    await messages.handleMany([acceptedAt(1)]);
    expect(await refillAndTake()).toEqual([]);
  });

  it('is left to the sender whose slot it belongs to', async () => {
    slots = [1];
    offer(1, 2);
    expect(numbers(lanes.take(10))).toEqual([1]);
    await messages.handleMany([acceptedAt(2)]);
    slots = ALL_SLOTS;
    expect(await refillAndTake()).toEqual([2]);
  });

  it('is found in the read model when the lane is full', async () => {
    const all = Array.from({ length: 5_010 }, (_, index) => index + 1);
    offer(...all);
    expect(lanes.size).toBe(5_000);
    await messages.handleMany(all.map((number) => acceptedAt(number)));
    const taken = numbers(lanes.take(5_000));
    taken.push(...(await refillAndTake()));
    expect(taken).toEqual(all);
  });
});

describe('with several connectors', () => {
  const byLastDigit = ({ to }: RouteFacts): string | null =>
    takers.includes(to.slice(-1)) ? to.slice(-1) : null;
  const to = (number: number, connector: string): AcceptMessage =>
    acceptedAt(number, { to: `+2783123456${connector}` });

  beforeEach(() => {
    routes = byLastDigit;
    takers = ['1', '2'];
  });

  it('one reading fills the lanes of each', async () => {
    await messages.handleMany([to(1, '1'), to(2, '2'), to(3, '1')]);
    await Promise.all([sendLanes.of('1').refill(), sendLanes.of('2').refill()]);
    expect(numbers(sendLanes.of('1').take(10))).toEqual([1, 3]);
    expect(numbers(sendLanes.of('2').take(10))).toEqual([2]);
    expect(rows.asked.filter(({ lane }) => lane === 1)).toHaveLength(1);
  });

  it('what is accepted here goes to its connector at once, and what none takes now stays in the read model', () => {
    takers = ['2'];
    routes = ({ from }) => (from === '' ? null : '2');
    const messageId = messageIdOf(1);
    const event = toNewEvent(accepted({ messageId }), messageId, messageId, 0);
    expect([...sendLanes.accepted([event])]).toEqual(['2']);
    routes = () => null;
    expect([...sendLanes.accepted([event])]).toEqual([]);
  });

  it('thousands of messages that nobody takes hold up none of those behind them, and are found when somebody does', async () => {
    const blocked = Array.from({ length: 12_000 }, (_, index) => index + 1);
    await messages.handleMany(blocked.map((number) => to(number, '1')));
    await messages.handleMany([to(13_000, '2')]);
    takers = ['2'];
    const two = sendLanes.of('2');
    let refills = 1;
    while (await two.refill()) refills++;
    expect([refills, numbers(two.take(10))]).toEqual([2, [13_000]]);
    takers = ['1', '2'];
    clock.advance(1_000);
    await two.refill();
    expect(numbers(sendLanes.of('1').take(3))).toEqual([1, 2, 3]);
  });

  it('a lane of which all is passed over is not read again and again without a rest', async () => {
    await messages.handleMany([to(1, '1')]);
    takers = ['2'];
    rows.onAsked = ({ lane }) => {
      if (lane === 1) clock.advance(400);
    };
    const asked = (): number => rows.asked.filter(({ lane }) => lane === 1).length;
    await sendLanes.of('2').refill();
    clock.advance(1_000);
    await sendLanes.of('2').refill();
    clock.advance(1_000);
    const before = rows.asked.filter(({ lane, after }) => lane === 1 && after === null).length;
    expect([asked(), before]).toEqual([2, 1]);
  });

  it('a lane that is looked at all the time is read from its beginning all the same', async () => {
    await messages.handleMany([to(1, '1')]);
    takers = ['2'];
    rows.onAsked = () => {
      clock.advance(10);
    };
    await sendLanes.of('2').refill();
    takers = ['1', '2'];
    for (let looks = 0; looks < 50; looks++) await sendLanes.of('2').refill();
    expect(numbers(sendLanes.of('1').take(1))).toEqual([1]);
  });

  it('what a connector has not taken goes another way when it is released', async () => {
    await messages.handleMany([to(1, '1'), to(2, '1')]);
    await sendLanes.of('1').refill();
    expect(numbers(sendLanes.of('1').take(1))).toEqual([1]);
    routes = () => '2';
    sendLanes.release('1');
    clock.advance(1_000);
    await sendLanes.of('2').refill();
    expect(numbers(sendLanes.of('2').take(10))).toEqual([2]);
    expect(sendLanes.of('1').size).toBe(0);
  });

  it('nothing is read while nobody takes anything', async () => {
    await messages.handleMany([to(1, '1')]);
    takers = [];
    expect(await sendLanes.of('1').refill()).toBe(false);
    expect(rows.asked).toEqual([]);
  });
});
