// The receipts this process has parked and not yet brought to their messages. A later receipt of
// the same SMSC id and phone must queue behind them, or the second final state would become the first;
// and a copy of one that waits needs no second note. Forgetting an entry loses no receipt.
import { LRUCache } from 'lru-cache';
import { mayBeSameRecipient, recipientTail } from '../message/recipient.js';
import type { ReceiptParked } from '../message/receipt.events.js';

/** About 300 octets each; more unclaimed receipts than that come from nobody but a stranger's traffic. */
const REMEMBERED = 30_000;

export class WaitingReceipts {
  private readonly durable = new LRUCache<string, Promise<void>>({ max: REMEMBERED });
  /** By group and SMSC id: receiptId → its recipient. */
  private readonly bySmscId = new LRUCache<string, Map<string, string>>({ max: REMEMBERED });

  /** Whether an earlier receipt of this SMSC id, of the same phone as far as is said, still waits. */
  waitsFor({ group, receipt, personal }: ReceiptParked): boolean {
    const waiting = this.bySmscId.get(keyOf(group, receipt.smscMessageId));
    if (waiting === undefined) return false;
    const tail = recipientTail(personal.to);
    for (const other of waiting.values()) if (mayBeSameRecipient(tail, other)) return true;
    return false;
  }

  /** When the copy of this receipt that waits is durable; undefined when none waits. */
  copyOf({ receipt }: ReceiptParked): Promise<void> | undefined {
    return this.durable.get(receipt.receiptId);
  }

  /** These wait from now on; should `durable` reject, they never did. */
  add(parked: readonly ReceiptParked[], durable: Promise<void>): void {
    for (const { group, receipt, personal } of parked) {
      const { receiptId, smscMessageId } = receipt;
      this.durable.set(receiptId, durable);
      if (smscMessageId === '') continue; // never brought by id: there is no order to keep
      const key = keyOf(group, smscMessageId);
      const waiting = this.bySmscId.get(key) ?? new Map<string, string>();
      this.bySmscId.set(key, waiting.set(receiptId, recipientTail(personal.to)));
    }
    durable.catch(() => {
      this.remove(parked);
    });
  }

  /** These are with their messages, or were never parked. */
  remove(parked: readonly Pick<ReceiptParked, 'group' | 'receipt'>[]): void {
    for (const { group, receipt } of parked) {
      this.durable.delete(receipt.receiptId);
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
