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
  smsOnly,
  submitted,
} from '../../../test/support/message-builders.js';
import { nextStepOf } from '../next-step.js';

const RULES = { everySeconds: 60, backoffFactor: 2, maxQueries: 3 };
const ask = (seconds: number) => command('AttemptQuery', seconds, { sender: '7', ...RULES });
const QUERY_FAIL = { code: 0x67, name: 'ESME_RQUERYFAIL' };

const took = event('MessageSubmitted', 2, {
  attempt: 1,
  connector: 'main',
  parts: [{ part: 1, smscMessageId: '1-1' }],
  late: false,
  queryAt: at(32),
});
const sent = [accepted(), attempted(1), took];
const asked = (seconds: number, query: number, nextAtSeconds: number | null) =>
  event('QueryAttempted', seconds, {
    query,
    sender: '7',
    parts: [{ part: 1, connector: 'main', smscMessageId: '1-1' }],
    nextAt: nextAtSeconds === null ? null : at(nextAtSeconds),
  });
const all = [...sent, asked(32, 1, 92), asked(92, 2, 212), asked(212, 3, null)];

describe('asking the SMSC how a message stands', () => {
  it('is due when the connector says so, before the receipt deadline', () => {
    const submission = command('RecordSubmission', 2, {
      attempt: 1,
      connector: 'main',
      inDoubtPolicy: HOLD,
      queryAfterSeconds: 30,
      results: [{ part: 1, end: 'submitted', smscMessageId: '1-1' }],
    });
    const state = given(accepted(), attempted(1)).when(submission).then(took);
    expect(nextStepOf(state)).toMatchObject({ waitingFor: 'query', dueAt: at(32), validUntil: at(601) });
    expect(nextStepOf(given(accepted(), attempted(1), submitted(2)).state)).toMatchObject({
      waitingFor: 'receipt',
    });
  });

  it('is claimed by moving the next query ahead, further each time, and ends', () => {
    given(...sent)
      .when(ask(31))
      .thenNothing();
    given(...sent)
      .when(ask(32))
      .then(asked(32, 1, 92));
    given(...sent, asked(32, 1, 92))
      .when(ask(32))
      .thenNothing();
    given(...all.slice(0, 4))
      .when(ask(92))
      .then(asked(92, 2, 212));
    const state = given(...all.slice(0, 5))
      .when(ask(212))
      .then(asked(212, 3, null));
    expect(nextStepOf(state)).toMatchObject({ waitingFor: 'receipt', dueAt: at(601) });
    given(...all)
      .when(ask(9999))
      .thenNothing();
  });

  it('is not due once a receipt settled it, or the fallback was decided', () => {
    const delivered = event('MessageDelivered', 20, { part: 1, receipt: receipt('delivered') });
    given(...sent, delivered)
      .when(ask(32))
      .thenNothing();
    expect(nextStepOf(given(...sent, fallbackDecided(700)).state)).toMatchObject({ waitingFor: 'call' });
  });

  it('never asks without an id, nor for a part that was reported', () => {
    const nameless = event('MessageSubmitted', 2, {
      attempt: 1,
      connector: 'main',
      parts: [{ part: 1, smscMessageId: '' }],
      late: false,
      queryAt: at(32),
    });
    const without = given(accepted(), attempted(1), nameless);
    without.when(ask(40)).thenNothing();
    expect(nextStepOf(without.state)).toMatchObject({ waitingFor: 'receipt' });
    const two = [
      accepted({ partCount: 2 }),
      attempted(1, 1, [1, 2]),
      event('MessageSubmitted', 2, {
        attempt: 1,
        connector: 'main',
        parts: [
          { part: 1, smscMessageId: '1-1' },
          { part: 2, smscMessageId: '1-2' },
        ],
        late: false,
        queryAt: at(32),
      }),
      event('PartReported', 9, { part: 1, receipt: receipt('delivered') }),
    ];
    expect(
      given(...two)
        .when(ask(32))
        .decided(),
    ).toMatchObject([{ data: { parts: [{ part: 2 }] } }]);
  });
});

describe('what comes of asking', () => {
  const answer = (state: 'delivered' | 'enroute') =>
    ({ ...receipt(state, 1, 'query'), source: 'query' }) as const;

  it('a final answer settles the part as a receipt does, and says that it was none', () => {
    const state = given(...sent, asked(32, 1, 92))
      .when(command('RecordReceipt', 33, { part: 1, receipt: answer('delivered') }))
      .then(event('MessageDelivered', 33, { part: 1, receipt: answer('delivered') }));
    expect(state).toMatchObject({ status: 'delivered', outcome: 'reached-by-sms' });
  });

  it('the first final word stays: a receipt that says otherwise is a contradiction', () => {
    const settled = event('MessageDelivered', 33, { part: 1, receipt: answer('delivered') });
    given(...sent, asked(32, 1, 92), settled)
      .when(command('RecordReceipt', 40, { part: 1, receipt: receipt('expired') }))
      .then(
        event('ReceiptContradicted', 40, { part: 1, recorded: 'delivered', receipt: receipt('expired') }),
      );
  });

  it('an answer that says nothing final changes the schedule as little as a receipt does', () => {
    const state = given(...sent, asked(32, 1, 92))
      .when(command('RecordReceipt', 33, { part: 1, receipt: answer('enroute') }))
      .then(event('MessageBuffered', 33, { part: 1, receipt: answer('enroute') }));
    expect(nextStepOf(state)).toMatchObject({ waitingFor: 'query', dueAt: at(92) });
  });

  it('a failure is counted once per query, and the last one says that it was given up', () => {
    const failed = (seconds: number, query: number) =>
      command('RecordQuery', seconds, { query, failures: [{ part: 1, commandStatus: QUERY_FAIL }] });
    const first = event('QueryFailed', 33, {
      query: 1,
      reason: 'query_sm: ESME_RQUERYFAIL',
      parts: [{ part: 1, commandStatus: QUERY_FAIL }],
      givenUp: false,
    });
    const state = given(...sent, asked(32, 1, 92))
      .when(failed(33, 1))
      .then(first);
    expect(state).toMatchObject({ reason: null });
    given(...sent, asked(32, 1, 92), first)
      .when(failed(34, 1))
      .thenNothing();
    const reason = 'asked 3 times with query_sm, the last time in vain: ESME_RQUERYFAIL';
    const last = given(...all)
      .when(failed(213, 3))
      .then(
        event('QueryFailed', 213, {
          query: 3,
          reason,
          parts: [{ part: 1, commandStatus: QUERY_FAIL }],
          givenUp: true,
        }),
      );
    expect(last).toMatchObject({ reason, outcome: 'pending' });
  });

  it('the deadline decides all the same when nobody asks', () => {
    const alone = [accepted({ channels: smsOnly() }), ...sent.slice(1)];
    expect(
      given(...alone)
        .when(command('DecideFallback', 601, {}))
        .decided(),
    ).toMatchObject([{ type: 'FallbackDecided', data: { rule: 'no-receipt' } }]);
  });
});
