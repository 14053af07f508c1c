// The table at the head of message.decider.ts, cell by cell: every state × every command.
// The finer cases of each concept stand beside the deciders in deciders/.
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
  HOLD,
  MESSAGE_ID,
  queued,
  receipt,
  refusedAtSubmit,
  smsThenVoice,
  submitted,
  unanswered,
  VALIDITY_SECONDS,
} from '../../test/support/message-builders.js';
import type { MessageCommand } from './message.commands.js';
import { decide } from './message.decider.js';
import { MessageError } from './message.errors.js';
import type { MessageEvent } from './message.events.js';
import type { OrderCommand } from './order.commands.js';

const sent = [accepted(), attempted(1), submitted(2)];
const undecided = [...sent, fallbackDecided(700)];
const called = [...undecided, calling(710)];

const histories = {
  none: [],
  accepted: [accepted()],
  scheduled: [accepted({ sendAt: at(900) }), event('MessageScheduled', 0, { sendAt: at(900) })],
  submitting: [accepted(), attempted(1)],
  deferred: [accepted(), attempted(1), deferredUntil(2, 60)],
  submitted: sent,
  'in doubt, held': [accepted(), attempted(1), unanswered(11)],
  'in doubt, resubmit': [accepted(), attempted(1), unanswered(11, 'resubmit')],
  quarantined: [
    accepted(),
    attempted(1),
    unanswered(11, 'hold', { cause: 'link-lost' }),
    event('MessageQuarantined', 11, {
      parts: [1],
      attempts: 1,
      connector: 'main',
      losses: [{ attempt: 1, connector: 'main', cause: 'link-lost' }],
    }),
  ],
  buffered: [...sent, event('MessageBuffered', 5, { part: 1, receipt: receipt('enroute') })],
  delivered: [...sent, event('MessageDelivered', 9, { part: 1, receipt: receipt('delivered') })],
  undelivered: [
    ...sent,
    event('MessageUndelivered', 9, { part: 1, reason: 'x', receipt: receipt('undeliverable') }),
  ],
  rejected: [accepted(), attempted(1), refusedAtSubmit(2)],
  expired: [accepted(), event('MessageExpired', 800, { cause: 'validity', reason: 'x' })],
  cancelled: [accepted(), event('MessageCancelled', 1, { by: 'request', reason: 'asked' })],
  suppressed: [accepted(), event('MessageSuppressed', 1, { reason: 'opted out' })],
  'call due': undecided,
  calling: called,
  'call queued': [...called, queued(711)],
  'call answered': [
    ...called,
    event('VoiceAnswered', 760, { attempt: 1, sessionId: 'session-1', durationSeconds: 20, raw: '{}' }),
  ],
  'call failed': [
    ...called,
    event('VoiceFailed', 760, {
      attempt: 1,
      sessionId: 'session-1',
      failure: 'declined',
      reason: 'CALL_REJECTED',
      retryAt: null,
      raw: '{}',
    }),
  ],
  'call unknown': [
    ...called,
    event('VoiceOutcomeUnknown', 900, { attempt: 1, cause: 'no-final-report', detail: 'none' }),
  ],
} satisfies Record<string, readonly MessageEvent[]>;

/** What is asked of the SMSC has a table of its own: order.decider.spec.ts. */
type Asked = Exclude<MessageCommand, OrderCommand> | Extract<OrderCommand, { type: 'CancelMessage' }>;

