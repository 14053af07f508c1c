import { describe, expect, it } from '@jest/globals';
import { given } from '../../test/support/given.js';
import {
  accepted,
  attempted,
  command,
  deferredUntil,
  event,
  receipt,
  submitted,
  unanswered,
} from '../../test/support/message-builders.js';
import type { AttemptSubmit } from './message.commands.js';
import type { MessageEvent } from './message.events.js';

const LONG = 'x'.repeat(400);
// 400 septets: three parts of 153; also of 152, and of 67 code units six.
const long = (): MessageEvent => accepted({ partCount: 3, personal: { to: '+27831234567', text: LONG } });
const short = (): MessageEvent => accepted();
const ofThree = [1, 2, 3];

function attempt(seconds: number, cut: Partial<Pick<AttemptSubmit, 'longForm' | 'alphabet'>> = {}) {
  return command('AttemptSubmit', seconds, {
    connector: 'main',
    sender: 'sender-1',
    longForm: 'udh8',
    ...cut,
  });
}

describe('how an attempt cuts the message', () => {
  it.each([
    ['udh8', 3],
    ['udh16', 3],
    ['sar', 3],
    ['payload', 1],
  ] as const)('is the form of its connector: %s, in %i', (longForm, total) => {
    const parts = ofThree.slice(0, total);
    const state = given(long())
      .when(attempt(1, { longForm }))
      .then(attempted(1, 1, parts, { form: longForm, total }));
    expect(state).toMatchObject({ shape: { form: longForm, encoding: 'gsm7', sinceAttempt: 1 } });
    expect(state.status === 'none' ? [] : state.parts).toHaveLength(total);
  });

  it('counts again where the form has other parts than the acceptance counted', () => {
    const text = 'x'.repeat(2 * 153);
    given(accepted({ partCount: 2, personal: { to: '+27831234567', text } }))
      .when(attempt(1, { longForm: 'udh16' }))
      .then(attempted(1, 1, [1, 2, 3], { form: 'udh16' }));
  });

  it('has no form for a message of one part', () => {
    given(short())
      .when(attempt(1, { longForm: 'payload' }))
      .then(attempted(1, 1, [1], { form: 'udh8' }));
  });

  it('is UCS-2 where the SMSC has no GSM alphabet for the text', () => {
    const text = `é${'x'.repeat(99)}`;
    const state = given(accepted({ personal: { to: '+27831234567', text } }))
      .when(attempt(1, { alphabet: 'ascii' }))
      .then(attempted(1, 1, [1, 2], { encoding: 'ucs2' }));
    expect(state).toMatchObject({ encoding: 'gsm7', shape: { encoding: 'ucs2' } });
    given(short())
      .when(attempt(1, { alphabet: 'ascii' }))
      .then(attempted(1));
  });
});

describe('another attempt', () => {
  const payload = { form: 'payload', total: 1 } as const;

  it('cuts anew while no part can be at an SMSC', () => {
    const state = given(long(), attempted(1, 1, [1], payload), deferredUntil(2, 30))
      .when(attempt(30, { longForm: 'udh16' }))
      .then(attempted(30, 2, ofThree, { form: 'udh16' }));
    expect(state).toMatchObject({ shape: { form: 'udh16', sinceAttempt: 2 } });
  });

  it.each<[string, readonly MessageEvent[]]>([
    ['a part is submitted', [submitted(2, [1]), deferredUntil(2, 30, { parts: [2, 3] })]],
    ['a part is in doubt', [unanswered(2, 'hold', { parts: [1] }), deferredUntil(2, 30, { parts: [2, 3] })]],
  ])('keeps the form of the others when %s', (_what, ends) => {
    const state = given(long(), attempted(1, 1, ofThree, { form: 'udh16' }), ...ends)
      .when(attempt(30, { longForm: 'payload', alphabet: 'ascii' }))
      .then(attempted(30, 2, [2, 3], { form: 'udh16', total: 3 }));
    expect(state).toMatchObject({ shape: { form: 'udh16', sinceAttempt: 1 } });
  });

  it('keeps the form of a part that is sent again without knowing its outcome', () => {
    given(long(), attempted(1, 1, [1], payload), unanswered(2, 'resubmit'))
      .when(attempt(62, { longForm: 'udh8' }))
      .then(attempted(62, 2, [1], payload));
  });

  it('keeps the encoding as well', () => {
    const text = `é${'x'.repeat(99)}`;
    const ascii = { encoding: 'ucs2', total: 2 } as const;
    given(
      accepted({ personal: { to: '+27831234567', text } }),
      attempted(1, 1, [1, 2], ascii),
      submitted(2, [1]),
      deferredUntil(2, 30, { parts: [2] }),
    )
      .when(attempt(30))
      .then(attempted(30, 2, [2], ascii));
  });

  it('takes no result of an attempt that cut the message differently', () => {
    const recut = [
      long(),
      attempted(1, 1, [1], payload),
      deferredUntil(2, 30),
      attempted(30, 2, ofThree, { form: 'udh8' }),
    ];
    const result = (attemptNumber: number) =>
      command('RecordSubmission', 31, {
        attempt: attemptNumber,
        connector: 'main',
        inDoubtPolicy: { then: 'hold' },
        results: [{ part: 1, end: 'submitted', smscMessageId: `${String(attemptNumber)}-1` }],
      });
    given(...recut)
      .when(result(1))
      .thenNothing();
    given(...recut)
      .when(result(2))
      .then(submitted(31, [1], { attempt: 2 }));
  });

  it('takes the late result of an attempt that cut it as it is cut now', () => {
    given(short(), attempted(1), deferredUntil(2, 30), attempted(30, 2))
      .when(
        command('RecordSubmission', 31, {
          attempt: 1,
          connector: 'main',
          inDoubtPolicy: { then: 'hold' },
          results: [{ part: 1, end: 'submitted', smscMessageId: '1-1' }],
        }),
      )
      .then(submitted(31, [1], { attempt: 1, late: true }));
  });
});

describe('a receipt for the only part of a message sent whole', () => {
  it('settles the message', () => {
    const delivered = receipt('delivered');
    const state = given(long(), attempted(1, 1, [1], { form: 'payload', total: 1 }), submitted(2))
      .when(command('RecordReceipt', 300, { part: 1, receipt: delivered }))
      .then(event('MessageDelivered', 300, { part: 1, receipt: delivered }));
    expect(state).toMatchObject({ status: 'delivered', outcome: 'reached-by-sms' });
  });
});
