import { describe, expect, it } from '@jest/globals';
import { given } from '../../../test/support/given.js';
import {
  accepted,
  at,
  attempted,
  command,
  deferredUntil,
  event,
  receipt,
  RECEIPT_WAIT_SECONDS,
  refusedAtSubmit,
  smsOnly,
  smsThenVoice,
  submitted,
  unanswered,
  VALIDITY_SECONDS,
} from '../../../test/support/message-builders.js';
import type { FallbackRule, MessageEvent } from '../message.events.js';

const ask = (seconds: number) => command('DecideFallback', seconds, {});
const deadline = 1 + RECEIPT_WAIT_SECONDS;
const expired = (seconds: number) =>
  event('MessageExpired', seconds, {
    cause: 'validity',
    reason: `validity ended at ${at(VALIDITY_SECONDS)} before it was submitted`,
  });

function decided(seconds: number, rule: FallbackRule, evidence: string, byVoice = true): MessageEvent {
  return event('FallbackDecided', seconds, {
    decision: byVoice ? 'voice' : 'give-up',
    rule,
    evidence,
    callAt: byVoice ? at(seconds) : null,
  });
}

const noReceipt = (parts: string) => `no final receipt by ${at(deadline)}; first submit ${at(1)}; ${parts}`;

describe('deciding the fallback of an SMS that failed', () => {
  it.each<[FallbackRule, MessageEvent, string]>([
    ['rejected', refusedAtSubmit(2), 'the SMS was rejected: refused at submit: ESME_RINVDSTADR'],
    [
      'undelivered',
      event('MessageUndelivered', 2, { part: 1, reason: 'x', receipt: receipt('undeliverable') }),
      'the SMS was undelivered: receipt says undeliverable, network error 901',
    ],
    [
      'expired',
      event('MessageExpired', 2, { cause: 'receipt', reason: 'x', part: 1, receipt: receipt('expired') }),
      'the SMS was expired: receipt says expired',
    ],
  ])('calls at once when it was %s', (rule, failure, evidence) => {
    const state = given(accepted(), attempted(1), failure)
      .when(ask(3))
      .then(decided(3, rule, evidence));
    expect(state).toMatchObject({
      status: rule,
      outcome: 'pending',
      fallbackDecided: true,
      voice: { state: 'due', callAt: at(3), callsMade: 0 },
    });
  });

  it('has nothing to decide without a voice channel: nobody was reached', () => {
    const history = [accepted({ channels: smsOnly() }), attempted(1), refusedAtSubmit(2)];
    expect(given(...history).state).toMatchObject({ outcome: 'not-reached' });
    given(...history)
      .when(ask(3))
      .thenNothing();
  });
});

describe('deciding the fallback of an SMS that failed in part where submitted is enough', () => {
  const history = [
    accepted({ partCount: 2, channels: smsOnly('submitted') }),
    attempted(1, 1, [1, 2]),
    submitted(2, [1]),
    unanswered(2, 'hold', { parts: [2] }),
    event('MessageUndelivered', 3, { part: 1, reason: 'x', receipt: receipt('deleted') }),
  ];

  it('leaves the part in doubt its time, then gives up', () => {
    expect(given(...history).state).toMatchObject({ status: 'undelivered', outcome: 'pending' });
    given(...history)
      .when(ask(deadline - 1))
      .thenNothing();
    const evidence = 'the SMS was undelivered: part 1 of 2: receipt says deleted';
    const state = given(...history)
      .when(ask(deadline))
      .then(decided(deadline, 'undelivered', evidence, false));
    expect(state).toMatchObject({ status: 'undelivered', outcome: 'not-reached' });
  });

  it('has reached the person when the part in doubt turns out to be taken', () => {
    const heard = event('PartReported', 4, { part: 2, receipt: receipt('enroute', 2) });
    expect(given(...history, heard).state).toMatchObject({
      status: 'undelivered',
      outcome: 'reached-by-sms',
    });
  });
});

