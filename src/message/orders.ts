// How the events of orders (cancel, replace, query) change a message.
import type { MessageEvent, MessageCancelled } from './message.events.js';
import type { KnownMessage, Part } from './message.state.js';
import type { OrderEventData } from './order.events.js';
import { afterReceipt, idOf, untouchedParts, withPart } from './parts.js';

export type OrderEvent = Extract<MessageEvent, { type: keyof OrderEventData }>;

/** The state before its outcome and reason are derived anew. */
export function afterOrder(state: KnownMessage, event: OrderEvent): KnownMessage {
  switch (event.type) {
    case 'CancelRequested': {
      const { reason, parts } = event.data;
      return {
        ...state,
        withdrawn: reason,
        refusal: null,
        order: parts.length === 0 ? null : { kind: 'cancel', reason, tries: 0, dueAt: event.at },
        voice: state.voice.state === 'due' ? { state: 'none' } : state.voice,
      };
    }
    case 'CancelAttempted':
    case 'ReplaceAttempted': {
      if (state.order === null) return state;
      return { ...state, order: { ...state.order, tries: event.data.attempt, dueAt: event.data.retryAt } };
    }
    case 'CancelRefused':
    case 'ReplaceRefused':
      return { ...state, order: null, refusal: event.data.reason };
    case 'ReplaceRequested': {
      const { text } = event.data.personal;
      return { ...state, refusal: null, order: { kind: 'replace', text, tries: 0, dueAt: event.at } };
    }
    case 'TextReplaced': {
      const { by, encoding, partCount, personal } = event.data;
      const next = { ...state, order: null, refusal: null, text: personal.text, encoding, partCount };
      // Characters that were replaced were those of the text before.
      const replaced: KnownMessage['replaced'] = [];
      return { ...next, replaced, parts: by === 'request' ? untouchedParts(partCount) : state.parts };
    }
    case 'QueryAttempted': {
      const { query: made, nextAt } = event.data;
      return { ...state, query: { made, nextAt, failed: false, failure: null } };
    }
    case 'QueryFailed':
      if (state.query === null) return state;
      return {
        ...state,
        query: { ...state.query, failed: true, failure: event.data.givenUp ? event.data.reason : null },
      };
  }
}

/** The parts after the SMSC cancelled some: as after a receipt that says deleted. */
export function cancelledParts(state: KnownMessage, data: MessageCancelled): readonly Part[] {
  if (data.by === 'request') return state.parts;
  if (data.by === 'receipt') {
    const part = state.parts[data.part - 1];
    if (part === undefined) return state.parts;
    return withPart(state.parts, data.part, afterReceipt(part, data.receipt, state.attempts));
  }
  let parts = state.parts;
  for (const { part: number, connector, ...id } of data.parts) {
    const part = parts[number - 1];
    if (part?.state !== 'submitted' && part?.state !== 'buffered') continue;
    parts = withPart(parts, number, {
      state: 'reported',
      attempt: part.attempt,
      connector,
      ...idOf(id),
      receiptState: 'deleted',
      networkError: null,
    });
  }
  return parts;
}
