import { describe, expect, it } from '@jest/globals';
import { given } from '../../../test/support/given.js';
import {
  accepted,
  at,
  attempted,
  calling,
  command,
  deferredUntil,
  event,
  fallbackDecided,
  receipt,
  refusedAtSubmit,
  RESUBMIT,
  smsOnly,
  submitted,
  unanswered,
} from '../../../test/support/message-builders.js';
import { MessageAlreadyFinalError, MessageNotChangeableError } from '../message.errors.js';
import type { MessageEvent } from '../message.events.js';
import { nextStepOf } from '../next-step.js';
import type { PartCancel } from '../order.commands.js';
import { MAX_CANCELS } from './cancel.decider.js';

const ask = command('CancelMessage', 5, { reason: 'sent by mistake' });
const attempt = (seconds: number) =>
  command('AttemptCancel', seconds, { sender: '7', retryAfterSeconds: 65 });
const told = (seconds: number, results: readonly PartCancel[], of = 1) =>
  command('RecordCancel', seconds, { attempt: of, results });

const requested = (parts: readonly number[] = [1]) =>
  event('CancelRequested', 5, { reason: 'sent by mistake', parts });
const PART_1 = { part: 1, connector: 'main', smscMessageId: '1-1' };
const PART_2 = { part: 2, connector: 'main', smscMessageId: '1-2' };
const asked = (seconds: number, of = 1, parts = [PART_1]) =>
  event('CancelAttempted', seconds, { attempt: of, sender: '7', parts, retryAt: at(seconds + 65) });
const cancelled = (seconds: number, parts = [PART_1]) =>
  event('MessageCancelled', seconds, { by: 'smsc', reason: 'sent by mistake', attempt: 1, parts });
const atOnce = (seconds: number) =>
  event('MessageCancelled', seconds, { by: 'request', reason: 'sent by mistake' });
const FAIL = { code: 0x11, name: 'ESME_RCANCELFAIL' };
const refusedPart = (part: number): PartCancel => ({ part, end: 'refused', commandStatus: FAIL });

const sent = [accepted(), attempted(1), submitted(2)];
const open = [...sent, requested()];
const underWay = [...open, asked(6)];
const two = [accepted({ partCount: 2 }), attempted(1, 1, [1, 2]), submitted(2, [1, 2])];
const delivered = (seconds: number) =>
  event('MessageDelivered', seconds, { part: 1, receipt: receipt('delivered') });

describe('asking to cancel a message', () => {
  it.each<[string, readonly MessageEvent[]]>([
    ['before the first attempt', [accepted()]],
    ['when the SMSC has only deferred it', [accepted(), attempted(1), deferredUntil(2, 60)]],
  ])('%s is done at once, and nobody is reached', (_, history) => {
    const state = given(...history)
      .when(ask)
      .then(atOnce(5));
    expect(state).toMatchObject({ status: 'cancelled', outcome: 'not-reached', reason: 'sent by mistake' });
    given(...history, atOnce(5))
      .when(ask)
      .thenNothing();
  });

  it('is asked of the SMSC when it has the message, and it is asked at once', () => {
    const state = given(...sent)
      .when(ask)
      .then(requested());
    expect(state).toMatchObject({ status: 'submitted', outcome: 'pending', withdrawn: 'sent by mistake' });
    expect(nextStepOf(state)).toMatchObject({ waitingFor: 'cancel', dueAt: at(5), validUntil: at(601) });
    given(...open)
      .when(ask)
      .thenNothing();
  });

  it('waits for a submit under way, and no further submit is made', () => {
    const submitting = [accepted(), attempted(1), requested()];
    expect(nextStepOf(given(...submitting).state)).toMatchObject({ waitingFor: 'response' });
    given(...submitting)
      .when(attempt(6))
      .thenNothing();
    const deferred = [...submitting, deferredUntil(6, 60)];
    given(...deferred)
      .when(command('AttemptSubmit', 61, { connector: 'main', sender: '7', longForm: 'udh8' }))
      .thenNothing();
    given(...deferred)
      .when(attempt(61))
      .then(atOnce(61));
  });

  it('with a call due, or the SMS failed, takes the call away', () => {
    const due = [...sent, fallbackDecided(700)];
    const state = given(...due)
      .when(ask)
      .then(requested());
    expect(state).toMatchObject({ outcome: 'not-reached', voice: { state: 'none' } });
    // The SMS itself is still cancelled where it can be.
    expect(nextStepOf(state)).toMatchObject({ waitingFor: 'cancel', validUntil: null });
    const failed = given(accepted(), attempted(1), refusedAtSubmit(2)).when(ask).then(requested([]));
    expect(failed).toMatchObject({
      status: 'rejected',
      outcome: 'not-reached',
      reason: 'refused at submit: ESME_RINVDSTADR; no call: sent by mistake',
    });
    expect(nextStepOf(failed)).toBeNull();
  });

  it.each<
    [string, readonly MessageEvent[], typeof MessageNotChangeableError | typeof MessageAlreadyFinalError]
  >([
    [
      'in doubt, since cancel_sm without an id cancels others',
      [accepted(), attempted(1), unanswered(11)],
      MessageNotChangeableError,
    ],
    [
      'of doubt that is sent again',
      [accepted(), attempted(1), unanswered(11, 'resubmit')],
      MessageNotChangeableError,
    ],
    ['while the call is made', [...sent, fallbackDecided(700), calling(701)], MessageNotChangeableError],
    ['when it was delivered', [...sent, delivered(4)], MessageAlreadyFinalError],
    [
      'when it was given up',
      [accepted({ channels: smsOnly() }), ...sent.slice(1), fallbackDecided(700, 'give-up')],
      MessageAlreadyFinalError,
    ],
    [
      'when the SMSC gave it no id',
      [
        accepted(),
        attempted(1),
        event('MessageSubmitted', 2, {
          attempt: 1,
          connector: 'main',
          parts: [{ part: 1, smscMessageId: '' }],
          late: false,
        }),
      ],
      MessageNotChangeableError,
    ],
  ])('is refused %s', (_, history, error) => {
    given(...history)
      .when(ask)
      .thenThrows(error);
  });
});

