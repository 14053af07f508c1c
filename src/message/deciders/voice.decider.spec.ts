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
  queued,
  receipt,
  submitted,
  VOICE,
} from '../../../test/support/message-builders.js';
import type { MessageEvent, VoiceFailure } from '../message.events.js';

const due = [accepted(), attempted(1), submitted(2), fallbackDecided(700)];
const ringing = [...due, calling(710), queued(711)];
const delivered = event('MessageDelivered', 720, { part: 1, receipt: receipt('delivered') });
const unknown = event('VoiceOutcomeUnknown', 900, { attempt: 1, cause: 'no-final-report', detail: 'none' });

const place = (seconds: number) =>
  command('AttemptCall', seconds, { gateway: 'fake', reportDueAt: at(seconds + 180) });
const answer = (seconds: number, sessionId = 'session-1', attempt = 1) =>
  command('RecordCallAnswered', seconds, { attempt, sessionId, durationSeconds: 21, raw: '{}' });
const answered = (seconds: number) =>
  event('VoiceAnswered', seconds, { attempt: 1, sessionId: 'session-1', durationSeconds: 21, raw: '{}' });
const fail = (seconds: number, failure: VoiceFailure, attempt = 1, sessionId: string | null = 'session-1') =>
  command('RecordCallFailed', seconds, { attempt, sessionId, failure, reason: 'USER_BUSY', raw: '{}' });
const failed = (seconds: number, failure: VoiceFailure, retryAt: string | null, attempt = 1): MessageEvent =>
  event('VoiceFailed', seconds, {
    attempt,
    sessionId: 'session-1',
    failure,
    reason: 'USER_BUSY',
    retryAt,
    raw: '{}',
  });

describe('placing the call', () => {
  it('is written before the call is requested, from callAt on', () => {
    given(...due)
      .when(place(699))
      .thenNothing();
    given(...due)
      .when(place(700))
      .then(calling(700));
  });

  it('is granted once', () => {
    given(...due, calling(700))
      .when(place(701))
      .thenNothing();
  });

  it('keeps the session the gateway names first', () => {
    const state = given(...due, calling(710))
      .when(command('RecordCallQueued', 711, { attempt: 1, sessionId: 'session-1' }))
      .then(queued(711));
    expect(state).toMatchObject({ voice: { state: 'calling', sessionId: 'session-1' } });
    given(...ringing)
      .when(command('RecordCallQueued', 712, { attempt: 1, sessionId: 'other' }))
      .thenNothing();
    given(...due, calling(710))
      .when(command('RecordCallQueued', 711, { attempt: 2, sessionId: 'session-1' }))
      .thenNothing();
  });
});

describe('a call that is answered', () => {
  it('reaches the person by voice', () => {
    const state = given(...ringing)
      .when(answer(760))
      .then(answered(760));
    expect(state).toMatchObject({ outcome: 'reached-by-voice', voice: { state: 'answered', attempt: 1 } });
  });

  it('counts also when its report is faster than the answer to the request', () => {
    given(...due, calling(710))
      .when(answer(711))
      .then(answered(711));
  });

  it('does not change an outcome that the SMS has decided meanwhile', () => {
    const state = given(...ringing, delivered)
      .when(answer(760))
      .then(answered(760));
    expect(state).toMatchObject({ outcome: 'reached-by-sms', voice: { state: 'answered' } });
  });

  it('changes nothing when the report is of another session, of another attempt, or repeated', () => {
    given(...ringing)
      .when(answer(760, 'forged'))
      .thenNothing();
    given(...ringing)
      .when(answer(760, 'session-1', 2))
      .thenNothing();
    given(...ringing, answered(760))
      .when(answer(761))
      .thenNothing();
    given(...ringing, answered(760))
      .when(fail(761, 'busy'))
      .thenNothing();
  });
});

