// A message as its events tell it: how each event changes the state.
// Pure: no clock, no randomness, no input or output; it never judges an event, it follows.
import { counted } from './deferrals.js';
import { latest } from './instant.js';
import { MessageHistoryBrokenError } from './message.errors.js';
import type { MessageAccepted, MessageEvent, ReceiptEvidence, VoiceFailed } from './message.events.js';
import type { KnownMessage, Message, MessageStatus, Part, Voice } from './message.state.js';
import type {
  Loss,
  MessageSubmitted,
  PartRefused,
  SubmitDeferred,
  SubmitOutcomeUnknown,
} from './submission.events.js';
import {
  afterReceipt,
  afterResponse,
  anyMayBeAtSmsc,
  isFinalStatus,
  openStatus,
  smsOutcome,
  untouchedParts,
  withPart,
} from './parts.js';
import { reasonOf, refusalReason } from './reason.js';

export { initialState } from './message.state.js';
export type { KnownMessage, Message, Part } from './message.state.js';

const NO_VOICE: Voice = { state: 'none' };

/**
 * The state after one more event.
 * @throws MessageHistoryBrokenError on an event that cannot follow, or of an unknown type: stop
 *   reading this stream, it is damaged or newer than this process.
 */
export function evolve(state: Message, event: MessageEvent): KnownMessage {
  if (state.status === 'none') {
    if (event.type === 'MessageAccepted') return accepted(event.data, event.at);
    throw new MessageHistoryBrokenError(state.status, event.type);
  }
  switch (event.type) {
    case 'MessageScheduled':
      return { ...state, status: 'scheduled' };
    case 'SubmitAttempted':
      return submitAttempted(state, event);
    case 'MessageSubmitted':
      return submitted(state, event.data, event.at);
    case 'SubmitDeferred':
      return deferred(state, event.data);
    case 'SubmitOutcomeUnknown':
      return outcomeUnknown(state, event.data);
    case 'PartRefused':
      return refused(state, event.data, null);
    case 'MessageQuarantined':
      return settled({ ...state, quarantined: true }, state.parts);
    case 'MessageReleased':
      return released(state, event.data.parts, event.at);
    case 'MessageBuffered':
    case 'PartReported':
      return receipt(state, event.data, null);
    case 'MessageDelivered':
      return receipt(state, event.data, 'delivered');
    case 'MessageUndelivered':
      return receipt(state, event.data, 'undelivered');
    case 'MessageExpired':
      return event.data.cause === 'receipt'
        ? receipt(state, event.data, 'expired')
        : settled(state, state.parts, 'expired');
    case 'MessageRejected':
      if (event.data.cause === 'receipt') return receipt(state, event.data, 'rejected');
      return refused(state, event.data, 'rejected');
    case 'MessageCancelled':
      return { ...state, status: 'cancelled', outcome: 'not-reached', reason: event.data.reason };
    case 'MessageSuppressed':
      return { ...state, status: 'suppressed', outcome: 'not-reached', reason: event.data.reason };
    case 'ReceiptContradicted':
      return { ...state, receiptIds: [...state.receiptIds, event.data.receipt.receiptId] };
    case 'FallbackDecided':
      return event.data.callAt === null
        ? unreached({ ...state, fallbackDecided: true })
        : explained({
            ...state,
            fallbackDecided: true,
            voice: { state: 'due', callAt: event.data.callAt, callsMade: 0 },
          });
    case 'VoiceAttempted':
      return {
        ...state,
        voice: {
          state: 'calling',
          attempt: event.data.attempt,
          sessionId: null,
          reportDueAt: event.data.reportDueAt,
        },
      };
    case 'VoiceQueued':
      if (state.voice.state !== 'calling') return state;
      return { ...state, voice: { ...state.voice, sessionId: event.data.sessionId } };
    case 'VoiceAnswered':
      return explained({
        ...state,
        outcome: state.outcome === 'pending' ? 'reached-by-voice' : state.outcome,
        voice: { state: 'answered', attempt: event.data.attempt },
      });
    case 'VoiceFailed':
      return callFailed(state, event.data);
    case 'VoiceOutcomeUnknown': {
      const sessionId = state.voice.state === 'calling' ? state.voice.sessionId : null;
      return unreached({
        ...state,
        voice: { state: 'unknown', attempt: event.data.attempt, sessionId },
      });
    }
    default:
      // A second MessageAccepted, or a type that a newer version wrote.
      throw new MessageHistoryBrokenError(state.status, event.type);
  }
}

function accepted(data: MessageAccepted, at: string): KnownMessage {
  return {
    messageId: data.messageId,
    status: 'accepted',
    outcome: 'pending',
    reason: null,
    to: data.personal.to,
    from: data.from,
    text: data.personal.text,
    encoding: data.encoding,
    priority: data.priority,
    class: data.class,
    channels: data.channels,
    validUntil: data.validUntil,
    sendAt: data.sendAt,
    reference: data.reference,
    batch: data.batch,
    locale: data.locale,
    acceptedAt: at,
    parts: untouchedParts(data.partCount),
    attempts: 0,
    retryAt: null,
    firstAttemptAt: null,
    lastAttempt: null,
    deferrals: [],
    lastDeferral: null,
    losses: [],
    quarantined: false,
    fallbackDecided: false,
    voice: NO_VOICE,
    receiptIds: [],
  };
}

function submitAttempted(
  state: KnownMessage,
  { at, data }: Extract<MessageEvent, { type: 'SubmitAttempted' }>,
): KnownMessage {
  let parts = state.parts;
  for (const number of data.parts) {
    const part = state.parts[number - 1];
    const doubts = part?.state === 'waiting' ? part.doubts : 0;
    parts = withPart(parts, number, { state: 'submitting', attempt: data.attempt, doubts });
  }
  return {
    ...state,
    status: 'submitting',
    reason: null,
    parts,
    attempts: data.attempt,
    retryAt: null,
    firstAttemptAt: state.firstAttemptAt ?? at,
    lastAttempt: { at, sender: data.sender, connector: data.connector },
  };
}

