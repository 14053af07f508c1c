// Accepted messages as the SMSC remembers them, so that they can be asked about, cancelled and
// replaced. The newest only: a bench sends millions.
import type { ReceiptStat } from '../outcome/receipt-state.js';
import { RECEIPT_STATES } from '../outcome/receipt-state.js';
import type { SubmitPlan } from '../outcome/submit-planner.js';
import type { Settings } from '../outcome/settings.js';
import type { AcceptedMessage } from './delivery.js';

export interface KeptMessage extends AcceptedMessage {
  readonly systemId: string;
  readonly registeredDelivery: number;
  /** What it comes to unless it is cancelled, and when (monotonic). */
  readonly end: { readonly stat: ReceiptStat; readonly atMs: number };
}

export class KeptMessages {
  private readonly messages = new Map<string, KeptMessage>();
  /** Their ids, oldest first from `head` on: a Map finds its oldest key only behind all it has deleted. */
  private ids: string[] = [];
  private head = 0;

  keep(message: KeptMessage, limit: number): void {
    if (limit === 0) return;
    const { messages, ids } = this;
    messages.set(message.messageId, message);
    ids.push(message.messageId);
    for (; ids.length - this.head > limit; this.head++) messages.delete(ids[this.head] ?? '');
    if (this.head < limit) return;
    this.ids = ids.slice(this.head);
    this.head = 0;
  }

  find(messageId: string, systemId: string): KeptMessage | undefined {
    const message = this.messages.get(messageId);
    return message?.systemId === systemId ? message : undefined;
  }

  /** Every message from the one address to the other. */
  between(source: string, destination: string, systemId: string): KeptMessage[] {
    return [...this.messages.values()].filter(
      (message) =>
        message.systemId === systemId && message.source === source && message.destination === destination,
    );
  }
}

/** What the plan makes of a message: its final receipt's state, or `silentState` when there is none. */
export function endOf(plan: SubmitPlan, settings: Settings, submittedAtMs: number): KeptMessage['end'] {
  const last = plan.receipts.find(({ settles }) => settles);
  if (last !== undefined) return { stat: last.stat, atMs: submittedAtMs + last.delayMs };
  return { stat: settings.silentState, atMs: submittedAtMs + settings.receiptDelayMs };
}

export function statOf(message: KeptMessage, nowMs: number): ReceiptStat {
  if (message.deletedAt !== null) return 'DELETED';
  return nowMs >= message.end.atMs ? message.end.stat : 'ENROUTE';
}

export function isOver(message: KeptMessage, nowMs: number): boolean {
  return RECEIPT_STATES[statOf(message, nowMs)].final;
}
