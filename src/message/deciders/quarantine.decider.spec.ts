// A message whose link is lost whenever it is in flight: suspected, sent by itself, quarantined.
import { describe, expect, it } from '@jest/globals';
import { given } from '../../../test/support/given.js';
import {
  accepted,
  at,
  attempted,
  command,
  event,
  fallbackDecided,
  HOLD,
  receipt,
  RECEIPT_WAIT_SECONDS,
  RESUBMIT,
  submitted,
  unanswered,
  VALIDITY_SECONDS,
} from '../../../test/support/message-builders.js';
import type { InDoubtPolicy } from '../message.commands.js';
import { MessageNotReleasableError } from '../message.errors.js';
import type { MessageEvent } from '../message.events.js';
import { nextStepOf } from '../next-step.js';
import { isSuspect } from '../parts.js';
import type { Loss, UnknownCause } from '../submission.events.js';

function lost(
  seconds: number,
  attempt: number,
  { cause = 'link-lost', policy = RESUBMIT, parts = [1] }: LostOptions = {},
) {
  return command('RecordSubmission', seconds, {
    attempt,
    connector: 'main',
    inDoubtPolicy: policy,
    results: parts.map((part) => ({ part, end: 'unknown' as const, cause })),
  });
}
interface LostOptions {
  readonly cause?: UnknownCause;
  readonly policy?: InDoubtPolicy;
  readonly parts?: readonly number[];
}

const loss = (attempt: number, cause: Loss['cause'] = 'link-lost'): Loss => ({
  attempt,
  connector: 'main',
  cause,
});
const quarantine = (seconds: number, attempts: number, losses: readonly Loss[]): MessageEvent =>
  event('MessageQuarantined', seconds, { parts: [1], attempts, connector: 'main', losses });
const release = (seconds: number) => command('ReleaseMessage', seconds, { reason: 'tried on a phone' });

const once = [accepted(), attempted(1), unanswered(2, 'resubmit', { cause: 'link-lost' })];
const twice = [...once, attempted(62, 2), unanswered(63, 'resubmit', { attempt: 2, cause: 'process-lost' })];
const third = [...twice, attempted(123, 3)];
const losses = [loss(1), loss(2, 'process-lost'), loss(3)];
const held = [
  ...third,
  unanswered(124, 'hold', { attempt: 3, cause: 'link-lost' }),
  quarantine(124, 3, losses),
];

describe('a message that was in flight when its link was lost', () => {
  it('is a suspect, and sent again after the pause', () => {
    const state = given(accepted(), attempted(1))
      .when(lost(2, 1))
      .then(unanswered(2, 'resubmit', { cause: 'link-lost' }));
    expect(state).toMatchObject({ status: 'in-doubt', losses: [loss(1)] });
    expect(nextStepOf(state)).toMatchObject({ waitingFor: 'submit', dueAt: at(62), suspect: true });
  });

  it('is none after mere silence, nor when it is cleared by its own success', () => {
    const silent = given(accepted(), attempted(1), unanswered(2, 'resubmit')).state;
    expect(nextStepOf(silent)).toMatchObject({ waitingFor: 'submit', suspect: false });
    const cleared = given(...once, attempted(62, 2), submitted(63, [1], { attempt: 2 })).state;
    expect(cleared).toMatchObject({ status: 'submitted' });
    expect(cleared.status !== 'none' && isSuspect(cleared)).toBe(false);
  });

  it('is lost once per attempt, however many parts were in flight', () => {
    const parts = [1, 2];
    const history = [accepted({ partCount: 2 }), attempted(1, 1, parts)];
    const state = given(...history)
      .when(lost(2, 1, { parts: [1] }))
      .then(unanswered(2, 'resubmit', { cause: 'link-lost', parts: [1] }));
    expect(state).toMatchObject({ losses: [loss(1)] });
    const both = given(...history, unanswered(2, 'resubmit', { cause: 'link-lost', parts: [1] }))
      .when(lost(3, 1, { parts: [2] }))
      .then(unanswered(3, 'resubmit', { cause: 'link-lost', parts: [2] }));
    expect(both).toMatchObject({ losses: [loss(1)] });
  });

  it('is quarantined with its evidence when that has happened as often as may be', () => {
    const state = given(...third)
      .when(lost(124, 3))
      .then(unanswered(124, 'hold', { attempt: 3, cause: 'link-lost' }), quarantine(124, 3, losses));
    expect(state).toMatchObject({
      status: 'quarantined',
      outcome: 'pending',
      reason:
        'quarantined: in flight when the link was lost, attempts 1 on main (link-lost), 2 on main (process-lost), ' +
        '3 on main (link-lost); release it to send it again',
    });
  });

  it('is quarantined once, though its other part is reported lost later', () => {
    const strict: InDoubtPolicy = { then: 'resubmit', afterSeconds: 60, quarantineAfter: 2 };
    const both = { parts: [1, 2], cause: 'link-lost' as const };
    const history = [
      accepted({ partCount: 2 }),
      attempted(1, 1, [1, 2]),
      unanswered(2, 'resubmit', both),
      attempted(62, 2, [1, 2]),
    ];
    const decided = given(...history)
      .when(lost(63, 2, { policy: strict, parts: [1] }))
      .decided();
    expect(decided.map(({ type }) => type)).toEqual(['SubmitOutcomeUnknown', 'MessageQuarantined']);
    const state = given(...history, ...decided)
      .when(lost(64, 2, { policy: strict, parts: [2] }))
      .then(unanswered(64, 'hold', { attempt: 2, parts: [2], cause: 'link-lost' }));
    expect(state).toMatchObject({ status: 'quarantined' });
  });

  it('is held, not quarantined, where the policy never sends again', () => {
    given(...third)
      .when(lost(124, 3, { policy: HOLD }))
      .then(unanswered(124, 'hold', { attempt: 3, cause: 'link-lost' }));
  });

  it('is not quarantined for silence, however often', () => {
    const decided = given(...third)
      .when(lost(124, 3, { cause: 'response-timeout' }))
      .decided();
    expect(decided.map(({ type }) => type)).toEqual(['SubmitOutcomeUnknown']);
  });
});