function submitted(state: KnownMessage, data: MessageSubmitted, at: string): KnownMessage {
  let parts = state.parts;
  for (const { part: number, smscMessageId } of data.parts) {
    const part = parts[number - 1];
    if (part === undefined) continue;
    parts = withPart(parts, number, afterResponse(part, data.attempt, data.connector, smscMessageId));
  }
  const next = settled(state, parts);
  // A late response to an attempt that was taken as deferred: receipts are awaited after all.
  return next.firstAttemptAt === null ? { ...next, firstAttemptAt: state.lastAttempt?.at ?? at } : next;
}

function deferred(state: KnownMessage, data: SubmitDeferred): KnownMessage {
  const { attempt, connector, cause } = data;
  const parts = waitingAgain(state.parts, data.parts, 0);
  const next = settled(
    {
      ...state,
      retryAt: latest(data.retryAt, state.retryAt),
      deferrals: counted(state.deferrals, data.commandStatus?.code ?? null, attempt),
      lastDeferral: { connector, cause },
    },
    parts,
  );
  if (isFinalStatus(next.status) || next.status === 'quarantined') return next;
  const why = data.commandStatus === null ? 'not sent' : `deferred with ${data.commandStatus.name}`;
  return {
    ...next,
    firstAttemptAt: anyMayBeAtSmsc(parts) ? next.firstAttemptAt : null,
    reason: `${why}; next submit from ${next.retryAt ?? data.retryAt} on`,
  };
}

function outcomeUnknown(before: KnownMessage, data: SubmitOutcomeUnknown): KnownMessage {
  const state = { ...before, losses: lossesAfter(before.losses, data) };
  if (data.retryAt !== null) {
    const retryAt = latest(data.retryAt, state.retryAt);
    return settled({ ...state, retryAt }, waitingAgain(state.parts, data.parts, 1));
  }
  let parts = state.parts;
  for (const number of data.parts) {
    const part = parts[number - 1];
    const doubts = part?.state === 'submitting' ? part.doubts : 0;
    parts = withPart(parts, number, { state: 'in-doubt', attempt: data.attempt, doubts });
  }
  return settled(state, parts);
}

/** An attempt is lost once, however many of its parts were in flight. */
export function lossesAfter(
  losses: readonly Loss[],
  { attempt, connector, cause }: Pick<SubmitOutcomeUnknown, 'attempt' | 'connector' | 'cause'>,
): readonly Loss[] {
  if (cause === 'response-timeout' || losses.some((loss) => loss.attempt === attempt)) return losses;
  return [...losses, { attempt, connector, cause }];
}

function released(state: KnownMessage, numbers: readonly number[], at: string): KnownMessage {
  const parts = waitingAgain(state.parts, numbers, 1);
  return settled({ ...state, quarantined: false, retryAt: at }, parts);
}

function waitingAgain(
  parts: readonly Part[],
  numbers: readonly number[],
  addedDoubts: number,
): readonly Part[] {
  let next = parts;
  for (const number of numbers) {
    const part = parts[number - 1];
    const doubts = part?.state === 'submitting' || part?.state === 'in-doubt' ? part.doubts : 0;
    next = withPart(next, number, { state: 'waiting', doubts: doubts + addedDoubts });
  }
  return next;
}

function refused(
  state: KnownMessage,
  { parts: numbers, attempt, commandStatus, retries }: PartRefused,
  status: 'rejected' | null,
): KnownMessage {
  const reason = refusalReason(commandStatus, retries);
  let parts = state.parts;
  for (const number of numbers) parts = withPart(parts, number, { state: 'rejected', attempt, reason });
  return settled(state, parts, status);
}

function receipt(
  state: KnownMessage,
  { part: number, receipt: evidence }: { readonly part: number; readonly receipt: ReceiptEvidence },
  status: MessageStatus | null,
): KnownMessage {
  const part = state.parts[number - 1];
  if (part === undefined) return state;
  const reported = afterReceipt(part, evidence, state.attempts);
  const parts = withPart(state.parts, number, reported);
  if (reported.state === 'reported') return settled(state, parts, status);
  return settled({ ...state, receiptIds: [...state.receiptIds, evidence.receiptId] }, parts);
}

function callFailed(state: KnownMessage, data: VoiceFailed): KnownMessage {
  if (data.retryAt !== null) {
    return { ...state, voice: { state: 'due', callAt: data.retryAt, callsMade: data.attempt } };
  }
  return unreached({ ...state, voice: { state: 'failed', attempt: data.attempt, reason: data.reason } });
}

/** The message with these parts, and whatever follows from them for the whole. */
function settled(
  state: KnownMessage,
  parts: readonly Part[],
  status: MessageStatus | null = null,
): KnownMessage {
  const next = isFinalStatus(state.status) ? state.status : (status ?? openStatus(parts, state.quarantined));
  const outcome = state.outcome === 'pending' ? smsOutcome(state.channels, next, parts) : state.outcome;
  // The SMS arrived before the call was placed: there is nothing left to say.
  const voice = outcome === 'reached-by-sms' && state.voice.state === 'due' ? NO_VOICE : state.voice;
  return explained({ ...state, status: next, outcome, parts, voice });
}

function unreached(state: KnownMessage): KnownMessage {
  return explained(state.outcome === 'pending' ? { ...state, outcome: 'not-reached' } : state);
}

function explained(state: KnownMessage): KnownMessage {
  const reason = reasonOf(state);
  return reason === state.reason ? state : { ...state, reason };
}
