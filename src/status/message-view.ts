// What the status API tells of a message: its state, and the attempts and calls behind it.
import { evolve, initialState, type KnownMessage, type Part } from '../message/message.js';
import type { FallbackDecided, MessageEvent } from '../message/message.events.js';
import type { PartRefused } from '../message/submission.events.js';
import { evolveOrders, NO_ORDERS, type OrdersView } from './order-view.js';

export interface PartView {
  /** From 1. */
  readonly part: number;
  readonly state: Part['state'];
  readonly connector: string | null;
  readonly smscMessageId: string | null;
  /** The final receipt's state and error code, as the SMSC gave them. */
  readonly receipt: string | null;
  readonly networkError: string | null;
}

export interface AttemptView {
  readonly attempt: number;
  readonly at: string;
  readonly connector: string;
  readonly parts: readonly number[];
  /** How its parts ended so far, oldest first. */
  readonly results: readonly {
    readonly at: string;
    readonly result: 'submitted' | 'deferred' | 'in-doubt' | 'rejected';
    readonly parts: readonly number[];
    /** command_status by name, or why the outcome is unknown; null for submitted. */
    readonly detail: string | null;
  }[];
}

export interface CallView {
  readonly attempt: number;
  readonly at: string;
  readonly gateway: string;
  readonly sessionId: string | null;
  readonly result: 'calling' | 'answered' | 'failed' | 'unknown';
  readonly reason: string | null;
  readonly durationSeconds: number | null;
  readonly retryAt: string | null;
}

export interface FallbackView extends FallbackDecided {
  readonly at: string;
}

/** A message with its history of attempts and calls; folded event by event. */
export interface MessageRecord {
  readonly message: KnownMessage;
  readonly attempts: readonly AttemptView[];
  readonly calls: readonly CallView[];
  readonly fallback: FallbackView | null;
  readonly orders: OrdersView;
  readonly updatedAt: string;
}

export interface MessageView extends OrdersView {
  readonly id: string;
  readonly to: string;
  readonly from: string;
  readonly status: KnownMessage['status'];
  readonly outcome: KnownMessage['outcome'];
  readonly reason: string | null;
  readonly parts: readonly PartView[];
  readonly attempts: readonly AttemptView[];
  readonly fallback: FallbackView | null;
  readonly voice: readonly CallView[];
  readonly priority: KnownMessage['priority'];
  readonly class: KnownMessage['class'];
  readonly channels: KnownMessage['channels'];
  readonly encoding: KnownMessage['encoding'];
  readonly reference: string | null;
  readonly batch: string | null;
  readonly locale: string | null;
  readonly sendAt: string | null;
  readonly validUntil: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** @throws MessageHistoryBrokenError when the event cannot follow: the stream is not a whole message's. */
export function evolveRecord(record: MessageRecord | undefined, event: MessageEvent): MessageRecord {
  return {
    message: evolve(record?.message ?? initialState, event),
    attempts: evolveAttempts(record?.attempts ?? [], event),
    calls: evolveCalls(record?.calls ?? [], event),
    fallback: event.type === 'FallbackDecided' ? { ...event.data, at: event.at } : (record?.fallback ?? null),
    orders: evolveOrders(record?.orders ?? NO_ORDERS, event),
    updatedAt: event.at,
  };
}

export function viewOf({
  message,
  attempts,
  calls,
  fallback,
  orders,
  updatedAt,
}: MessageRecord): MessageView {
  return {
    id: message.messageId,
    to: message.to,
    from: message.from,
    status: message.status,
    outcome: message.outcome,
    reason: message.reason,
    parts: message.parts.map(partView),
    attempts,
    fallback,
    voice: calls,
    ...orders,
    priority: message.priority,
    class: message.class,
    channels: message.channels,
    encoding: message.encoding,
    reference: message.reference,
    batch: message.batch,
    locale: message.locale,
    sendAt: message.sendAt,
    validUntil: message.validUntil,
    createdAt: message.acceptedAt,
    updatedAt,
  };
}

function partView(part: Part, index: number): PartView {
  return {
    part: index + 1,
    state: part.state,
    connector: 'connector' in part ? part.connector : null,
    smscMessageId: 'smscMessageId' in part ? part.smscMessageId : null,
    receipt: part.state === 'reported' ? part.receiptState : null,
    networkError: part.state === 'reported' ? part.networkError : null,
  };
}

function evolveAttempts(attempts: readonly AttemptView[], event: MessageEvent): readonly AttemptView[] {
  switch (event.type) {
    case 'SubmitAttempted': {
      const { attempt, connector, parts } = event.data;
      return [...attempts, { attempt, at: event.at, connector, parts, results: [] }];
    }
    case 'MessageSubmitted': {
      const parts = event.data.parts.map(({ part }) => part);
      return withResult(attempts, event.data.attempt, {
        at: event.at,
        result: 'submitted',
        parts,
        detail: null,
      });
    }
    case 'SubmitDeferred': {
      const { attempt, parts, commandStatus, retry, retryAt } = event.data;
      const detail = `${commandStatus?.name ?? 'not sent'}, retry ${String(retry)} at ${retryAt}`;
      return withResult(attempts, attempt, { at: event.at, result: 'deferred', parts, detail });
    }
    case 'SubmitOutcomeUnknown': {
      const { attempt, parts, cause, policy } = event.data;
      return withResult(attempts, attempt, {
        at: event.at,
        result: 'in-doubt',
        parts,
        detail: `${cause}, ${policy}`,
      });
    }
    case 'MessageRejected':
      return event.data.cause === 'submit' ? withRefusal(attempts, event.data, event.at) : attempts;
    case 'PartRefused':
      return withRefusal(attempts, event.data, event.at);
    default:
      return attempts;
  }
}

function withRefusal(
  attempts: readonly AttemptView[],
  { attempt, parts, commandStatus }: PartRefused,
  at: string,
): readonly AttemptView[] {
  return withResult(attempts, attempt, { at, result: 'rejected', parts, detail: commandStatus.name });
}

function withResult(
  attempts: readonly AttemptView[],
  attempt: number,
  result: AttemptView['results'][number],
): readonly AttemptView[] {
  return attempts.map((view) =>
    view.attempt === attempt ? { ...view, results: [...view.results, result] } : view,
  );
}

function evolveCalls(calls: readonly CallView[], event: MessageEvent): readonly CallView[] {
  switch (event.type) {
    case 'VoiceAttempted': {
      const { attempt, gateway } = event.data;
      const call = { attempt, at: event.at, gateway, sessionId: null, result: 'calling' as const };
      return [...calls, { ...call, reason: null, durationSeconds: null, retryAt: null }];
    }
    case 'VoiceQueued':
      return withCall(calls, event.data.attempt, { sessionId: event.data.sessionId });
    case 'VoiceAnswered': {
      const { attempt, sessionId, durationSeconds } = event.data;
      return withCall(calls, attempt, { result: 'answered', sessionId, durationSeconds });
    }
    case 'VoiceFailed': {
      const { attempt, failure, reason, retryAt } = event.data;
      return withCall(calls, attempt, { result: 'failed', reason: `${failure}: ${reason}`, retryAt });
    }
    case 'VoiceOutcomeUnknown':
      return withCall(calls, event.data.attempt, { result: 'unknown', reason: event.data.detail });
    default:
      return calls;
  }
}

function withCall(
  calls: readonly CallView[],
  attempt: number,
  change: Partial<CallView>,
): readonly CallView[] {
  return calls.map((call) => (call.attempt === attempt ? { ...call, ...change } : call));
}
