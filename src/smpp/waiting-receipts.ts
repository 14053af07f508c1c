// The receipts this process has parked and not yet brought to their messages. A later receipt of
// the same SMSC id must queue behind them, or the second final state would become the first; and
// a copy of one that waits needs no second note. Forgetting an entry loses no receipt.
import { LRUCache } from 'lru-cache';
import type { ReceiptEvidence } from '../message/message.events.js';

/** About 300 octets each; more unclaimed receipts than that come from nobody but a stranger's traffic. */
const REMEMBERED = 30_000;

export class WaitingReceipts {
  private readonly durable = new LRUCache<string, Promise<void>>({ max: REMEMBERED });
  private readonly bySmscId = new LRUCache<string, Set<string>>({ max: REMEMBERED });

  /** Whether an earlier receipt of this SMSC id still waits. */
  waitsFor({ connector, smscMessageId }: ReceiptEvidence): boolean {
    return this.bySmscId.has(keyOf(connector, smscMessageId));
  }

  /** When the copy of this receipt that waits is durable; undefined when none waits. */
  copyOf({ receiptId }: ReceiptEvidence): Promise<void> | undefined {
    return this.durable.get(receiptId);
  }

  /** These wait from now on; should `durable` reject, they never did. */
  add(receipts: readonly ReceiptEvidence[], durable: Promise<void>): void {
    for (const { receiptId, connector, smscMessageId } of receipts) {
      this.durable.set(receiptId, durable);
      if (smscMessageId === '') continue; // never brought by id: there is no order to keep
      const key = keyOf(connector, smscMessageId);
      const waiting = this.bySmscId.get(key) ?? new Set();
      this.bySmscId.set(key, waiting.add(receiptId));
    }
    durable.catch(() => {
      this.remove(receipts);
    });
  }

  /** These are with their messages, or were never parked. */
  remove(receipts: readonly ReceiptEvidence[]): void {
    for (const { receiptId, connector, smscMessageId } of receipts) {
      this.durable.delete(receiptId);
      const key = keyOf(connector, smscMessageId);
      const waiting = this.bySmscId.get(key);
      waiting?.delete(receiptId);
      if (waiting?.size === 0) this.bySmscId.delete(key);
    }
  }
}

function keyOf(connector: string, smscMessageId: string): string {
  return `${connector}\n${smscMessageId}`;
}
