// Why a message stands as it stands, in one line without personal data. Derived from the state,
// so that the same state always reads the same, whatever order the receipts came in.
import { isFinalStatus, isInDoubt } from './parts.js';
import type { KnownMessage, Part } from './message.state.js';
import type { CommandStatus } from './submission.events.js';

/** Why one part failed; null when it has not. `count` is the number of parts of the message. */
export function partFailure(part: Part, number: number, count: number): string | null {
  const what = failure(part);
  if (what === null) return null;
  return count === 1 ? what : `part ${String(number)} of ${String(count)}: ${what}`;
}

function failure(part: Part): string | null {
  if (part.state === 'rejected') return `refused at submit: ${part.reason}`;
  if (part.state !== 'reported' || part.receiptState === 'delivered') return null;
  const error = part.networkError === null ? '' : `, network error ${part.networkError}`;
  return `receipt says ${part.receiptState}${error}`;
}

/** Why a submit was refused for good. */
export function refusalReason({ name }: CommandStatus, retries: number): string {
  if (retries === 0) return name;
  return `${name}, and again in ${retries === 1 ? '1 retry' : `${String(retries)} retries`}`;
}

/** The line for the message as a whole; null while all goes well. */
export function reasonOf(message: KnownMessage): string | null {
  if (message.status === 'cancelled' || message.status === 'suppressed') return message.reason;
  const sms = smsReason(message);
  const call = callReason(message);
  if (sms === null || call === null) return sms ?? call;
  return `${sms}; ${call}`;
}

function smsReason(message: KnownMessage): string | null {
  const { parts, status } = message;
  if (status === 'delivered') {
    return message.outcome === 'not-reached' ? 'delivered only after it had been given up' : null;
  }
  for (const [index, part] of parts.entries()) {
    const why = partFailure(part, index + 1, parts.length);
    if (why !== null) return why;
  }
  if (status === 'expired') return `validity ended at ${message.validUntil} before it was submitted`;
  if (isFinalStatus(status)) return message.reason;
  if (message.refusal !== null) return message.refusal;
  if (message.order?.kind === 'cancel') return 'to be cancelled: the SMSC has not answered yet';
  if (message.query !== null && message.query.failure !== null) return message.query.failure;
  if (message.fallbackDecided) {
    return `no final receipt within ${String(message.channels[0].fallbackAfterSeconds)} s of the first submit`;
  }
  if (status === 'quarantined') return quarantineReason(message);
  if (parts.some(isInDoubt)) return 'a submit was not answered, its outcome is unknown';
  return message.retryAt === null ? null : `waits until ${message.retryAt} for the next submit`;
}

function quarantineReason({ losses }: KnownMessage): string {
  const attempts = losses.map(
    ({ attempt, connector, cause }) => `${String(attempt)} on ${connector} (${cause})`,
  );
  return `quarantined: in flight when the link was lost, attempts ${attempts.join(', ')}; release it to send it again`;
}

function callReason(message: KnownMessage): string | null {
  const { voice } = message;
  if (voice.state === 'failed') return `call ${String(voice.attempt)}: ${voice.reason}`;
  const isWithdrawn = message.withdrawn !== null && message.channels.length > 1;
  if (isWithdrawn && isFinalStatus(message.status) && message.outcome === 'not-reached') {
    return `no call: ${message.withdrawn}`;
  }
  if (voice.state === 'unknown') return `call ${String(voice.attempt)}: its outcome is unknown`;
  return null;
}
