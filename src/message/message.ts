// A message as its events tell it: how each event changes the state.
// Pure: no clock, no randomness, no input or output; it never judges an event, it follows.
import { MessageHistoryBrokenError } from './message.errors.js';
import type {
  MessageAccepted,
  MessageCancelled,
  MessageEvent,
  ReceiptEvidence,
  VoiceFailed,
} from './message.events.js';
import type { KnownMessage, Message, MessageStatus } from './message.state.js';
import { afterOrder, cancelledParts } from './orders.js';
import { afterReceipt, isFinalStatus, untouchedParts, withPart } from './parts.js';
import { explained, NO_VOICE, settled, unreached } from './settled.js';
import {
  deferred,
  outcomeUnknown,
  refused,
  released,
  submitAttempted,
  submitted,
} from './submission.evolve.js';

export { initialState } from './message.state.js';
export type { KnownMessage, Message, Part } from './message.state.js';

const NOTHING_REPLACED: KnownMessage['replaced'] = [];

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
      return cancelled(state, event.data);
    case 'MessageSuppressed':
      return { ...state, status: 'suppressed', outcome: 'not-reached', reason: event.data.reason };
    case 'CancelRequested':
    case 'CancelRefused': {
      const next = afterOrder(state, event);
      // No call is left, and no receipt is waited for any longer: nothing can reach the person.
      const isOver = next.fallbackDecided || isFinalStatus(next.status);
      return isOver ? unreached(next) : explained(next);
    }
    case 'CancelAttempted':
    case 'ReplaceRequested':
    case 'ReplaceAttempted':
    case 'ReplaceRefused':
    case 'TextReplaced':
    case 'QueryAttempted':
    case 'QueryFailed':
      return explained(afterOrder(state, event));
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
    acceptedText: data.personal.text,
    acceptedEncoding: data.encoding,
    encoding: data.encoding,
    partCount: data.partCount,
    format: data.format ?? null,
    binary: data.personal.binary ?? null,
    replaced: data.personal.replaced ?? NOTHING_REPLACED,
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
    withdrawn: null,
    order: null,
    refusal: null,
    query: null,
    voice: NO_VOICE,
    receiptIds: [],
  };
}

function cancelled(state: KnownMessage, data: MessageCancelled): KnownMessage {
  const status = isFinalStatus(state.status) ? state.status : 'cancelled';
  const parts = cancelledParts(state, data);
  const next = { ...state, status, parts, withdrawn: data.reason, order: null, reason: data.reason };
  const voice = state.voice.state === 'due' ? NO_VOICE : state.voice;
  return { ...next, voice, outcome: state.outcome === 'pending' ? 'not-reached' : state.outcome };
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
