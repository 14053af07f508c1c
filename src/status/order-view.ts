// What was asked of the SMSC about a message, as the status API tells it: the last of each kind.
import type { MessageEvent } from '../message/message.events.js';

interface OrderView {
  readonly state: 'requested' | 'done' | 'refused';
  /** Of the last event about it. */
  readonly at: string;
  /** Why it was asked for, when the sender said so. */
  readonly reason: string | null;
  /** Who did it (request: nothing was at the SMSC), or why it was refused. */
  readonly detail: string | null;
}

interface QueriesView {
  readonly made: number;
  readonly lastAt: string;
  /** Null: the SMSC is not asked again. */
  readonly nextAt: string | null;
  /** Why the last query told nothing; null: it told something, or is not answered yet. */
  readonly failure: string | null;
}

export interface OrdersView {
  readonly cancellation: OrderView | null;
  readonly replacement: OrderView | null;
  readonly queries: QueriesView | null;
}

export const NO_ORDERS: OrdersView = { cancellation: null, replacement: null, queries: null };

export function evolveOrders(orders: OrdersView, event: MessageEvent): OrdersView {
  const { at } = event;
  switch (event.type) {
    case 'CancelRequested': {
      const { reason, parts } = event.data;
      const state = parts.length === 0 ? 'done' : 'requested';
      const detail = parts.length === 0 ? 'the call is not made' : null;
      return { ...orders, cancellation: { state, at, reason, detail } };
    }
    case 'MessageCancelled': {
      const { reason, by } = event.data;
      return { ...orders, cancellation: { state: 'done', at, reason, detail: `by ${by}` } };
    }
    case 'CancelRefused': {
      const reason = orders.cancellation?.reason ?? null;
      return { ...orders, cancellation: { state: 'refused', at, reason, detail: event.data.reason } };
    }
    case 'ReplaceRequested':
      return { ...orders, replacement: { state: 'requested', at, reason: null, detail: null } };
    case 'TextReplaced':
      return {
        ...orders,
        replacement: { state: 'done', at, reason: null, detail: `by ${event.data.by}` },
      };
    case 'ReplaceRefused':
      return { ...orders, replacement: { state: 'refused', at, reason: null, detail: event.data.reason } };
    case 'QueryAttempted': {
      const { query: made, nextAt } = event.data;
      return { ...orders, queries: { made, lastAt: at, nextAt, failure: null } };
    }
    case 'QueryFailed':
      if (orders.queries === null) return orders;
      return { ...orders, queries: { ...orders.queries, failure: event.data.reason } };
    default:
      return orders;
  }
}