describe('cancelling at the SMSC', () => {
  it('is written ahead, and not asked twice at the same time', () => {
    const state = given(...open)
      .when(attempt(6))
      .then(asked(6));
    expect(nextStepOf(state)).toMatchObject({ waitingFor: 'cancel', dueAt: at(71) });
    given(...underWay)
      .when(attempt(70))
      .thenNothing();
    given(...underWay)
      .when(attempt(71))
      .then(asked(71, 2));
  });

  it('cancels the message when the SMSC says so: not reached, and nobody is called', () => {
    const state = given(...underWay)
      .when(told(7, [{ part: 1, end: 'cancelled' }]))
      .then(cancelled(7));
    expect(state).toMatchObject({
      status: 'cancelled',
      outcome: 'not-reached',
      order: null,
      parts: [{ state: 'reported', receiptState: 'deleted' }],
    });
    expect(nextStepOf(state)).toBeNull();
    given(...underWay, cancelled(7))
      .when(command('DecideFallback', 900, {}))
      .thenNothing();
  });

  it('asks about every part, and one that does not arrive is enough', () => {
    const both = [...two, requested([1, 2])];
    given(...both)
      .when(attempt(6))
      .then(asked(6, 1, [PART_1, PART_2]));
    const results: PartCancel[] = [refusedPart(1), { part: 2, end: 'cancelled' }];
    given(...both, asked(6, 1, [PART_1, PART_2]))
      .when(told(7, results))
      .then(cancelled(7, [PART_2]));
  });

  it('is enough as well when a part was never submitted', () => {
    const partly = [
      accepted({ partCount: 2 }),
      attempted(1, 1, [1, 2]),
      submitted(2, [1]),
      deferredUntil(2, 60, { parts: [2] }),
      requested(),
      asked(6),
    ];
    given(...partly)
      .when(told(7, [refusedPart(1)]))
      .then(atOnce(7));
  });

  it('records a refusal with the SMSC’s word; the SMS goes on, without a call behind it', () => {
    const refused = event('CancelRefused', 7, {
      cause: 'refused',
      reason: 'the SMSC refused to cancel it: ESME_RCANCELFAIL',
      parts: [{ part: 1, commandStatus: FAIL }],
    });
    const state = given(...underWay)
      .when(told(7, [refusedPart(1)]))
      .then(refused);
    expect(state).toMatchObject({
      status: 'submitted',
      outcome: 'pending',
      reason: 'the SMSC refused to cancel it: ESME_RCANCELFAIL',
    });
    const givenUp = given(...underWay, refused)
      .when(command('DecideFallback', 700, {}))
      .decided();
    expect(givenUp).toMatchObject([{ type: 'FallbackDecided', data: { decision: 'give-up', callAt: null } }]);
    // It may be asked for again.
    given(...underWay, refused)
      .when(ask)
      .then(requested());
  });

  it('gives up after so many tries without an answer', () => {
    const tries = Array.from({ length: MAX_CANCELS }, (_, n) => asked(6 + 65 * n, n + 1));
    const history = [...open, ...tries];
    given(...history)
      .when(told(140, [{ part: 1, end: 'unanswered' }], MAX_CANCELS))
      .then(
        event('CancelRefused', 140, {
          cause: 'unanswered',
          reason: 'the SMSC did not answer cancel_sm: whether it is cancelled is unknown',
          parts: [{ part: 1, commandStatus: null }],
        }),
      );
    given(...underWay)
      .when(told(7, [{ part: 1, end: 'unanswered' }]))
      .thenNothing();
    expect(
      given(...history)
        .when(attempt(300))
        .decided(),
    ).toMatchObject([{ type: 'CancelRefused', data: { cause: 'unanswered' } }]);
  });

  it('does not ask about a message that came into doubt meanwhile', () => {
    const doubtful = [accepted(), attempted(1), requested(), unanswered(11)];
    expect(
      given(...doubtful)
        .when(attempt(12))
        .decided(),
    ).toMatchObject([{ type: 'CancelRefused', data: { cause: 'in-doubt', parts: [] } }]);
  });
});

