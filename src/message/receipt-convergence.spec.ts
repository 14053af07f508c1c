// The convergence law of receipts, over random messages: whatever order and however often they
// arrive, the same receipts end in the same state.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { given } from '../../test/support/given.js';
import {
  accepted,
  attempted,
  command,
  event,
  fallbackDecided,
  receipt,
  smsOnly,
  smsThenVoice,
  submitted,
  unanswered,
} from '../../test/support/message-builders.js';
import { decide } from './message.decider.js';
import type { MessageEvent, MessageEventType, ReceiptEvidence, ReceiptState } from './message.events.js';
import { evolve, type KnownMessage, type Message } from './message.js';
import { isFinalStatus } from './parts.js';

const INTERMEDIATE: ReceiptState[] = ['enroute', 'accepted', 'unknown'];
const FINAL: ReceiptState[] = ['delivered', 'expired', 'deleted', 'undeliverable', 'rejected'];

interface Told {
  readonly part: number;
  readonly receipt: ReceiptEvidence;
}

/** How the submits of the message ended before its receipts came. */
const start = fc.record({
  partCount: fc.integer({ min: 1, max: 3 }),
  channels: fc.constantFrom(smsOnly(), smsThenVoice(), smsOnly('submitted'), smsThenVoice('submitted')),
  ends: fc.array(fc.constantFrom('submitted', 'hold', 'resubmit'), { minLength: 3, maxLength: 3 }),
  decided: fc.boolean(),
});

function historyOf({
  partCount,
  channels,
  ends,
  decided,
}: typeof start extends fc.Arbitrary<infer T> ? T : never) {
  const parts = Array.from({ length: partCount }, (_, index) => index + 1);
  const history = [accepted({ partCount, channels }), attempted(1, 1, parts)];
  for (const part of parts) {
    const end = ends[part - 1];
    history.push(
      end === 'submitted'
        ? submitted(2, [part])
        : unanswered(2, end === 'hold' ? 'hold' : 'resubmit', { parts: [part] }),
    );
  }
  const { state } = given(...history);
  if (decided && state.status !== 'none' && state.outcome === 'pending') {
    history.push(fallbackDecided(700, channels.length === 1 ? 'give-up' : 'voice'));
  }
  return history;
}

const intermediates = (part: number) =>
  fc.array(
    fc.tuple(fc.constantFrom(...INTERMEDIATE), fc.constantFrom('a', 'b')).map(([state, copy]) => ({
      part,
      receipt: receipt(state, part, copy),
    })),
    { maxLength: 3 },
  );

/** At most one final state per part, in up to two copies that differ, and intermediate ones. */
const agreeing = fc.tuple(
  ...[1, 2, 3].map((part) =>
    fc
      .tuple(intermediates(part), fc.option(fc.constantFrom(...FINAL)), fc.boolean())
      .map(([others, final, twice]): Told[] =>
        final === null
          ? others
          : [
              ...others,
              { part, receipt: receipt(final, part) },
              ...(twice ? [{ part, receipt: receipt(final, part, 'b') }] : []),
            ],
      ),
  ),
);

/** Any receipts at all. */
const contradicting = fc.array(
  fc
    .tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(...INTERMEDIATE, ...FINAL),
      fc.constantFrom('a', 'b'),
    )
    .map(([part, state, copy]): Told => ({ part, receipt: receipt(state, part, copy) })),
  { minLength: 1, maxLength: 20 },
);

function shuffledWithRepeats(told: readonly Told[]): fc.Arbitrary<Told[]> {
  const repeats = told.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...told), { maxLength: 6 });
  return repeats.chain((again) =>
    fc.shuffledSubarray([...told, ...again], { minLength: told.length + again.length }),
  );
}

function hear(state: Message, told: readonly Told[]): { states: KnownMessage[]; events: MessageEvent[] } {
  const states: KnownMessage[] = [];
  const events: MessageEvent[] = [];
  let now = state;
  for (const data of told) {
    const decided = decide(command('RecordReceipt', 800, data), now);
    for (const next of decided) {
      events.push(next);
      const after = evolve(now, next);
      states.push(after);
      now = after;
    }
  }
  return { states, events };
}

/** What must not depend on the order; the list of seen ids is kept in the order of arrival. */
function essence(state: Message) {
  if (state.status === 'none') throw new Error('the message was accepted');
  const { status, outcome, reason, parts, voice } = state;
  return { status, outcome, reason, parts, voice };
}

const TERMINAL: readonly MessageEventType[] = [
  'MessageDelivered',
  'MessageUndelivered',
  'MessageExpired',
  'MessageRejected',
];

describe('receipts converge', () => {
  it('ends in the same state for every order and repetition of the same receipts', () => {
    const cases = fc
      .tuple(start, agreeing)
      .map(([begin, told]) => ({ begin, told: told.slice(0, begin.partCount).flat() }))
      .chain(({ begin, told }) =>
        fc.record({
          begin: fc.constant(begin),
          one: shuffledWithRepeats(told),
          other: shuffledWithRepeats(told),
        }),
      );
    fc.assert(
      fc.property(cases, ({ begin, one, other }) => {
        const { state } = given(...historyOf(begin));
        const ends = [one, other].map((told) => essence(hear(state, told).states.at(-1) ?? state));
        expect(ends[0]).toEqual(ends[1]);
      }),
      { numRuns: 2000 },
    );
  });

  it('decides status and outcome once, and records each contradiction once, whatever is said', () => {
    fc.assert(
      fc.property(start, contradicting, (begin, all) => {
        const told = all.filter(({ part }) => part <= begin.partCount);
        const { state } = given(...historyOf(begin));
        if (state.status === 'none') throw new Error('the message was accepted');
        const { states, events } = hear(state, told);
        let before = state;
        for (const after of states) {
          if (isFinalStatus(before.status)) expect(after.status).toBe(before.status);
          if (before.outcome !== 'pending') expect(after.outcome).toBe(before.outcome);
          before = after;
        }
        const ends = events.filter(({ type }) => TERMINAL.includes(type));
        expect(ends.length).toBeLessThanOrEqual(1);
        const contradictions = events.flatMap((e) =>
          e.type === 'ReceiptContradicted' ? [e.data.receipt.receiptId] : [],
        );
        expect(contradictions).toHaveLength(new Set(contradictions).size);
        // Hearing all of it again changes nothing at all.
        expect(hear(before, told).events).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('sees a contradiction only between final states of one part', () => {
    const history = [accepted(), attempted(1), submitted(2)];
    const heard = hear(given(...history).state, [
      { part: 1, receipt: receipt('enroute') },
      { part: 1, receipt: receipt('delivered') },
      { part: 1, receipt: receipt('accepted') },
      { part: 1, receipt: receipt('expired') },
    ]);
    expect(heard.events.map(({ type }) => type)).toEqual([
      'MessageBuffered',
      'MessageDelivered',
      'ReceiptContradicted',
    ]);
    expect(heard.events.at(-1)).toEqual(
      event('ReceiptContradicted', 800, { part: 1, recorded: 'delivered', receipt: receipt('expired') }),
    );
  });
});
