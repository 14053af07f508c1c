import { describe, expect, it } from '@jest/globals';
import { given } from '../../../test/support/given.js';
import {
  accepted,
  at,
  attempted,
  command,
  deferredUntil,
  event,
  every,
  fallbackDecided,
  HOLD,
  receipt,
  refusedAtSubmit,
  RESUBMIT,
  smsOnly,
  submitted,
  unanswered,
  VALIDITY_SECONDS,
} from '../../../test/support/message-builders.js';
import type { InDoubtPolicy, PartSubmission, RetryRule } from '../message.commands.js';
import type { MessageEvent } from '../message.events.js';
import { nextStepOf } from '../next-step.js';
import { MAX_RESUBMITS } from './submission.decider.js';

const REFUSED = { code: 0x0b, name: 'ESME_RINVDSTADR' };
const THROTTLED = { code: 0x58, name: 'ESME_RTHROTTLED' };

const attempt = (seconds: number) =>
  command('AttemptSubmit', seconds, { connector: 'main', sender: 'sender-1', longForm: 'udh8' });

function record(
  seconds: number,
  results: readonly PartSubmission[],
  { attempt: of = 1, policy = HOLD }: { attempt?: number; policy?: InDoubtPolicy } = {},
) {
  return command('RecordSubmission', seconds, {
    attempt: of,
    connector: 'main',
    inDoubtPolicy: policy,
    results,
  });
}

const took = (part: number, id = `1-${String(part)}`): PartSubmission => ({
  part,
  end: 'submitted',
  smscMessageId: id,
});
const refused = (part: number): PartSubmission => ({ part, end: 'rejected', commandStatus: REFUSED });
const unknown = (part: number): PartSubmission => ({ part, end: 'unknown', cause: 'response-timeout' });
const throttled = (part: number, retry: RetryRule): PartSubmission => ({
  part,
  end: 'deferred',
  cause: 'throttled',
  commandStatus: THROTTLED,
  retry,
});

const BUSY = { code: 0x08, name: 'ESME_RSYSERR' };
const busy = (part: number, retry: RetryRule): PartSubmission => ({
  part,
  end: 'deferred',
  cause: 'refused',
  commandStatus: BUSY,
  retry,
});

const ofTwo = [accepted({ partCount: 2 }), attempted(1, 1, [1, 2])];
const validityOver = event('MessageExpired', VALIDITY_SECONDS + 1, {
  cause: 'validity',
  reason: `validity ended at ${at(VALIDITY_SECONDS)} before it was submitted`,
});

describe('asking to submit', () => {
  it('writes the attempt with every waiting part before anything leaves', () => {
    const state = given(accepted({ partCount: 3 }))
      .when(attempt(1))
      .then(attempted(1, 1, [1, 2, 3]));
    expect(state).toMatchObject({ status: 'submitting', attempts: 1, firstAttemptAt: at(1) });
  });

  it('waits for sendAt and for retryAt, and grants from that instant on', () => {
    const scheduled = [accepted({ sendAt: at(60) }), event('MessageScheduled', 0, { sendAt: at(60) })];
    given(...scheduled)
      .when(attempt(59))
      .thenNothing();
    given(...scheduled)
      .when(attempt(60))
      .then(attempted(60));
    const waiting = [accepted(), attempted(1), deferredUntil(2, 30)];
    given(...waiting)
      .when(attempt(29))
      .thenNothing();
    given(...waiting)
      .when(attempt(30))
      .then(attempted(30, 2));
  });

  it('submits again only the parts that wait', () => {
    given(...ofTwo, submitted(2, [1]), deferredUntil(2, 30, { parts: [2] }))
      .when(attempt(30))
      .then(attempted(30, 2, [2]));
  });

  it('makes one attempt at a time', () => {
    given(...ofTwo, deferredUntil(2, 30, { parts: [2] }))
      .when(attempt(40))
      .thenNothing();
  });

  it('submits nothing after the validity, also not the missing part of a message', () => {
    given(accepted()).when(attempt(VALIDITY_SECONDS)).then(attempted(VALIDITY_SECONDS));
    given(accepted())
      .when(attempt(VALIDITY_SECONDS + 1))
      .then(validityOver);
    given(...ofTwo, submitted(2, [1]), deferredUntil(2, 30, { parts: [2] }))
      .when(attempt(VALIDITY_SECONDS + 1))
      .then(validityOver);
  });

  it.each<[string, readonly MessageEvent[]]>([
    ['a call was decided', [accepted(), attempted(1), unanswered(9, 'resubmit'), fallbackDecided(700)]],
    ['a part was refused', [...ofTwo, refusedAtSubmit(2), deferredUntil(2, 30, { parts: [2] })]],
    ['it was suppressed', [accepted(), event('MessageSuppressed', 1, { reason: 'opted out' })]],
    ['it is held in doubt', [accepted(), attempted(1), unanswered(9)]],
  ])('submits nothing when %s', (_, history) => {
    given(...history)
      .when(attempt(1000))
      .thenNothing();
  });
});

