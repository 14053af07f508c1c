// The parts of a message, and what they say about the whole. Derived from the parts alone, never
// from the order in which events arrived, so that reordered receipts end in the same state.
import type { Channels, ReceiptEvidence, ReceiptState } from './message.events.js';
import type { KnownMessage, MessageStatus, Outcome, Part } from './message.state.js';
import type { PartAtSmsc } from './order.events.js';
import type { SubmittedPart } from './submission.events.js';

const UNTOUCHED: Part = { state: 'waiting', doubts: 0 };

export function untouchedParts(count: number): readonly Part[] {
  return count === 1 ? [UNTOUCHED] : Array.from({ length: count }, () => UNTOUCHED);
}

/** The parts with part number `part` replaced. Numbers count from 1. */
export function withPart(parts: readonly Part[], part: number, next: Part): readonly Part[] {
  return parts.length === 1 && part === 1 ? [next] : parts.with(part - 1, next);
}

/** Once reached, the status never changes. */
export function isFinalStatus(status: MessageStatus): boolean {
  switch (status) {
    case 'delivered':
    case 'undelivered':
    case 'rejected':
    case 'expired':
    case 'cancelled':
    case 'suppressed':
      return true;
    default:
      return false;
  }
}

/**
 * ACCEPTD is final in SMPP 3.4 §5.2.28, yet it does not say that the phone has the text, and Kannel
 * takes it as intermediate too; UNKNOWN says nothing. For both the receipt deadline decides.
 */
export function isFinalReceipt(state: ReceiptState): boolean {
  return state !== 'enroute' && state !== 'accepted' && state !== 'unknown';
}

export function isDelivered(part: Part): boolean {
  return part.state === 'reported' && part.receiptState === 'delivered';
}

/** Whether some attempt of the part has an outcome that nobody knows. */
export function isInDoubt(part: Part): boolean {
  return part.state === 'in-doubt' || (part.state === 'waiting' && part.doubts > 0);
}

function isSurelyAtSmsc(part: Part): boolean {
  return part.state === 'submitted' || part.state === 'buffered' || part.state === 'reported';
}

/** Whether any part is, or may be, at the SMSC. */
export function anyMayBeAtSmsc(parts: readonly Part[]): boolean {
  return parts.some((part) => part.state !== 'waiting' || part.doubts > 0);
}

/**
 * Whether a part that waits or is under way was in flight when its link was lost: it may be what made
 * the SMSC drop the link.
 */
export function isSuspect({ losses, parts }: KnownMessage): boolean {
  return (
    losses.length > 0 &&
    parts.some((part) => (part.state === 'waiting' || part.state === 'submitting') && part.doubts > 0)
  );
}

/** The status of a message that is not final, once something was attempted. */
export function openStatus(parts: readonly Part[], quarantined: boolean): MessageStatus {
  let doubtful = false;
  let waiting = false;
  let buffered = false;
  for (const part of parts) {
    if (part.state === 'submitting') return 'submitting';
    if (isInDoubt(part)) doubtful = true;
    else if (part.state === 'waiting') waiting = true;
    else if (part.state === 'buffered') buffered = true;
  }
  if (doubtful) return quarantined ? 'quarantined' : 'in-doubt';
  if (waiting) return anyMayBeAtSmsc(parts) ? 'submitting' : 'accepted';
  return buffered ? 'buffered' : 'submitted';
}

/** Parts that the SMSC has and has not said a final word about. */
export function partsAtSmsc(parts: readonly Part[]): readonly PartAtSmsc[] {
  return parts.flatMap((part, index) => {
    if (part.state !== 'submitted' && part.state !== 'buffered') return [];
    return [{ part: index + 1, connector: part.connector, ...idOf(part) }];
  });
}

/** Those of them that it can be asked about. */
export function queryableParts(parts: readonly Part[]): readonly PartAtSmsc[] {
  return partsAtSmsc(parts).filter(({ smscMessageId }) => smscMessageId !== '');
}

/** Whether a call is left to be made when the SMS fails. */
export function mayCall({ channels, withdrawn }: Pick<KnownMessage, 'channels' | 'withdrawn'>): boolean {
  return channels.length > 1 && withdrawn === null;
}

/** What the SMS half alone comes to; pending when it is open or a call may still be made. */
export function smsOutcome(
  channels: Channels,
  callLeft: boolean,
  status: MessageStatus,
  parts: readonly Part[],
): Outcome {
  const takenIsEnough = channels[0].successStatus === 'submitted';
  if (parts.every(takenIsEnough ? isSurelyAtSmsc : isDelivered)) return 'reached-by-sms';
  if (callLeft || status === 'delivered' || !isFinalStatus(status)) return 'pending';
  // Where taken is enough, the failure of one part must not decide before another part's doubt is
  // resolved, or the order of their receipts would.
  return takenIsEnough && parts.every(mayBeTaken) ? 'pending' : 'not-reached';
}

function mayBeTaken(part: Part): boolean {
  return isSurelyAtSmsc(part) || part.state === 'submitting' || isInDoubt(part);
}

/** The part after a receipt that was recorded for it, `attempts` submits into the message. */
export function afterReceipt(part: Part, receipt: ReceiptEvidence, attempts: number): Part {
  // A part that was resolved by its receipt alone learns its id from the receipt.
  const known = part.state === 'submitted' || part.state === 'buffered' || part.state === 'reported';
  const attempt = part.state === 'waiting' ? attempts : part.attempt;
  const connector = known ? part.connector : receipt.connector;
  const id = idOf(known ? part : { smscMessageId: receipt.smscMessageId });
  if (!isFinalReceipt(receipt.state)) return { state: 'buffered', attempt, connector, ...id };
  return {
    state: 'reported',
    attempt,
    connector,
    ...id,
    receiptState: receipt.state,
    networkError: receipt.networkError,
  };
}

/** The part after a submit_sm_resp named its id. A report that is already there stays. */
export function afterResponse(
  part: Part,
  attempt: number,
  connector: string,
  given: Pick<SubmittedPart, 'smscMessageId' | 'rawSmscMessageId'>,
): Part {
  const { smscMessageId, rawSmscMessageId } = given;
  const at = { attempt, connector, ...idOf({ smscMessageId, rawSmscMessageId }) };
  if (part.state === 'reported') {
    const { receiptState, networkError } = part;
    return { state: 'reported', ...at, receiptState, networkError };
  }
  return { state: part.state === 'buffered' ? 'buffered' : 'submitted', ...at };
}

/** Both forms of an SMSC's id; the raw one only where it differs. */
export function idOf({
  smscMessageId,
  rawSmscMessageId,
}: {
  readonly smscMessageId: string;
  readonly rawSmscMessageId?: string | undefined;
}): Pick<SubmittedPart, 'smscMessageId' | 'rawSmscMessageId'> {
  return rawSmscMessageId === undefined ? { smscMessageId } : { smscMessageId, rawSmscMessageId };
}
