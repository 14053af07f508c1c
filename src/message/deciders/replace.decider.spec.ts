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
  submitted,
  unanswered,
} from '../../../test/support/message-builders.js';
import { MessageAlreadyFinalError, MessageNotChangeableError } from '../message.errors.js';
import type { MessageEvent } from '../message.events.js';
import { nextStepOf } from '../next-step.js';
import type { RecordReplace } from '../order.commands.js';
import { MAX_REPLACES } from './replace.decider.js';

const NEW = 'Your card was not used.';
const ask = (text = NEW) => command('ReplaceText', 5, { text, encoding: 'gsm7', partCount: 1 });
const attempt = (seconds: number) =>
  command('AttemptReplace', seconds, { sender: '7', retryAfterSeconds: 65 });
const told = (seconds: number, result: RecordReplace['result'], of = 1) =>
  command('RecordReplace', seconds, { attempt: of, result });

const PART = { part: 1, connector: 'main', smscMessageId: '1-1' };
const requested = event('ReplaceRequested', 5, { ...PART, personal: { text: NEW } });
const asked = (seconds: number, of = 1) =>
  event('ReplaceAttempted', seconds, { ...PART, attempt: of, sender: '7', retryAt: at(seconds + 65) });
const replaced = (seconds: number, by: 'request' | 'smsc') =>
  event('TextReplaced', seconds, { by, encoding: 'gsm7', partCount: 1, personal: { text: NEW } });

const sent = [accepted(), attempted(1), submitted(2)];
const underWay = [...sent, requested, asked(6)];

describe('replacing the text of what is no plain text', () => {
  const PLAIN = { nationalTables: null, dataCoding: null, flash: false, ports: null };
  it.each<[string, MessageEvent]>([
    ['flash', accepted({ format: { ...PLAIN, flash: true } })],
    ['sent to a port', accepted({ format: { ...PLAIN, ports: { destination: 1, source: 0 } } })],
    [
      'in national tables',
      accepted({ format: { ...PLAIN, nationalTables: { locking: 'tr', single: null } } }),
    ],
    [
      'binary',
      accepted({
        encoding: 'binary',
        personal: { to: '+27831234567', text: '', binary: { udh: '', data: '00' } },
      }),
    ],
  ])('is refused while it waits, and when it is submitted: %s', (_, message) => {
    const why = { why: 'not-plain', retryable: false };
    for (const history of [[message], [message, attempted(1), submitted(2)]]) {
      expect(() =>
        given(...history)
          .when(ask())
          .decided(),
      ).toThrow(MessageNotChangeableError);
      expect(() =>
        given(...history)
          .when(ask())
          .decided(),
      ).toThrow(expect.objectContaining(why));
    }
  });

  it('is refused when it went in message_payload', () => {
    const attempt = event('SubmitAttempted', 1, {
      attempt: 1,
      connector: 'main',
      sender: '7',
      parts: [1],
      form: 'payload',
      total: 1,
    });
    expect(() =>
      given(accepted({ partCount: 2 }), attempt, submitted(2))
        .when(ask())
        .decided(),
    ).toThrow(expect.objectContaining({ why: 'not-plain' }));
  });

  it('takes the encoding of the submit for the new text, not that of the acceptance', () => {
    const attempt = event('SubmitAttempted', 1, {
      attempt: 1,
      connector: 'main',
      sender: '7',
      parts: [1],
      form: 'udh8',
      total: 1,
      encoding: 'ucs2',
    });
    const history = [accepted(), attempt, submitted(2)];
    given(...history)
      .when(ask('x'.repeat(70)))
      .then(event('ReplaceRequested', 5, { ...PART, personal: { text: 'x'.repeat(70) } }));
    expect(() =>
      given(...history)
        .when(ask('x'.repeat(71)))
        .decided(),
    ).toThrow(expect.objectContaining({ why: 'text-does-not-fit' }));
  });
});

describe('replacing the text before it is submitted', () => {
  it.each<[string, readonly MessageEvent[]]>([
    ['accepted', [accepted()]],
    ['deferred', [accepted(), attempted(1), deferredUntil(2, 60)]],
  ])('is done at once while it is %s', (_, history) => {
    const state = given(...history)
      .when(ask())
      .then(replaced(5, 'request'));
    expect(state).toMatchObject({ text: NEW, acceptedText: 'Your card was used.' });
    expect(nextStepOf(state)).toMatchObject({ waitingFor: 'submit' });
  });

  it('measures the message anew', () => {
    const long = command('ReplaceText', 5, { text: 'Ж'.repeat(150), encoding: 'ucs2', partCount: 3 });
    const [event] = given(accepted()).when(long).decided();
    expect(event?.type).toBe('TextReplaced');
    expect(event === undefined ? null : given(accepted(), event).state).toMatchObject({
      encoding: 'ucs2',
      parts: [{ state: 'waiting' }, { state: 'waiting' }, { state: 'waiting' }],
    });
  });

  it('changes nothing when the text is the same', () => {
    given(accepted()).when(ask('Your card was used.')).thenNothing();
  });
});