describe('recording how submits ended', () => {
  it('records one event per kind of end', () => {
    const parts = [1, 2, 3, 4];
    const state = given(accepted({ partCount: 4 }), attempted(1, 1, parts))
      .when(record(2, [refused(1), unknown(2), took(3), throttled(4, every(58))]))
      .then(
        submitted(2, [3]),
        deferredUntil(2, 60, { parts: [4] }),
        unanswered(2, 'hold', { parts: [2] }),
        refusedAtSubmit(2, [1]),
      );
    expect(state).toMatchObject({
      status: 'rejected',
      reason: 'part 1 of 4: refused at submit: ESME_RINVDSTADR',
    });
  });

  it('is submitted when every part is', () => {
    const first = given(...ofTwo)
      .when(record(2, [took(1)]))
      .then(submitted(2, [1]));
    expect(first).toMatchObject({ status: 'submitting', outcome: 'pending' });
    const second = given(...ofTwo, submitted(2, [1]))
      .when(record(3, [took(2)]))
      .then(submitted(3, [2]));
    expect(second).toMatchObject({ status: 'submitted', outcome: 'pending', reason: null });
  });

  it('has reached the person at once on a route without receipts', () => {
    const state = given(accepted({ channels: smsOnly('submitted') }), attempted(1))
      .when(record(2, [took(1)]))
      .then(submitted(2));
    expect(state).toMatchObject({ status: 'submitted', outcome: 'reached-by-sms' });
  });

  it('is not reached when it is refused and there is no other channel', () => {
    const state = given(accepted({ channels: smsOnly() }), attempted(1))
      .when(record(2, [refused(1)]))
      .then(refusedAtSubmit(2));
    expect(state).toMatchObject({ status: 'rejected', outcome: 'not-reached' });
  });

  it('ignores a second result, a result of another attempt, and of a part that does not exist', () => {
    given(accepted(), attempted(1), submitted(2))
      .when(record(3, [refused(1)]))
      .thenNothing();
    given(accepted(), attempted(1), submitted(2))
      .when(record(3, [unknown(1)]))
      .thenNothing();
    given(accepted(), attempted(1))
      .when(record(2, [took(1)], { attempt: 2 }))
      .thenNothing();
    given(accepted(), attempted(1))
      .when(record(2, [took(1)], { attempt: 0 }))
      .thenNothing();
    given(accepted(), attempted(1))
      .when(record(2, [took(2), took(0)]))
      .thenNothing();
    given(...ofTwo)
      .when(record(2, [took(2), refused(2)]))
      .then(submitted(2, [2]));
  });

  it('refuses a message once; what its other parts came to is still recorded', () => {
    const history = [...ofTwo, refusedAtSubmit(2)];
    const refusedToo = event('PartRefused', 3, {
      attempt: 1,
      connector: 'main',
      parts: [2],
      commandStatus: REFUSED,
      retries: 0,
    });
    const ended = given(...history)
      .when(record(3, [refused(2)]))
      .then(refusedToo);
    expect(ended).toMatchObject({
      status: 'rejected',
      parts: [{ state: 'rejected' }, { state: 'rejected' }],
    });
    expect(nextStepOf(ended)?.waitingFor).toBe('fallback');
    const state = given(...history)
      .when(record(3, [took(2)]))
      .then(submitted(3, [2]));
    expect(state).toMatchObject({ status: 'rejected' });
  });

  it('waits for the latest retryAt when parts are deferred for different reasons', () => {
    const full = event('SubmitDeferred', 2, {
      attempt: 1,
      connector: 'main',
      parts: [2],
      cause: 'refused',
      commandStatus: BUSY,
      retry: 1,
      retryAt: at(70),
    });
    const state = given(...ofTwo)
      .when(record(2, [throttled(1, every(10)), busy(2, every(68))]))
      .then(deferredUntil(2, 12, { parts: [1] }), full);
    expect(state).toMatchObject({ retryAt: at(70) });
    const otherWayRound = given(...ofTwo, full, deferredUntil(3, 12, { parts: [1] })).state;
    expect(otherWayRound).toMatchObject({ retryAt: at(70) });
  });

  it('starts to await receipts with the first submit that was not deferred', () => {
    const deferredOnce = given(accepted(), attempted(1), deferredUntil(2, 60)).state;
    expect(deferredOnce).toMatchObject({ status: 'accepted', firstAttemptAt: null });
    const again = given(accepted(), attempted(1), deferredUntil(2, 60), attempted(61, 2)).state;
    expect(again).toMatchObject({ firstAttemptAt: at(61) });
    const late = submitted(20, [1], { late: true });
    const taken = given(accepted(), attempted(1), deferredUntil(2, 60))
      .when(record(20, [took(1)]))
      .then(late);
    expect(taken).toMatchObject({ status: 'submitted', firstAttemptAt: at(1) });
  });
});

