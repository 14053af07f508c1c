// What the deciders' specs do not show of evolve: the start, the damaged stream, and that states
// are never changed in place.
import { describe, expect, it } from '@jest/globals';
import { given } from '../../test/support/given.js';
import {
  accepted,
  at,
  attempted,
  calling,
  deferredUntil,
  event,
  MESSAGE_ID,
  queued,
  receipt,
  smsThenVoice,
  submitted,
  unanswered,
  VALIDITY_SECONDS,
} from '../../test/support/message-builders.js';
import { MessageHistoryBrokenError } from './message.errors.js';
import type { MessageEvent } from './message.events.js';
import { evolve, initialState, type Message } from './message.js';

describe('a message as its events tell it', () => {
  it('begins with everything that was accepted and nothing done', () => {
    const state = evolve(initialState, accepted({ partCount: 2, reference: 'order 7' }));
    expect(state).toEqual({
      messageId: MESSAGE_ID,
      status: 'accepted',
      outcome: 'pending',
      reason: null,
      to: '+27831234567',
      from: 'SureReach',
      text: 'Your card was used.',
      acceptedText: 'Your card was used.',
      withdrawn: null,
      order: null,
      refusal: null,
      query: null,
      acceptedEncoding: 'gsm7',
      encoding: 'gsm7',
      partCount: 2,
      format: null,
      binary: null,
      replaced: [],
      priority: 'normal',
      class: 'transactional',
      channels: smsThenVoice(),
      validUntil: at(VALIDITY_SECONDS),
      sendAt: null,
      reference: 'order 7',
      batch: null,
      locale: null,
      acceptedAt: at(0),
      parts: [
        { state: 'waiting', doubts: 0 },
        { state: 'waiting', doubts: 0 },
      ],
      shape: null,
      attempts: 0,
      retryAt: null,
      firstAttemptAt: null,
      lastAttempt: null,
      deferrals: [],
      lastDeferral: null,
      losses: [],
      quarantined: false,
      fallbackDecided: false,
      voice: { state: 'none' },
      receiptIds: [],
    });
  });

  it('tells in the reason why a submit waits, until it no longer does', () => {
    const deferred = [accepted(), attempted(1), deferredUntil(2, 60)];
    expect(given(...deferred).state).toMatchObject({
      reason: `deferred with ESME_RTHROTTLED; next submit from ${at(60)} on`,
    });
    expect(given(...deferred, attempted(61, 2)).state).toMatchObject({ reason: null });
    expect(given(accepted(), attempted(1), unanswered(11)).state).toMatchObject({
      reason: 'a submit was not answered, its outcome is unknown',
    });
  });

  it('remembers the first and the last attempt, and by whom it was made', () => {
    const state = given(accepted(), attempted(1), unanswered(11, 'resubmit'), attempted(75, 2)).state;
    expect(state).toMatchObject({
      attempts: 2,
      firstAttemptAt: at(1),
      lastAttempt: { at: at(75), sender: 'sender-1', connector: 'main' },
      parts: [{ state: 'submitting', attempt: 2, doubts: 1 }],
    });
  });

  it('refuses a stream that does not begin with MessageAccepted', () => {
    expect(() => evolve(initialState, attempted(1))).toThrow(MessageHistoryBrokenError);
  });

  it('refuses a second MessageAccepted and a type it does not know', () => {
    const state = evolve(initialState, accepted());
    expect(() => evolve(state, accepted())).toThrow(MessageHistoryBrokenError);
    const newer = { type: 'MessageTeleported', at: at(1), data: {} } as unknown as MessageEvent;
    expect(() => evolve(state, newer)).toThrow(/MessageTeleported.*newer version/);
  });

  it('never changes a state in place', () => {
    const history = [
      accepted({ partCount: 2 }),
      attempted(1, 1, [1, 2]),
      submitted(2, [1]),
      unanswered(2, 'resubmit', { parts: [2] }),
      event('MessageBuffered', 3, { part: 1, receipt: receipt('enroute') }),
      event('PartReported', 4, { part: 1, receipt: receipt('delivered') }),
      event('ReceiptContradicted', 5, { part: 1, recorded: 'delivered', receipt: receipt('expired') }),
      event('FallbackDecided', 700, { decision: 'voice', rule: 'in-doubt', evidence: 'x', callAt: at(700) }),
      calling(701),
      queued(702),
      event('VoiceAnswered', 740, { attempt: 1, sessionId: 'session-1', durationSeconds: 9, raw: '{}' }),
    ];
    let state: Message = initialState;
    for (const next of history) state = deepFreeze(evolve(state, deepFreeze(next)));
    expect(state).toMatchObject({ outcome: 'reached-by-voice' });
  });
});

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