describe('a quarantined message', () => {
  it('is submitted no more, and waits for its receipt', () => {
    given(...held)
      .when(command('AttemptSubmit', 1_000, { connector: 'main', sender: 's', longForm: 'udh8' }))
      .thenNothing();
    expect(nextStepOf(given(...held).state)).toMatchObject({
      waitingFor: 'receipt',
      dueAt: at(1 + RECEIPT_WAIT_SECONDS),
      suspect: false,
    });
  });

  it('keeps also the parts back that were never in flight', () => {
    const history = [
      accepted({ partCount: 2 }),
      attempted(1, 1, [1, 2]),
      event('SubmitDeferred', 2, {
        attempt: 1,
        connector: 'main',
        parts: [2],
        cause: 'not-sent',
        commandStatus: null,
        retry: 1,
        retryAt: at(3),
      }),
      unanswered(2, 'hold', { cause: 'link-lost' }),
      quarantine(2, 1, [loss(1)]),
    ];
    const { state } = given(...history);
    expect(state).toMatchObject({ status: 'quarantined', reason: expect.stringContaining('quarantined') });
    expect(nextStepOf(state)).toMatchObject({ waitingFor: 'receipt' });
  });

  it('is resolved by its receipt or by a late answer', () => {
    const delivered = event('MessageDelivered', 300, { part: 1, receipt: receipt('delivered') });
    const state = given(...held)
      .when(command('RecordReceipt', 300, { part: 1, receipt: receipt('delivered') }))
      .then(delivered);
    expect(state).toMatchObject({ status: 'delivered', outcome: 'reached-by-sms' });
    const took = [{ part: 1, end: 'submitted' as const, smscMessageId: '3-1' }];
    const late = given(...held)
      .when(
        command('RecordSubmission', 130, {
          attempt: 3,
          connector: 'main',
          inDoubtPolicy: RESUBMIT,
          results: took,
        }),
      )
      .then(submitted(130, [1], { attempt: 3, late: true }));
    expect(late).toMatchObject({ status: 'submitted', reason: null });
  });

  it('is given to the fallback at the deadline, as in doubt', () => {
    const [decided] = given(...held)
      .when(command('DecideFallback', 1 + RECEIPT_WAIT_SECONDS, {}))
      .decided();
    expect(decided).toMatchObject({ type: 'FallbackDecided', data: { decision: 'voice', rule: 'in-doubt' } });
  });
});

describe('releasing a message', () => {
  const released = event('MessageReleased', 200, { parts: [1], reason: 'tried on a phone' });

  it('sends it again, at once and as a suspect', () => {
    const state = given(...held)
      .when(release(200))
      .then(released);
    expect(nextStepOf(state)).toMatchObject({ waitingFor: 'submit', dueAt: at(200), suspect: true });
    given(...held, released)
      .when(command('AttemptSubmit', 200, { connector: 'main', sender: 's', longForm: 'udh8' }))
      .then(
        event('SubmitAttempted', 200, {
          attempt: 4,
          connector: 'main',
          sender: 's',
          parts: [1],
          form: 'udh8',
          total: 1,
        }),
      );
  });

  it('changes nothing the second time', () => {
    given(...held, released)
      .when(release(201))
      .thenNothing();
  });

  it('leads back into quarantine when the link is lost once more', () => {
    const state = given(...held, released, attempted(200, 4))
      .when(lost(201, 4))
      .then(
        unanswered(201, 'hold', { attempt: 4, cause: 'link-lost' }),
        quarantine(201, 4, [...losses, loss(4)]),
      );
    expect(state).toMatchObject({ status: 'quarantined' });
  });

  it.each<[string, readonly MessageEvent[], number]>([
    ['was not sent yet', [accepted()], 5],
    ['is at the SMSC', [accepted(), attempted(1), submitted(2)], 5],
    ['is held in doubt after silence', [accepted(), attempted(1), unanswered(2)], 5],
    ['has given way to a call', [...held, fallbackDecided(700)], 701],
    ['is no longer valid', held, VALIDITY_SECONDS + 1],
  ])('is refused for a message that %s', (_, history, seconds) => {
    given(...history)
      .when(release(seconds))
      .thenThrows(MessageNotReleasableError);
  });
});
