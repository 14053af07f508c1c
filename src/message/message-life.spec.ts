// Whole lives of messages: random commands in any order, and what must hold whatever they are.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  accepted,
  at,
  command,
  every,
  HOLD,
  receipt,
  RESUBMIT,
  smsOnly,
  smsThenVoice,
  VALIDITY_SECONDS,
  VOICE,
} from '../../test/support/message-builders.js';
import type { InDoubtPolicy, MessageCommand, PartSubmission } from './message.commands.js';
import { decide } from './message.decider.js';
import { MessageError } from './message.errors.js';
import type { Channels, MessageEvent, MessageEventType } from './message.events.js';
import { evolve, initialState, type KnownMessage } from './message.js';
import { nextStepOf } from './next-step.js';
import type { PartCancel } from './order.commands.js';
import { isFinalStatus } from './parts.js';

const part = fc.integer({ min: 1, max: 2 });
const attempt = fc.integer({ min: 1, max: 4 });
const sessionId = fc.constantFrom('session-1', 'session-2');
const policy = fc.constantFrom<InDoubtPolicy>(HOLD, RESUBMIT);

const ASKING = { sender: 's', everySeconds: 100, backoffFactor: 2, maxQueries: 3 };

type At = (seconds: number) => MessageCommand;

const submission = fc.record({
  part,
  end: fc.constantFrom('submitted', 'rejected', 'deferred', 'unknown'),
});
const asked: fc.Arbitrary<At> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constant<At>((s) =>
      command('AttemptSubmit', s, { connector: 'main', sender: 's', longForm: 'udh8' }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(attempt, policy, fc.array(submission, { minLength: 1, maxLength: 2 })).map(
      ([of, inDoubtPolicy, ends]): At =>
        (s) =>
          command('RecordSubmission', s, {
            attempt: of,
            connector: 'main',
            inDoubtPolicy,
            ...(of % 2 === 1 ? { queryAfterSeconds: 60 } : {}),
            results: ends.map((end) => result(end.part, end.end, of)),
          }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        part,
        fc.constantFrom('enroute', 'unknown', 'delivered', 'undeliverable', 'rejected', 'expired', 'deleted'),
      )
      .map(
        ([of, state]): At =>
          (s) =>
            command('RecordReceipt', s, { part: of, receipt: receipt(state, of) }),
      ),
  },
  fc.constant<At>((s) => command('DecideFallback', s, {})),
  fc.constant<At>((s) => command('AttemptCall', s, { gateway: 'fake', reportDueAt: at(s + 180) })),
  fc.tuple(attempt, sessionId).map(
    ([of, id]): At =>
      (s) =>
        command('RecordCallQueued', s, { attempt: of, sessionId: id }),
  ),
  fc.tuple(attempt, sessionId).map(
    ([of, id]): At =>
      (s) =>
        command('RecordCallAnswered', s, { attempt: of, sessionId: id, durationSeconds: 9, raw: '{}' }),
  ),
  fc.tuple(attempt, sessionId, fc.constantFrom<'busy' | 'declined'>('busy', 'declined')).map(
    ([of, id, failure]): At =>
      (s) =>
        command('RecordCallFailed', s, { attempt: of, sessionId: id, failure, reason: failure, raw: '{}' }),
  ),
  fc.constant<At>((s) =>
    command('RecordCallOutcomeUnknown', s, { attempt: 1, cause: 'process-lost', detail: 'x' }),
  ),
  fc.constantFrom<At>(
    (s) => command('CancelMessage', s, { reason: 'asked' }),
    (s) => command('ReleaseMessage', s, { reason: 'asked' }),
    (s) => command('SuppressMessage', s, { reason: 'opted out' }),
    (s) => command('ReplaceText', s, { text: 'Another text.', encoding: 'gsm7', partCount: 1 }),
    (s) => command('AttemptCancel', s, { sender: 's', retryAfterSeconds: 30 }),
    (s) => command('AttemptReplace', s, { sender: 's', retryAfterSeconds: 30 }),
    (s) => command('AttemptQuery', s, ASKING),
    (s) => command('RecordQuery', s, { query: 1, failures: [{ part: 1, commandStatus: null }] }),
  ),
  fc
    .tuple(
      attempt,
      fc.array(fc.tuple(part, fc.constantFrom('cancelled', 'refused', 'unanswered')), { maxLength: 3 }),
    )
    .map(
      ([of, ends]): At =>
        (s) =>
          command('RecordCancel', s, {
            attempt: of,
            results: ends.map(([one, end]) => cancelResult(one, end)),
          }),
    ),
  fc.tuple(attempt, fc.constantFrom<'replaced' | 'unanswered'>('replaced', 'unanswered')).map(
    ([of, end]): At =>
      (s) =>
        command('RecordReplace', s, { attempt: of, result: { end } }),
  ),
);

function cancelResult(of: number, end: string): PartCancel {
  if (end === 'cancelled' || end === 'unanswered') return { part: of, end };
  return { part: of, end: 'refused', commandStatus: { code: 0x11, name: 'ESME_RCANCELFAIL' } };
}

function result(of: number, end: string, tried: number): PartSubmission {
  const commandStatus = { code: 0x58, name: 'ESME_RTHROTTLED' };
  if (end === 'submitted') return { part: of, end, smscMessageId: `${String(tried)}-${String(of)}` };
  if (end === 'rejected') return { part: of, end, commandStatus };
  if (end === 'deferred') return { part: of, end, cause: 'refused', commandStatus, retry: every(30, 3) };
  return { part: of, end: 'unknown', cause: 'link-lost' };
}

const life = fc.record({
  partCount: part,
  channels: fc.constantFrom<Channels>(
    smsOnly(),
    smsThenVoice(),
    smsOnly('submitted'),
    smsThenVoice('submitted'),
  ),
  steps: fc.array(fc.tuple(fc.constantFrom(0, 1, 40, 200, 700, 3000), asked), { maxLength: 25 }),
  recovery: policy,
});

interface Lived {
  readonly states: KnownMessage[];
  readonly events: MessageEvent[];
  readonly seconds: number;
}

function live(partCount: number, channels: Channels, steps: readonly (readonly [number, At])[]): Lived {
  const first = accepted({ partCount, channels });
  const lived = { states: [evolve(initialState, first)], events: [first], seconds: 0 };
  for (const [pause, ask] of steps) {
    lived.seconds += pause;
    tell(lived, ask(lived.seconds));
  }
  return lived;
}

function tell(lived: Lived, told: MessageCommand): void {
  const before = last(lived);
  try {
    let now = before;
    for (const next of decide(told, before)) {
      now = evolve(now, next);
      lived.states.push(now);
      lived.events.push(next);
    }
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
  }
}

function last({ states }: Lived): KnownMessage {
  const state = states.at(-1);
  if (state === undefined) throw new Error('a life begins with MessageAccepted');
  return state;
}

const ENDS: readonly MessageEventType[] = [
  'MessageDelivered',
  'MessageUndelivered',
  'MessageExpired',
  'MessageRejected',
  'MessageCancelled',
  'MessageSuppressed',
];

const count = (events: readonly MessageEvent[], ...types: MessageEventType[]) =>
  events.filter(({ type }) => types.includes(type)).length;

describe('whatever is asked of a message, in whatever order', () => {
  it('its status ends once, its outcome is decided once, and neither changes again', () => {
    fc.assert(
      fc.property(life, ({ partCount, channels, steps }) => {
        const lived = live(partCount, channels, steps);
        lived.states.reduce((before, after) => {
          if (isFinalStatus(before.status)) expect(after.status).toBe(before.status);
          if (before.outcome !== 'pending') expect(after.outcome).toBe(before.outcome);
          return after;
        });
        expect(count(lived.events, ...ENDS)).toBe(isFinalStatus(last(lived).status) ? 1 : 0);
      }),
      { numRuns: 1000 },
    );
  });

  it('no part is sent again but after a deferral or by the stated policy, nor after the validity', () => {
    fc.assert(
      fc.property(life, ({ partCount, channels, steps }) => {
        const { events } = live(partCount, channels, steps);
        for (let number = 1; number <= partCount; number++) {
          let maySend = true;
          for (const { type, at: when, data } of events) {
            if (type === 'SubmitAttempted' && data.parts.includes(number)) {
              expect(maySend).toBe(true);
              expect(when <= at(VALIDITY_SECONDS)).toBe(true);
              maySend = false;
            }
            const again =
              type === 'SubmitDeferred' ||
              type === 'MessageReleased' ||
              (type === 'SubmitOutcomeUnknown' && data.policy === 'resubmit');
            if (again && data.parts.includes(number)) maySend = true;
            const taken = type === 'MessageSubmitted' && data.parts.some((one) => one.part === number);
            if (taken) maySend = false;
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('the fallback is decided at most once, and nobody is called more often than the policy says', () => {
    fc.assert(
      fc.property(life, ({ partCount, channels, steps }) => {
        const { events } = live(partCount, channels, steps);
        expect(count(events, 'FallbackDecided')).toBeLessThanOrEqual(1);
        expect(count(events, 'VoiceAttempted')).toBeLessThanOrEqual(
          channels.length === 1 ? 0 : VOICE.maxCalls,
        );
        const unknown = events.findIndex(({ type }) => type === 'VoiceOutcomeUnknown');
        if (unknown >= 0) expect(count(events.slice(unknown), 'VoiceAttempted')).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it('nothing is submitted and nobody called once it is to be cancelled', () => {
    fc.assert(
      fc.property(life, ({ partCount, channels, steps }) => {
        const { events } = live(partCount, channels, steps);
        const asked = events.findIndex(
          ({ type }) => type === 'CancelRequested' || type === 'MessageCancelled',
        );
        if (asked < 0) return;
        expect(count(events.slice(asked), 'SubmitAttempted', 'VoiceAttempted')).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it('it comes to an outcome when every step is taken as it falls due and nothing else is heard', () => {
    fc.assert(
      fc.property(life, ({ partCount, channels, steps, recovery }) => {
        const lived = live(partCount, channels, steps);
        for (let taken = 0; nextStepOf(last(lived)) !== null; taken++) {
          expect(taken).toBeLessThan(30);
          takeNextStep(lived, recovery);
        }
        expect(last(lived).outcome).not.toBe('pending');
        expect(last(lived).parts.some(({ state }) => state === 'submitting')).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});

/** As the senders, the fallback and the caller do it, when no answer ever comes. */
function takeNextStep(lived: Lived, inDoubtPolicy: InDoubtPolicy): void {
  const state = last(lived);
  const step = nextStepOf(state);
  if (step === null) return;
  const dueSeconds = (Date.parse(step.dueAt) - Date.parse(at(0))) / 1000;
  const now = Math.max(lived.seconds, dueSeconds);
  const { voice, attempts } = state;
  switch (step.waitingFor) {
    case 'submit':
      tell(lived, command('AttemptSubmit', now, { connector: 'main', sender: 's', longForm: 'udh8' }));
      return;
    case 'response': {
      const results = state.parts.map((_, index) => result(index + 1, 'unknown', attempts));
      tell(
        lived,
        command('RecordSubmission', now, { attempt: attempts, connector: 'main', inDoubtPolicy, results }),
      );
      return;
    }
    case 'receipt':
    case 'fallback':
      tell(lived, command('DecideFallback', now, {}));
      return;
    case 'query':
      tell(lived, command('AttemptQuery', now, ASKING));
      return;
    case 'cancel':
      tell(lived, command('AttemptCancel', now, { sender: 's', retryAfterSeconds: 30 }));
      return;
    case 'replace':
      tell(lived, command('AttemptReplace', now, { sender: 's', retryAfterSeconds: 30 }));
      return;
    case 'call':
      tell(lived, command('AttemptCall', now, { gateway: 'fake', reportDueAt: at(now + 180) }));
      return;
    case 'call-report': {
      const tried = voice.state === 'calling' ? voice.attempt : 0;
      const unheard = { attempt: tried, cause: 'no-final-report', detail: 'x' } as const;
      tell(lived, command('RecordCallOutcomeUnknown', now, unheard));
    }
  }
}
