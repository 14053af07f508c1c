// The receipts this process has parked and not yet brought to their messages. A later receipt of
// the same SMSC id and phone must queue behind them, or the second final state would become the first;
// and a copy of one that waits needs no second note. Forgetting an entry loses no receipt.
import { LRUCache } from 'lru-cache';
import { mayBeSameRecipient, recipientTail } from '../message/recipient.js';
import type { ReceiptParked } from '../message/receipt.events.js';

/** About 400 octets each; more unclaimed receipts than that come from nobody but a stranger's traffic. */
const REMEMBERED = 30_000;

export interface WaitingReceipt {
  readonly parked: ReceiptParked;
  /** Rejects when it was never parked after all. */
  readonly durable: Promise<void>;
}

const NONE: readonly WaitingReceipt[] = [];

export class WaitingReceipts {
  private readonly byReceiptId = new LRUCache<string, WaitingReceipt>({ max: REMEMBERED });
  /** By group and SMSC id: by receiptId, in the order in which they came. */
  private readonly bySmscId = new LRUCache<string, Map<string, WaitingReceipt>>({ max: REMEMBERED });

  private added: (waiting: WaitingReceipt) => void = () => undefined;

  /** Calls `listener` with each receipt that waits from now on. One listener. */
  onAdded(listener: (waiting: WaitingReceipt) => void): void {
    this.added = listener;
  }

  /** Whether an earlier receipt of this SMSC id, of the same phone as far as is said, still waits. */
  waitsFor({ group, receipt, personal }: ReceiptParked): boolean {
    const waiting = this.bySmscId.get(keyOf(group, receipt.smscMessageId));
    if (waiting === undefined) return false;
    const tail = recipientTail(personal.to);
    for (const { parked } of waiting.values()) {
      if (mayBeSameRecipient(tail, recipientTail(parked.personal.to))) return true;
    }
    return false;
  }

  /** When the copy of this receipt that waits is durable; undefined when none waits. */
  copyOf({ receipt }: ReceiptParked): Promise<void> | undefined {
    return this.byReceiptId.get(receipt.receiptId)?.durable;
  }

  /** Those of this SMSC id, in the order in which they came. */
  of(group: string, smscMessageId: string): readonly WaitingReceipt[] {
    if (this.bySmscId.size === 0) return NONE;
    return [...(this.bySmscId.get(keyOf(group, smscMessageId))?.values() ?? NONE)];
  }

  /** These wait from now on; should `durable` reject, they never did. */
  add(list: readonly ReceiptParked[], durable: Promise<void>): void {
    for (const parked of list) {
      const { receiptId, smscMessageId } = parked.receipt;
      const waitingReceipt = { parked, durable };
      this.byReceiptId.set(receiptId, waitingReceipt);
      if (smscMessageId === '') continue; // never brought by id: there is no order to keep
      const key = keyOf(parked.group, smscMessageId);
      const waiting = this.bySmscId.get(key) ?? new Map<string, WaitingReceipt>();
      this.bySmscId.set(key, waiting.set(receiptId, waitingReceipt));
      this.added(waitingReceipt);
    }
    durable.catch(() => {
      this.remove(list);
    });
  }

  /** These are with their messages, or were never parked. */
  remove(list: readonly Pick<ReceiptParked, 'group' | 'receipt'>[]): void {
    for (const { group, receipt } of list) {
      this.byReceiptId.delete(receipt.receiptId);
      const key = keyOf(group, receipt.smscMessageId);
      const waiting = this.bySmscId.get(key);
      waiting?.delete(receipt.receiptId);
      if (waiting?.size === 0) this.bySmscId.delete(key);
    }
  }
}

function keyOf(group: string, smscMessageId: string): string {
  return `${group}\n${smscMessageId}`;
}