describe('a submit in doubt', () => {
  const held = [accepted(), attempted(1), unanswered(11)];
  const resent = [accepted(), attempted(1), unanswered(11, 'resubmit')];

  it('is held by default', () => {
    const state = given(accepted(), attempted(1))
      .when(record(11, [unknown(1)]))
      .then(unanswered(11));
    expect(state).toMatchObject({ status: 'in-doubt', parts: [{ state: 'in-doubt', attempt: 1 }] });
  });

  it('waits to be sent again when the policy says so', () => {
    const state = given(accepted(), attempted(1))
      .when(record(11, [unknown(1)], { policy: RESUBMIT }))
      .then(unanswered(11, 'resubmit'));
    expect(state).toMatchObject({
      status: 'in-doubt',
      retryAt: at(71),
      parts: [{ state: 'waiting', doubts: 1 }],
    });
  });

  it('is not sent again without end, nor after its validity', () => {
    const history: MessageEvent[] = [accepted()];
    for (let again = 1; again <= MAX_RESUBMITS; again++) {
      history.push(
        attempted(again * 100, again),
        unanswered(again * 100 + 10, 'resubmit', { attempt: again }),
      );
    }
    const last = MAX_RESUBMITS + 1;
    given(...history, attempted(900, last))
      .when(record(910, [unknown(1)], { attempt: last, policy: RESUBMIT }))
      .then(unanswered(910, 'hold', { attempt: last }));
    given(accepted({ validUntil: at(70) }), attempted(1))
      .when(record(11, [unknown(1)], { policy: RESUBMIT }))
      .then(unanswered(11, 'hold'));
  });

  it('is upgraded by a late response, and never sent a second time for it', () => {
    const state = given(...held)
      .when(record(20, [took(1)]))
      .then(submitted(20, [1], { late: true }));
    expect(state).toMatchObject({ status: 'submitted', reason: null });
    const cancelled = given(...resent)
      .when(record(20, [took(1)]))
      .then(submitted(20, [1], { late: true }));
    expect(cancelled).toMatchObject({ parts: [{ state: 'submitted' }] });
    given(...resent, submitted(20, [1], { late: true }))
      .when(attempt(100))
      .thenNothing();
  });

  it('is settled by a late refusal, but a late deferral does not lead to a second send', () => {
    given(...held)
      .when(record(20, [refused(1)]))
      .then(refusedAtSubmit(20));
    given(...held)
      .when(record(20, [throttled(1, every(40))]))
      .thenNothing();
    given(...held)
      .when(record(20, [unknown(1)]))
      .thenNothing();
  });

  it('keeps both ids when the first response comes while the second submit is under way', () => {
    const history = [...resent, attempted(71, 2), submitted(72, [1], { late: true })];
    given(...resent, attempted(71, 2))
      .when(record(72, [took(1)]))
      .then(submitted(72, [1], { late: true }));
    const state = given(...history)
      .when(record(73, [took(1, '2-1')], { attempt: 2 }))
      .then(submitted(73, [1], { attempt: 2, late: true }));
    expect(state).toMatchObject({ parts: [{ state: 'submitted', attempt: 2, smscMessageId: '2-1' }] });
    given(...history, submitted(73, [1], { attempt: 2 }))
      .when(record(74, [took(1)]))
      .thenNothing();
  });

  it('learns its id from a late response when its receipt was faster, and keeps the report', () => {
    const delivered = event('MessageDelivered', 15, {
      part: 1,
      receipt: { ...receipt('delivered'), smscMessageId: '0x11' },
    });
    const state = given(...held, delivered)
      .when(record(20, [took(1)]))
      .then(submitted(20, [1], { late: true }));
    expect(state).toMatchObject({
      status: 'delivered',
      parts: [{ state: 'reported', smscMessageId: '1-1' }],
    });
    given(...held, event('MessageDelivered', 15, { part: 1, receipt: receipt('delivered') }))
      .when(record(20, [took(1)]))
      .thenNothing();
  });
});
