import { describe, expect, it } from '@jest/globals';
import { callEndOf } from './hangup-cause.js';

describe('how a call ended', () => {
  it.each([
    ['NORMAL_CLEARING', 'no-answer'],
    ['USER_BUSY', 'busy'],
    ['NO_ANSWER', 'no-answer'],
    ['NO_USER_RESPONSE', 'no-answer'],
    ['ORIGINATOR_CANCEL', 'no-answer'],
    ['CALL_REJECTED', 'declined'],
    ['SUBSCRIBER_ABSENT', 'unreachable'],
    ['USER_NOT_REGISTERED', 'unreachable'],
    ['UNALLOCATED_NUMBER', 'invalid-number'],
    ['NORMAL_TEMPORARY_FAILURE', 'failed'],
    ['RECOVERY_ON_TIMER_EXPIRE', 'failed'],
    ['LOSE_RACE', 'failed'],
    ['SERVICE_UNAVAILABLE', 'failed'],
    ['UNSPECIFIED', 'failed'],
    ['SOMETHING_NEW', 'failed'],
    ['constructor', 'failed'],
  ])('%s without a duration is %s', (cause, failure) => {
    expect(callEndOf(cause, 0)).toEqual({ kind: 'failed', failure, reason: cause });
  });

  it('is answered after an ordinary end with a duration, cause given or not', () => {
    expect(callEndOf('NORMAL_CLEARING', 3.21)).toEqual({ kind: 'answered', durationSeconds: 3.21 });
    expect(callEndOf(null, 43)).toEqual({ kind: 'answered', durationSeconds: 43 });
  });

  it('is not answered when another cause contradicts the duration', () => {
    expect(callEndOf('USER_BUSY', 12)).toMatchObject({ kind: 'failed', failure: 'busy' });
  });

  it('is no answer when nothing but a duration of zero is known', () => {
    expect(callEndOf(null, 0)).toMatchObject({ kind: 'failed', failure: 'no-answer' });
  });

  it('is failed, and so never called again, when the duration is unknown', () => {
    expect(callEndOf('NORMAL_CLEARING', null)).toMatchObject({ kind: 'failed', failure: 'failed' });
    expect(callEndOf(null, null)).toMatchObject({ kind: 'failed', failure: 'failed' });
    expect(callEndOf('USER_BUSY', null)).toMatchObject({ kind: 'failed', failure: 'busy' });
  });
});
