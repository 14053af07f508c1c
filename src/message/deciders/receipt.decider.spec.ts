import { describe, expect, it } from '@jest/globals';
import { given } from '../../../test/support/given.js';
import {
  accepted,
  at,
  attempted,
  calling,
  command,
  event,
  fallbackDecided,
  receipt,
  refusedAtSubmit,
  smsOnly,
  submitted,
  unanswered,
} from '../../../test/support/message-builders.js';
import { ReceiptForAnotherRecipientError, ReceiptNotExpectedError } from '../message.errors.js';
import type { MessageEvent, ReceiptState } from '../message.events.js';
import { MAX_REMEMBERED_RECEIPTS } from './receipt.decider.js';

const told = (state: ReceiptState, part = 1, copy = 'a') =>
  command('RecordReceipt', 9, { part, receipt: receipt(state, part, copy) });
const one = [accepted(), attempted(1), submitted(2)];
const two = [accepted({ partCount: 2 }), attempted(1, 1, [1, 2]), submitted(2, [1, 2])];

const buffered = (state: ReceiptState, part = 1, copy = 'a') =>
  event('MessageBuffered', 9, { part, receipt: receipt(state, part, copy) });
const reported = (state: ReceiptState, part: number) =>
  event('PartReported', 9, { part, receipt: receipt(state, part) });
const delivered = (part = 1) => event('MessageDelivered', 9, { part, receipt: receipt('delivered', part) });
const undelivered = (state: ReceiptState, reason: string, part = 1) =>
  event('MessageUndelivered', 9, { part, reason, receipt: receipt(state, part) });

describe('a receipt that names a phone', () => {
  it('other than the message’s is refused, at whatever stage the part is', () => {
    for (const history of [one, [...one, delivered()], [...one, buffered('enroute')]]) {
      given(...history)
        .when({ ...told('delivered'), recipient: '15550001234' })
        .thenThrows(ReceiptForAnotherRecipientError);
    }
  });

  it.each(['27831234567', '0831234567', 'SureReach', ''])('as %j is the message’s', (recipient) => {
    given(...one)
      .when({ ...told('delivered'), recipient })
      .then(delivered());
  });
});

describe('a receipt of a message of one part', () => {
  it.each<[ReceiptState, MessageEvent, string]>([
    ['delivered', delivered(), 'delivered'],
    [
      'undeliverable',
      undelivered('undeliverable', 'receipt says undeliverable, network error 901'),
      'undelivered',
    ],
    ['deleted', undelivered('deleted', 'receipt says deleted'), 'undelivered'],
    [
      'expired',
      event('MessageExpired', 9, {
        cause: 'receipt',
        reason: 'receipt says expired',
        part: 1,
        receipt: receipt('expired'),
      }),
      'expired',
    ],
    [
      'rejected',
      event('MessageRejected', 9, {
        cause: 'receipt',
        reason: 'receipt says rejected',
        part: 1,
        receipt: receipt('rejected'),
      }),
      'rejected',
    ],
    ['enroute', buffered('enroute'), 'buffered'],
    ['accepted', buffered('accepted'), 'buffered'],
    ['unknown', buffered('unknown'), 'buffered'],
  ])('%s settles it as far as it says', (state, expected, status) => {
    expect(
      given(...one)
        .when(told(state))
        .then(expected),
    ).toMatchObject({ status });
  });

  it('delivered reaches the person; a failure does not while a call is left', () => {
    expect(given(...one, delivered()).state).toMatchObject({ outcome: 'reached-by-sms', reason: null });
    const failed = undelivered('undeliverable', 'x');
    expect(given(...one, failed).state).toMatchObject({ outcome: 'pending' });
    const alone = [accepted({ channels: smsOnly() }), attempted(1), submitted(2), failed];
    expect(given(...alone).state).toMatchObject({
      outcome: 'not-reached',
      reason: 'receipt says undeliverable, network error 901',
    });
  });

  it('changes nothing when it repeats what is recorded', () => {
    given(...one, delivered())
      .when(told('delivered'))
      .thenNothing();
    given(...one, delivered())
      .when(told('delivered', 1, 'another copy'))
      .thenNothing();
    given(...one, buffered('enroute'))
      .when(told('enroute'))
      .thenNothing();
    given(...one, buffered('enroute'))
      .when(told('accepted'))
      .then(buffered('accepted'));
  });

  it('changes nothing when it is intermediate and late', () => {
    given(...one, delivered())
      .when(told('accepted'))
      .thenNothing();
    given(accepted(), attempted(1), refusedAtSubmit(2)).when(told('enroute')).thenNothing();
  });

  it('is recorded as a contradiction, once, when it disagrees; the state stays', () => {
    const contradicted = event('ReceiptContradicted', 9, {
      part: 1,
      recorded: 'delivered',
      receipt: receipt('undeliverable'),
    });
    const before = given(...one, delivered());
    const state = before.when(told('undeliverable')).then(contradicted);
    expect(state).toEqual({ ...before.state, receiptIds: ['1-undeliverable-a'] });
    given(...one, delivered(), contradicted)
      .when(told('undeliverable'))
      .thenNothing();
  });

  it('is remembered in bounds: beyond them, what settles nothing is no longer recorded', () => {
    const many = Array.from({ length: MAX_REMEMBERED_RECEIPTS }, (_, copy) =>
      buffered('enroute', 1, String(copy)),
    );
    given(...one, ...many)
      .when(told('enroute', 1, 'one more'))
      .thenNothing();
    given(...one, ...many)
      .when(told('delivered'))
      .then(delivered());
    given(...one, ...many, delivered())
      .when(told('expired'))
      .thenNothing();
  });

  it('resolves a submit in doubt, whether held, to be sent again, or under way', () => {
    for (const history of [
      [accepted(), attempted(1)],
      [accepted(), attempted(1), unanswered(5)],
      [accepted(), attempted(1), unanswered(5, 'resubmit')],
    ]) {
      given(...history)
        .when(told('delivered'))
        .then(delivered());
      const state = given(...history)
        .when(told('enroute'))
        .then(buffered('enroute'));
      expect(state).toMatchObject({
        status: 'buffered',
        parts: [{ state: 'buffered', attempt: 1, smscMessageId: '1-1', connector: 'main' }],
      });
    }
  });

  it('is refused for a part that was never sent or does not exist', () => {
    given(accepted()).when(told('delivered')).thenThrows(ReceiptNotExpectedError);
    given(...one)
      .when(told('delivered', 2))
      .thenThrows(ReceiptNotExpectedError);
    given(...one)
      .when(told('enroute', 0))
      .thenThrows(ReceiptNotExpectedError);
  });
});