describe('a cancel that races with a receipt', () => {
  it('loses against a delivery that was told first: the outcome stays, the word is kept', () => {
    const state = given(...underWay, delivered(7))
      .when(told(8, [{ part: 1, end: 'cancelled' }]))
      .then(
        event('CancelRefused', 8, {
          cause: 'too-late',
          reason: 'it was delivered before the SMSC answered cancel_sm: ESME_ROK',
          parts: [{ part: 1, commandStatus: { code: 0, name: 'ESME_ROK' } }],
        }),
      );
    expect(state).toMatchObject({ status: 'delivered', outcome: 'reached-by-sms', reason: null });
    given(...open, delivered(7))
      .when(attempt(8))
      .thenNothing();
  });

  it('wins against a delivery told later, which is recorded as a contradiction', () => {
    const state = given(...underWay, cancelled(7))
      .when(command('RecordReceipt', 8, { part: 1, receipt: receipt('delivered') }))
      .then(event('ReceiptContradicted', 8, { part: 1, recorded: 'deleted', receipt: receipt('delivered') }));
    expect(state).toMatchObject({ status: 'cancelled', outcome: 'not-reached' });
  });

  it('agrees with the receipt DELETED, whichever comes first', () => {
    const deleted = command('RecordReceipt', 8, { part: 1, receipt: receipt('deleted') });
    given(...underWay, cancelled(7))
      .when(deleted)
      .thenNothing();
    const byReceipt = event('MessageCancelled', 8, {
      by: 'receipt',
      reason: 'sent by mistake',
      part: 1,
      receipt: receipt('deleted'),
    });
    const state = given(...underWay)
      .when(deleted)
      .then(byReceipt);
    expect(state).toMatchObject({ status: 'cancelled', outcome: 'not-reached', order: null });
    given(...underWay, byReceipt)
      .when(told(9, [{ part: 1, end: 'cancelled' }]))
      .thenNothing();
    // Without a cancel, DELETED is a failure like others and the person is called.
    expect(
      given(...sent)
        .when(deleted)
        .decided(),
    ).toMatchObject([{ type: 'MessageUndelivered' }]);
  });
});

describe('cancelling a message whose link is lost with it', () => {
  const quarantined = event('MessageQuarantined', 3, {
    parts: [1],
    attempts: 1,
    connector: 'main',
    losses: [{ attempt: 1, connector: 'main', cause: 'link-lost' }],
  });
  const lost = event('SubmitOutcomeUnknown', 3, {
    attempt: 1,
    connector: 'main',
    parts: [1],
    cause: 'link-lost',
    policy: 'hold',
    retryAt: null,
  });

  it('is refused in quarantine, as in doubt', () => {
    const inQuarantine = given(accepted(), attempted(1), lost, quarantined);
    expect(inQuarantine.state).toMatchObject({ status: 'quarantined' });
    expect(() => inQuarantine.when(ask).decided()).toThrow(expect.objectContaining({ why: 'in-doubt' }));
  });

  it('keeps it from being submitted again, quarantined or released', () => {
    const submission = command('RecordSubmission', 6, {
      attempt: 1,
      connector: 'main',
      inDoubtPolicy: RESUBMIT,
      results: [{ part: 1, end: 'unknown', cause: 'link-lost' }],
    });
    const inDoubt = [accepted(), attempted(1), requested()];
    const [unknown, ...more] = given(...inDoubt)
      .when(submission)
      .decided();
    expect([unknown, more]).toMatchObject([{ data: { policy: 'hold', retryAt: null } }, []]);
    if (unknown === undefined) return;
    const release = command('ReleaseMessage', 7, { reason: 'asked' });
    expect(() =>
      given(...inDoubt, unknown)
        .when(release)
        .decided(),
    ).toThrow(/cannot be released: it was asked to be cancelled/);
  });
});
