// What an open message waits for, and until when: the one rule that the senders, the fallback
// and the caller take their work from. Derived from stored instants alone, so that it survives
// restarts and cannot be upset by a clock that jumps.
//
// | first that holds                              | waits for   | due at                          |
// |-----------------------------------------------|-------------|---------------------------------|
// | some part is submitting                       | response    | when its attempt was written    |
// | a call is under way                           | call-report | reportDueAt of the call         |
// | the SMSC is to cancel it, replace its text    | cancel, replace | the next try                |
// | the outcome is decided                        | nothing     |                                 |
// | a call is decided                             | call        | callAt                          |
// | the SMS has failed, a voice channel is left   | fallback    | in the past: decide now         |
// | some part waits to be submitted, no quarantine | submit     | the latest of acceptance, sendAt, retryAt |
// | the SMSC is to be asked before the deadline   | query       | the next query                  |
// | otherwise: submitted, buffered, in doubt, quarantined | receipt | the receipt deadline        |
//
// Also the last: a part failed on a route where submitted is enough, no voice channel is left, and
// whether the SMSC took another part is in doubt.
import { earliest, isBefore, latest, plusSeconds } from './instant.js';
import type { Priority } from './message.events.js';
import type { KnownMessage, Message } from './message.state.js';
import { isFinalStatus, isSuspect, mayCall, queryableParts } from './parts.js';

/**
 * submit: a part may be submitted from `dueAt` on · response: a submit is under way ·
 * receipt: submitted or in doubt, fallback is decided at `dueAt` · fallback: the SMS has failed,
 * decide now · query: no receipt came, the SMSC is asked from `dueAt` on · cancel, replace: the SMSC
 * is asked for it from `dueAt` on · call: the call may be placed from `dueAt` on · call-report: a call is under way,
 * its outcome is unknown at `dueAt`.
 */
export type WaitingFor =
  'submit' | 'response' | 'receipt' | 'fallback' | 'call' | 'call-report' | 'query' | 'cancel' | 'replace';

export interface NextStep {
  readonly waitingFor: WaitingFor;
  /** ISO 8601 UTC. */
  readonly dueAt: string;
  /**
   * Only with `submit`, `query`, `cancel` and `replace`: from this instant on DecideFallback ends the wait, because the validity is
   * over or because the receipt deadline of the parts already sent has passed. ISO 8601 UTC.
   */
  readonly validUntil: string | null;
  readonly priority: Priority;
  /** Only with `submit`: the link was lost with it in flight, so it goes by itself (parts.ts). */
  readonly suspect: boolean;
}

/** Null when nothing is left to wait for. */
export function nextStepOf(message: Message): NextStep | null {
  if (message.status === 'none') return null;
  const { voice, lastAttempt } = message;
  if (lastAttempt !== null && message.parts.some((part) => part.state === 'submitting')) {
    return step(message, 'response', lastAttempt.at);
  }
  if (voice.state === 'calling') return step(message, 'call-report', voice.reportDueAt);
  const { order } = message;
  // Also when the outcome is decided: an SMS that is to be cancelled shall not arrive later.
  if (order !== null && !isFinalStatus(message.status)) {
    const until = message.outcome === 'pending' && !message.fallbackDecided ? receiptDeadline(message) : null;
    return step(message, order.kind, order.dueAt, until);
  }
  if (message.outcome !== 'pending') return null;
  if (voice.state === 'due') return step(message, 'call', voice.callAt);
  if (isFinalStatus(message.status) && mayCall(message)) {
    return step(message, 'fallback', lastAttempt === null ? message.validUntil : lastAttempt.at);
  }
  if (mayBeSubmitted(message)) {
    const dueAt = latest(latest(message.acceptedAt, message.sendAt), message.retryAt);
    return step(message, 'submit', dueAt, earliest(message.validUntil, receiptDeadline(message)));
  }
  const deadline = receiptDeadline(message) ?? message.validUntil;
  const queryAt = nextQueryAt(message);
  if (queryAt !== null && isBefore(queryAt, deadline)) return step(message, 'query', queryAt, deadline);
  return step(message, 'receipt', deadline);
}

/** Whether a part is still to be submitted: in quarantine, or to be cancelled, it is not. */
function mayBeSubmitted({ status, withdrawn, parts }: KnownMessage): boolean {
  if (isFinalStatus(status) || status === 'quarantined' || withdrawn !== null) return false;
  return parts.some((part) => part.state === 'waiting');
}

function nextQueryAt({ query, status, fallbackDecided, parts }: KnownMessage): string | null {
  if (query === null || fallbackDecided || isFinalStatus(status)) return null;
  return queryableParts(parts).length > 0 ? query.nextAt : null;
}

/**
 * Until when a final receipt is awaited; null while nothing can be at the SMSC. Counted from the
 * first submit, so that neither restarts nor later attempts move it.
 */
export function receiptDeadline(message: KnownMessage): string | null {
  const { firstAttemptAt, channels } = message;
  return firstAttemptAt === null ? null : plusSeconds(firstAttemptAt, channels[0].fallbackAfterSeconds);
}

function step(
  message: KnownMessage,
  waitingFor: WaitingFor,
  dueAt: string,
  validUntil: string | null = null,
): NextStep {
  const suspect = waitingFor === 'submit' && isSuspect(message);
  return { waitingFor, dueAt, validUntil, priority: message.priority, suspect };
}