describe('receipts of a message of several parts', () => {
  it('deliver it only with the last missing part', () => {
    const first = given(...two)
      .when(told('delivered', 2))
      .then(reported('delivered', 2));
    expect(first).toMatchObject({ status: 'submitted', outcome: 'pending' });
    const last = given(...two, reported('delivered', 2))
      .when(told('delivered', 1))
      .then(delivered(1));
    expect(last).toMatchObject({ status: 'delivered', outcome: 'reached-by-sms' });
  });

  it.each<ReceiptState>(['undeliverable', 'deleted', 'expired', 'rejected'])(
    'leave it undelivered when one part is %s, and the other parts are still recorded',
    (state) => {
      const why = state === 'undeliverable' ? `${state}, network error 901` : state;
      const reason = `part 2 of 2: receipt says ${why}`;
      const failed = given(...two)
        .when(told(state, 2))
        .then(undelivered(state, reason, 2));
      expect(failed).toMatchObject({ status: 'undelivered', reason });
      const history = [...two, undelivered(state, reason, 2)];
      const both = given(...history)
        .when(told('delivered', 1))
        .then(reported('delivered', 1));
      expect(both).toMatchObject({ status: 'undelivered', outcome: 'pending', reason });
      given(...history)
        .when(told('enroute', 1))
        .then(reported('enroute', 1));
    },
  );

  it('name the first failed part as the reason, whichever came first', () => {
    const state = given(...two, undelivered('expired', 'x', 2), reported('rejected', 1)).state;
    expect(state).toMatchObject({ reason: 'part 1 of 2: receipt says rejected' });
  });
});

describe('a delivered receipt and the call', () => {
  const decided = [...one, fallbackDecided(7)];

  it('cancels the call that was decided and not yet placed', () => {
    const state = given(...decided)
      .when(told('delivered'))
      .then(delivered());
    expect(state).toMatchObject({ status: 'delivered', outcome: 'reached-by-sms', voice: { state: 'none' } });
    given(...decided, delivered())
      .when(command('AttemptCall', 10, { gateway: 'fake', reportDueAt: at(190) }))
      .thenNothing();
  });

  it('is recorded beside the call once it was placed', () => {
    const state = given(...decided, calling(8))
      .when(told('delivered'))
      .then(delivered());
    expect(state).toMatchObject({ outcome: 'reached-by-sms', voice: { state: 'calling', attempt: 1 } });
    const answered = event('VoiceAnswered', 8, { attempt: 1, sessionId: 's', durationSeconds: 9, raw: '{}' });
    const after = given(...decided, calling(8), answered)
      .when(told('delivered'))
      .then(delivered());
    expect(after).toMatchObject({ status: 'delivered', outcome: 'reached-by-voice' });
  });

  it('does not undo what was given up', () => {
    const history = [
      accepted({ channels: smsOnly() }),
      attempted(1),
      submitted(2),
      fallbackDecided(7, 'give-up'),
    ];
    const state = given(...history)
      .when(told('delivered'))
      .then(delivered());
    expect(state).toMatchObject({ status: 'delivered', outcome: 'not-reached' });
  });

  it('cancels the call also when the validity ended in doubt: the status stays, the person is reached', () => {
    const history = [
      accepted(),
      attempted(1),
      unanswered(5, 'resubmit'),
      event('MessageExpired', 8, { cause: 'validity', reason: 'x' }),
      fallbackDecided(8),
    ];
    const state = given(...history)
      .when(told('delivered'))
      .then(reported('delivered', 1));
    expect(state).toMatchObject({ status: 'expired', outcome: 'reached-by-sms', voice: { state: 'none' } });
  });
});