describe('deciding the fallback of an SMS nobody reported on', () => {
  const sent = [accepted(), attempted(1), submitted(2)];

  it('waits for the deadline, counted from the first submit, and decides from that instant on', () => {
    given(...sent)
      .when(ask(deadline - 0.001))
      .thenNothing();
    given(...sent)
      .when(ask(deadline))
      .then(decided(deadline, 'no-receipt', noReceipt('part 1 submitted as 1-1 on main')));
  });

  it('holds a buffered message to the same deadline', () => {
    const held = event('MessageBuffered', 5, { part: 1, receipt: receipt('accepted') });
    given(...sent, held)
      .when(ask(deadline))
      .then(decided(deadline, 'no-receipt', noReceipt('part 1 buffered as 1-1 on main')));
  });

  it('names doubt as the rule when a submit was never answered', () => {
    given(accepted(), attempted(1), unanswered(11))
      .when(ask(deadline))
      .then(decided(deadline, 'in-doubt', noReceipt('part 1 in-doubt in attempt 1')));
    given(accepted(), attempted(1), unanswered(11, 'resubmit'))
      .when(ask(deadline))
      .then(decided(deadline, 'in-doubt', noReceipt('part 1 in doubt, not sent again')));
  });

  it('gives up when there is no voice channel, and nobody was reached', () => {
    const state = given(accepted({ channels: smsOnly() }), attempted(1), submitted(2))
      .when(ask(deadline))
      .then(decided(deadline, 'no-receipt', noReceipt('part 1 submitted as 1-1 on main'), false));
    expect(state).toMatchObject({
      status: 'submitted',
      outcome: 'not-reached',
      reason: 'no final receipt within 600 s of the first submit',
      voice: { state: 'none' },
    });
  });

  it('counts the missing part of a message as missing', () => {
    given(
      accepted({ partCount: 2 }),
      attempted(1, 1, [1, 2]),
      event('MessageSubmitted', 2, {
        attempt: 1,
        connector: 'main',
        parts: [{ part: 1, smscMessageId: '1-1' }],
        late: false,
      }),
      deferredUntil(2, 60, { parts: [2] }),
      event('PartReported', 5, { part: 1, receipt: receipt('delivered') }),
    )
      .when(ask(deadline))
      .then(decided(deadline, 'no-receipt', noReceipt('part 1 reported delivered, part 2 not submitted')));
  });

  it('is decided once', () => {
    const once = decided(deadline, 'no-receipt', 'x');
    given(...sent, once)
      .when(ask(deadline + 1))
      .thenNothing();
    const rejectedLater = event('MessageUndelivered', 900, {
      part: 1,
      reason: 'x',
      receipt: receipt('deleted'),
    });
    given(...sent, once, rejectedLater)
      .when(ask(901))
      .thenNothing();
  });

  it('decides nothing while a submit is under way, nor on a route without receipts', () => {
    given(accepted(), attempted(1)).when(ask(VALIDITY_SECONDS)).thenNothing();
    given(accepted({ channels: smsThenVoice('submitted') }), attempted(1), submitted(2))
      .when(ask(deadline))
      .thenNothing();
  });
});

describe('deciding the fallback of an SMS that was never sent', () => {
  it('expires it at the end of its validity, not before', () => {
    given(accepted())
      .when(ask(VALIDITY_SECONDS - 1))
      .thenNothing();
    given(accepted()).when(ask(VALIDITY_SECONDS)).then(expired(VALIDITY_SECONDS));
    const alone = given(accepted({ channels: smsOnly() }))
      .when(ask(VALIDITY_SECONDS))
      .then(expired(VALIDITY_SECONDS));
    expect(alone).toMatchObject({ status: 'expired', outcome: 'not-reached' });
  });

  it('does not take deferred attempts as the start of the wait for receipts', () => {
    const deferred = [accepted(), attempted(1), deferredUntil(2, 5000)];
    given(...deferred)
      .when(ask(deadline))
      .thenNothing();
    given(...deferred)
      .when(ask(VALIDITY_SECONDS))
      .then(expired(VALIDITY_SECONDS));
  });
});