describe('a call that fails', () => {
  it.each<VoiceFailure>(['busy', 'no-answer'])('is tried again after a pause when it was %s', (failure) => {
    const retryAt = at(760 + VOICE.retryAfterSeconds);
    const state = given(...ringing)
      .when(fail(760, failure))
      .then(failed(760, failure, retryAt));
    expect(state).toMatchObject({
      outcome: 'pending',
      voice: { state: 'due', callAt: retryAt, callsMade: 1 },
    });
    given(...ringing, failed(760, failure, retryAt))
      .when(place(879))
      .thenNothing();
    given(...ringing, failed(760, failure, retryAt))
      .when(place(880))
      .then(calling(880, 2));
  });

  it.each<VoiceFailure>(['declined', 'unreachable', 'invalid-number', 'refused-by-gateway', 'failed'])(
    'is final when it was %s',
    (failure) => {
      const state = given(...ringing)
        .when(fail(760, failure))
        .then(failed(760, failure, null));
      expect(state).toMatchObject({ outcome: 'not-reached', voice: { state: 'failed', attempt: 1 } });
      given(...ringing, failed(760, failure, null))
        .when(place(9000))
        .thenNothing();
    },
  );

  it('is final after the last call the policy allows', () => {
    const second = [...ringing, failed(760, 'busy', at(880)), calling(880, 2)];
    const state = given(...second)
      .when(fail(900, 'busy', 2, 'session-1'))
      .then(failed(900, 'busy', null, 2));
    expect(state).toMatchObject({
      outcome: 'not-reached',
      reason: 'no final receipt within 600 s of the first submit; call 2: USER_BUSY',
    });
  });

  it('is not tried again when the SMS has arrived meanwhile', () => {
    const state = given(...ringing, delivered)
      .when(fail(760, 'busy'))
      .then(failed(760, 'busy', null));
    expect(state).toMatchObject({ outcome: 'reached-by-sms', voice: { state: 'failed' } });
    const between = [...ringing, failed(715, 'busy', at(835)), delivered];
    expect(given(...between).state).toMatchObject({ outcome: 'reached-by-sms', voice: { state: 'none' } });
    given(...between)
      .when(place(9000))
      .thenNothing();
  });

  it('is final when the gateway refused the request, without a session', () => {
    const refused = event('VoiceFailed', 711, {
      attempt: 1,
      sessionId: null,
      failure: 'refused-by-gateway',
      reason: 'USER_BUSY',
      retryAt: null,
      raw: '{}',
    });
    given(...due, calling(710))
      .when(fail(711, 'refused-by-gateway', 1, null))
      .then(refused);
  });
});

describe('a call whose outcome is unknown', () => {
  const giveUp = (seconds: number, cause: 'no-final-report' | 'process-lost', attempt = 1) =>
    command('RecordCallOutcomeUnknown', seconds, { attempt, cause, detail: 'none' });

  it('is never placed again, and the person counts as not reached', () => {
    const state = given(...ringing)
      .when(giveUp(900, 'no-final-report'))
      .then(unknown);
    expect(state).toMatchObject({
      outcome: 'not-reached',
      voice: { state: 'unknown', attempt: 1, sessionId: 'session-1' },
    });
    given(...ringing, unknown)
      .when(place(9000))
      .thenNothing();
  });

  it('is not taken as unknown before its report is due, nor for another attempt', () => {
    given(...ringing)
      .when(giveUp(889, 'no-final-report'))
      .thenNothing();
    given(...ringing)
      .when(giveUp(900, 'no-final-report', 2))
      .thenNothing();
    given(...ringing)
      .when(giveUp(720, 'process-lost'))
      .then(event('VoiceOutcomeUnknown', 720, { attempt: 1, cause: 'process-lost', detail: 'none' }));
  });

  it('records a late report of its session without changing the outcome', () => {
    const late = given(...ringing, unknown)
      .when(answer(950))
      .then(answered(950));
    expect(late).toMatchObject({ outcome: 'not-reached', voice: { state: 'answered' } });
    const busy = given(...ringing, unknown)
      .when(fail(950, 'busy'))
      .then(failed(950, 'busy', null));
    expect(busy).toMatchObject({ outcome: 'not-reached', voice: { state: 'failed' } });
    given(...ringing, unknown)
      .when(answer(950, 'other'))
      .thenNothing();
  });
});
