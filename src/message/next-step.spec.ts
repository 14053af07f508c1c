import { describe, expect, it } from '@jest/globals';
import { given } from '../../test/support/given.js';
import {
  accepted,
  at,
  attempted,
  calling,
  command,
  deferredUntil,
  event,
  fallbackDecided,
  queued,
  receipt,
  RECEIPT_WAIT_SECONDS,
  refusedAtSubmit,
  smsOnly,
  submitted,
  unanswered,
  VALIDITY_SECONDS,
} from '../../test/support/message-builders.js';
import type { MessageCommand } from './message.commands.js';
import type { MessageEvent } from './message.events.js';
import { nextStepOf, type WaitingFor } from './next-step.js';

const sent = [accepted(), attempted(1), submitted(2)];
const deadline = 1 + RECEIPT_WAIT_SECONDS;
const due = [...sent, fallbackDecided(700)];
const partly = [
  accepted({ partCount: 2 }),
  attempted(1, 1, [1, 2]),
  submitted(2, [1]),
  deferredUntil(2, 60, { parts: [2] }),
];
const failed = event('VoiceFailed', 760, {
  attempt: 1,
  sessionId: null,
  failure: 'busy',
  reason: 'USER_BUSY',
  retryAt: at(880),
  raw: '{}',
});
const answered = event('VoiceAnswered', 760, { attempt: 1, sessionId: 's', durationSeconds: 5, raw: '{}' });
const delivered = event('MessageDelivered', 9, { part: 1, receipt: receipt('delivered') });
const undelivered = event('MessageUndelivered', 9, { part: 1, reason: 'x', receipt: receipt('deleted') });
const scheduled = [accepted({ sendAt: at(900) }), event('MessageScheduled', 0, { sendAt: at(900) })];

const waiting: [string, readonly MessageEvent[], WaitingFor, number, number | null][] = [
  ['accepted', [accepted()], 'submit', 0, VALIDITY_SECONDS],
  ['scheduled', scheduled, 'submit', 900, VALIDITY_SECONDS],
  ['deferred', [accepted(), attempted(1), deferredUntil(2, 60)], 'submit', 60, VALIDITY_SECONDS],
  ['deferred in part: the receipts of the rest are due first', partly, 'submit', 60, deadline],
  ['submitting', [accepted(), attempted(1)], 'response', 1, null],
  ['submitting in part', partly.slice(0, 3), 'response', 1, null],
  ['submitted', sent, 'receipt', deadline, null],
  [
    'buffered',
    [...sent, event('MessageBuffered', 5, { part: 1, receipt: receipt('enroute') })],
    'receipt',
    deadline,
    null,
  ],
  ['in doubt, held', [accepted(), attempted(1), unanswered(11)], 'receipt', deadline, null],
  [
    'in doubt, to be sent again',
    [accepted(), attempted(1), unanswered(11, 'resubmit')],
    'submit',
    71,
    deadline,
  ],
  ['rejected, a call left', [accepted(), attempted(1), refusedAtSubmit(2)], 'fallback', 1, null],
  [
    'rejected in part, the rest under way',
    [accepted({ partCount: 2 }), attempted(1, 1, [1, 2]), refusedAtSubmit(2)],
    'response',
    1,
    null,
  ],
  ['undelivered, a call left', [...sent, undelivered], 'fallback', 1, null],
  [
    'expired unsent, a call left',
    [accepted(), event('MessageExpired', 7201, { cause: 'validity', reason: 'x' })],
    'fallback',
    VALIDITY_SECONDS,
    null,
  ],
  [
    'failed in part where submitted is enough, the rest in doubt',
    [
      accepted({ partCount: 2, channels: smsOnly('submitted') }),
      attempted(1, 1, [1, 2]),
      submitted(2, [1]),
      unanswered(2, 'hold', { parts: [2] }),
      undelivered,
    ],
    'receipt',
    deadline,
    null,
  ],
  ['a call decided', due, 'call', 700, null],
  ['a call decided, the SMS failed since', [...due, undelivered], 'call', 700, null],
  ['calling', [...due, calling(710)], 'call-report', 890, null],
  ['calling, delivered meanwhile', [...due, calling(710), queued(711), delivered], 'call-report', 890, null],
  ['another call due', [...due, calling(710), failed], 'call', 880, null],
];

const over: [string, readonly MessageEvent[]][] = [
  ['not there', []],
  ['delivered', [...sent, delivered]],
  ['delivered before the call', [...due, delivered]],
  ['rejected, no call left', [accepted({ channels: smsOnly() }), attempted(1), refusedAtSubmit(2)]],
  [
    'submitted on a route without receipts',
    [accepted({ channels: smsOnly('submitted') }), attempted(1), submitted(2)],
  ],
  [
    'given up',
    [accepted({ channels: smsOnly() }), attempted(1), submitted(2), fallbackDecided(700, 'give-up')],
  ],
  ['cancelled', [accepted(), event('MessageCancelled', 1, { by: 'request', reason: 'x' })]],
  ['suppressed', [accepted(), event('MessageSuppressed', 1, { reason: 'x' })]],
  ['answered', [...due, calling(710), answered]],
  [
    'a call of unknown outcome',
    [
      ...due,
      calling(710),
      event('VoiceOutcomeUnknown', 900, { attempt: 1, cause: 'process-lost', detail: 'x' }),
    ],
  ],
];

describe('what a message waits for', () => {
  it.each(waiting)('%s', (_, history, waitingFor, dueAt, validUntil) => {
    expect(nextStepOf(given(...history).state)).toEqual({
      waitingFor,
      dueAt: at(dueAt),
      validUntil: validUntil === null ? null : at(validUntil),
      priority: 'normal',
      suspect: false,
    });
  });

  it.each(over)('%s: nothing', (_, history) => {
    expect(nextStepOf(given(...history).state)).toBeNull();
  });
});

// Whoever acts on the step at its time must be answered, or the message would wait for ever.
const answers: Partial<Record<WaitingFor, (seconds: number) => MessageCommand>> = {
  submit: (seconds) =>
    command('AttemptSubmit', seconds, { connector: 'main', sender: 'sender-1', longForm: 'udh8' }),
  receipt: (seconds) => command('DecideFallback', seconds, {}),
  fallback: (seconds) => command('DecideFallback', seconds, {}),
  call: (seconds) => command('AttemptCall', seconds, { gateway: 'fake', reportDueAt: at(seconds + 180) }),
  'call-report': (seconds) =>
    command('RecordCallOutcomeUnknown', seconds, { attempt: 1, cause: 'no-final-report', detail: 'x' }),
};

describe('a message never waits for ever', () => {
  it.each(waiting.filter(([, , waitingFor]) => waitingFor !== 'response'))(
    '%s: acting when it is due moves it on',
    (_, history, waitingFor, dueAt) => {
      const act = answers[waitingFor];
      const { state } = given(...history);
      const moved =
        act === undefined
          ? []
          : given(...history)
              .when(act(dueAt))
              .decided();
      expect(moved).not.toEqual([]);
      expect(nextStepOf(given(...history, ...moved).state)).not.toEqual(nextStepOf(state));
    },
  );

  it.each(waiting.filter(([, , , , validUntil]) => validUntil !== null))(
    '%s: DecideFallback ends the wait at validUntil',
    (_, history, __, ___, validUntil) => {
      expect(
        given(...history)
          .when(command('DecideFallback', validUntil ?? 0, {}))
          .decided(),
      ).toHaveLength(1);
    },
  );
});