// All at second 1000: after every deadline (receipts 601, calls 890) and within the validity.
const commands = {
  AcceptMessage: command('AcceptMessage', 1000, {
    to: '+27831234567',
    from: 'SureReach',
    text: 'Hello',
    encoding: 'gsm7',
    partCount: 1,
    priority: 'normal',
    class: 'transactional',
    channels: smsThenVoice(),
    validUntil: at(VALIDITY_SECONDS),
    sendAt: null,
    reference: null,
    batch: null,
    locale: null,
  }),
  AttemptSubmit: command('AttemptSubmit', 1000, { connector: 'main', sender: 'sender-1', longForm: 'udh8' }),
  RecordSubmission: command('RecordSubmission', 1000, {
    attempt: 1,
    connector: 'main',
    inDoubtPolicy: HOLD,
    results: [{ part: 1, end: 'submitted', smscMessageId: '1-1' }],
  }),
  RecordReceipt: command('RecordReceipt', 1000, { part: 1, receipt: receipt('delivered') }),
  DecideFallback: command('DecideFallback', 1000, {}),
  AttemptCall: command('AttemptCall', 1000, { gateway: 'fake', reportDueAt: at(1180) }),
  RecordCallQueued: command('RecordCallQueued', 1000, { attempt: 1, sessionId: 'session-1' }),
  RecordCallAnswered: command('RecordCallAnswered', 1000, {
    attempt: 1,
    sessionId: 'session-1',
    durationSeconds: 20,
    raw: '{}',
  }),
  RecordCallFailed: command('RecordCallFailed', 1000, {
    attempt: 1,
    sessionId: 'session-1',
    failure: 'busy',
    reason: 'USER_BUSY',
    raw: '{}',
  }),
  RecordCallOutcomeUnknown: command('RecordCallOutcomeUnknown', 1000, {
    attempt: 1,
    cause: 'no-final-report',
    detail: 'none by the time it was due',
  }),
  CancelMessage: command('CancelMessage', 1000, { reason: 'asked' }),
  SuppressMessage: command('SuppressMessage', 1000, { reason: 'opted out' }),
  ReleaseMessage: command('ReleaseMessage', 1000, { reason: 'asked' }),
} satisfies { [Type in Asked['type']]: Extract<MessageCommand, { type: Type }> };

const UNKNOWN = '!MESSAGE_UNKNOWN';
const ATTEMPTED = '!MESSAGE_ALREADY_ATTEMPTED';
const FINAL = '!MESSAGE_ALREADY_FINAL';
const NOT_CHANGEABLE = '!MESSAGE_NOT_CHANGEABLE';
const NOT_RELEASABLE = '!MESSAGE_NOT_RELEASABLE';
const NO_RECEIPT = '!MESSAGE_RECEIPT_NOT_EXPECTED';

// Columns: the SMS half, then the voice half, then stopping. '-' is no event.
type Cells = readonly [
  accept: string,
  attemptSubmit: string,
  recordSubmission: string,
  recordReceipt: string,
  decideFallback: string,
  attemptCall: string,
  queued: string,
  answered: string,
  failed: string,
  unknown: string,
  cancel: string,
  suppress: string,
  release: string,
];
const noCall = ['-', '-', '-', '-', '-'] as const;
const requested = ['CancelRequested', ATTEMPTED] as const;
const inDoubt = [NOT_CHANGEABLE, ATTEMPTED] as const;
const tooLate = [FINAL, ATTEMPTED] as const;