describe('replacing the text at the SMSC', () => {
  it('is asked for and written ahead, and not asked twice at the same time', () => {
    const state = given(...sent)
      .when(ask())
      .then(requested);
    expect(nextStepOf(state)).toMatchObject({ waitingFor: 'replace', dueAt: at(5), validUntil: at(601) });
    given(...sent, requested)
      .when(ask())
      .thenNothing();
    given(...sent, requested)
      .when(attempt(6))
      .then(asked(6));
    given(...underWay)
      .when(attempt(70))
      .thenNothing();
  });

  it('changes the text, also the one that is spoken, when the SMSC says so', () => {
    const state = given(...underWay)
      .when(told(7, { end: 'replaced' }))
      .then(replaced(7, 'smsc'));
    expect(state).toMatchObject({ status: 'submitted', text: NEW, order: null });
    expect(nextStepOf(state)).toMatchObject({ waitingFor: 'receipt' });
  });

  it('is recorded also when the receipt was faster than the answer', () => {
    const delivered = event('MessageDelivered', 7, { part: 1, receipt: receipt('delivered') });
    given(...underWay, delivered)
      .when(told(8, { end: 'replaced' }))
      .then(replaced(8, 'smsc'));
  });

  it.each<[string, RecordReplace['result'], object]>([
    [
      'the SMSC refuses',
      { end: 'refused', commandStatus: { code: 0x13, name: 'ESME_RREPLACEFAIL' } },
      { cause: 'refused', commandStatus: { code: 0x13, name: 'ESME_RREPLACEFAIL' } },
    ],
    [
      'the connector may not',
      { end: 'not-carried', reason: 'replace_sm is a transmitter’s' },
      { cause: 'not-carried', reason: 'replace_sm is a transmitter’s' },
    ],
  ])('leaves the text when %s, and says why', (_, result, data) => {
    const state = given(...underWay).when(told(7, result));
    const [refused] = state.decided();
    expect(refused).toMatchObject({ type: 'ReplaceRefused', data });
    expect(refused === undefined ? null : given(...underWay, refused).state).toMatchObject({
      text: 'Your card was used.',
      order: null,
    });
  });

  it('gives up after so many tries without an answer', () => {
    const tries = Array.from({ length: MAX_REPLACES }, (_, n) => asked(6 + 65 * n, n + 1));
    const history = [...sent, requested, ...tries];
    expect(
      given(...history)
        .when(attempt(300))
        .decided(),
    ).toMatchObject([{ type: 'ReplaceRefused', data: { cause: 'unanswered' } }]);
    given(...underWay)
      .when(told(7, { end: 'unanswered' }))
      .thenNothing();
  });

  it('is too late when the message ended before it was sent', () => {
    const ended = [
      ...sent,
      requested,
      event('MessageDelivered', 7, { part: 1, receipt: receipt('delivered') }),
    ];
    expect(
      given(...ended)
        .when(attempt(8))
        .decided(),
    ).toMatchObject([{ type: 'ReplaceRefused', data: { cause: 'too-late' } }]);
  });

  const two = [accepted({ partCount: 2 }), attempted(1, 1, [1, 2]), submitted(2, [1, 2])];
  it.each<[string, readonly MessageEvent[], string]>([
    ['of several parts', two, NEW],
    ['in doubt', [accepted(), attempted(1), unanswered(11)], NEW],
    ['whose submit is under way', [accepted(), attempted(1)], NEW],
    ['by a text in another alphabet', sent, 'Ж'],
    ['by a text of several parts', sent, 'x'.repeat(161)],
    ['that is to be cancelled', [...sent, event('CancelRequested', 4, { reason: 'x', parts: [1] })], NEW],
  ])('is refused for a message %s', (_, history, text) => {
    given(...history)
      .when(ask(text))
      .thenThrows(MessageNotChangeableError);
  });

  it('takes a narrower alphabet in the encoding that was submitted', () => {
    const wide = [accepted({ encoding: 'ucs2' }), attempted(1), submitted(2)];
    expect(
      given(...wide)
        .when(ask())
        .decided(),
    ).toMatchObject([{ type: 'ReplaceRequested' }]);
  });

  it('is refused once the outcome is decided', () => {
    given(...sent, event('MessageDelivered', 4, { part: 1, receipt: receipt('delivered') }))
      .when(ask())
      .thenThrows(MessageAlreadyFinalError);
  });
});
