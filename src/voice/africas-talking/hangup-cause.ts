// What Africa's Talking's hangupCause says about a call that was not answered. The names are
// FreeSWITCH's, which follow ITU-T Q.850. Only busy and no-answer are ever called again.
import type { VoiceFailure } from '../../message/message.events.js';

const HANGUP_CAUSE: ReadonlyMap<string, VoiceFailure> = new Map([
  // An ordinary end: with a duration it is an answered call, without one nobody picked up.
  ['NORMAL_CLEARING', 'no-answer'],
  ['USER_BUSY', 'busy'],
  ['NO_ANSWER', 'no-answer'],
  ['NO_USER_RESPONSE', 'no-answer'],
  // The gateway stopped ringing before anybody picked up.
  ['ORIGINATOR_CANCEL', 'no-answer'],
  ['CALL_REJECTED', 'declined'],
  ['SUBSCRIBER_ABSENT', 'unreachable'],
  ['USER_NOT_REGISTERED', 'unreachable'],
  ['UNALLOCATED_NUMBER', 'invalid-number'],
  // Trouble in the network or at the gateway: says nothing of the person, so no redial.
  ['NORMAL_TEMPORARY_FAILURE', 'failed'],
  ['RECOVERY_ON_TIMER_EXPIRE', 'failed'],
  ['LOSE_RACE', 'failed'],
  ['SERVICE_UNAVAILABLE', 'failed'],
  ['UNSPECIFIED', 'failed'],
]);

export type CallEnd =
  | { readonly kind: 'answered'; readonly durationSeconds: number }
  | { readonly kind: 'failed'; readonly failure: VoiceFailure; readonly reason: string };

/**
 * How a call ended. Answered takes proof: a duration above zero and an ordinary end, where an
 * absent cause (older accounts send none) counts as ordinary.
 *
 * @param cause in upper case; null when absent
 * @param durationSeconds null when absent or unreadable
 */
export function callEndOf(cause: string | null, durationSeconds: number | null): CallEnd {
  const ordinary = cause === null || cause === 'NORMAL_CLEARING';
  if (ordinary && durationSeconds === null) {
    // Neither answered nor unanswered is proven; a redial might be the second call.
    return { kind: 'failed', failure: 'failed', reason: `${cause ?? 'no hangupCause'}, no duration` };
  }
  if (ordinary && durationSeconds !== null && durationSeconds > 0)
    return { kind: 'answered', durationSeconds };
  if (cause === null) return { kind: 'failed', failure: 'no-answer', reason: 'no hangupCause, duration 0' };
  return { kind: 'failed', failure: HANGUP_CAUSE.get(cause) ?? 'failed', reason: cause };
}