// prettier-ignore
const table: Record<keyof typeof histories, Cells> = {
  none: ['MessageAccepted', UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN],
  accepted: ['-', 'SubmitAttempted', '-', NO_RECEIPT, '-', ...noCall, 'MessageCancelled', 'MessageSuppressed', NOT_RELEASABLE],
  scheduled: ['-', 'SubmitAttempted', '-', NO_RECEIPT, '-', ...noCall, 'MessageCancelled', 'MessageSuppressed', NOT_RELEASABLE],
  submitting: ['-', '-', 'MessageSubmitted', 'MessageDelivered', '-', ...noCall, ...requested, NOT_RELEASABLE],
  deferred: ['-', 'SubmitAttempted', 'MessageSubmitted', NO_RECEIPT, '-', ...noCall, 'MessageCancelled', ATTEMPTED, NOT_RELEASABLE],
  submitted: ['-', '-', '-', 'MessageDelivered', 'FallbackDecided', ...noCall, ...requested, NOT_RELEASABLE],
  'in doubt, held': ['-', '-', 'MessageSubmitted', 'MessageDelivered', 'FallbackDecided', ...noCall, ...inDoubt, NOT_RELEASABLE],
  'in doubt, resubmit': ['-', 'SubmitAttempted', 'MessageSubmitted', 'MessageDelivered', 'FallbackDecided', ...noCall, ...inDoubt, NOT_RELEASABLE],
  quarantined: ['-', '-', 'MessageSubmitted', 'MessageDelivered', 'FallbackDecided', ...noCall, ...inDoubt, 'MessageReleased'],
  buffered: ['-', '-', '-', 'MessageDelivered', 'FallbackDecided', ...noCall, ...requested, NOT_RELEASABLE],
  delivered: ['-', '-', '-', '-', '-', ...noCall, ...tooLate, NOT_RELEASABLE],
  undelivered: ['-', '-', '-', 'ReceiptContradicted', 'FallbackDecided', ...noCall, ...requested, NOT_RELEASABLE],
  rejected: ['-', '-', '-', 'ReceiptContradicted', 'FallbackDecided', ...noCall, ...requested, NOT_RELEASABLE],
  expired: ['-', '-', '-', NO_RECEIPT, 'FallbackDecided', ...noCall, 'CancelRequested', FINAL, NOT_RELEASABLE],
  cancelled: ['-', '-', '-', NO_RECEIPT, '-', ...noCall, '-', FINAL, NOT_RELEASABLE],
  suppressed: ['-', '-', '-', NO_RECEIPT, '-', ...noCall, FINAL, '-', NOT_RELEASABLE],
  'call due': ['-', '-', '-', 'MessageDelivered', '-', 'VoiceAttempted', '-', '-', '-', '-', ...requested, NOT_RELEASABLE],
  calling: ['-', '-', '-', 'MessageDelivered', '-', '-', 'VoiceQueued', 'VoiceAnswered', 'VoiceFailed', 'VoiceOutcomeUnknown', ...inDoubt, NOT_RELEASABLE],
  'call queued': ['-', '-', '-', 'MessageDelivered', '-', '-', '-', 'VoiceAnswered', 'VoiceFailed', 'VoiceOutcomeUnknown', ...inDoubt, NOT_RELEASABLE],
  'call answered': ['-', '-', '-', 'MessageDelivered', '-', ...noCall, ...tooLate, NOT_RELEASABLE],
  'call failed': ['-', '-', '-', 'MessageDelivered', '-', ...noCall, ...tooLate, NOT_RELEASABLE],
  'call unknown': ['-', '-', '-', 'MessageDelivered', '-', '-', '-', 'VoiceAnswered', 'VoiceFailed', '-', ...tooLate, NOT_RELEASABLE],
};

const cells = Object.entries(table).flatMap(([state, answers]) =>
  Object.values<MessageCommand>(commands).map((asked, column) => ({
    state: state as keyof typeof histories,
    asked,
    answer: answers[column] ?? 'no cell',
  })),
);

function answerOf(history: readonly MessageEvent[], asked: MessageCommand): string {
  try {
    const types = decide(asked, given(...history).state).map(({ type }) => type);
    return types.length === 0 ? '-' : types.join(' ');
  } catch (error) {
    if (error instanceof MessageError) return `!${error.code}`;
    throw error;
  }
}

describe('a message, state by state and command by command', () => {
  it.each(cells)('$state + $asked.type → $answer', ({ state, asked, answer }) => {
    expect(answerOf(histories[state], asked)).toBe(answer);
  });

  it.each(cells.filter(({ answer }) => !answer.startsWith('!') && answer !== '-'))(
    '$state + $asked.type: once its events are there, the same command adds nothing',
    ({ state, asked }) => {
      const history = histories[state];
      const events = decide(asked, given(...history).state);
      expect(answerOf([...history, ...events], asked)).toBe('-');
    },
  );

  it('stamps every event with the instant of its command and keeps the message id', () => {
    const [first] = decide(commands.AcceptMessage, given().state);
    expect(first).toMatchObject({ at: at(1000), data: { messageId: MESSAGE_ID } });
  });
});
