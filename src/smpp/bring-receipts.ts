// Parked receipts to the messages that may own them, and the note that they are there.
import type { PartOwner } from '../../projections/receipt-matching/receipt-matching.queries.js';
import type { Clock } from '../clock/clock.js';
import type { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import type { ReceiptEvidence } from '../message/message.events.js';
import type { ReceiptMatched } from '../message/receipt.events.js';
import type { ReceiptLedger } from './receipt-ledger.js';
import type { WaitingReceipts } from './waiting-receipts.js';

/** A parked receipt and one who may own it. */
export interface OfferedReceipt {
  readonly group: string;
  readonly receipt: ReceiptEvidence;
  /** As the SMSC wrote it; empty when it does not say. */
  readonly recipient: string;
  readonly owner: PartOwner;
}

export interface Bringing {
  readonly lifecycle: MessageLifecycle;
  readonly ledger: ReceiptLedger;
  readonly waiting: WaitingReceipts;
  readonly clock: Clock;
}

/**
 * Bringing the same receipt twice is harmless: its message takes it once, and both notes say the same.
 * @returns those that their messages took; a message refuses a receipt about another phone
 */
export async function bringReceipts<Offered extends OfferedReceipt>(
  { lifecycle, ledger, waiting, clock }: Bringing,
  offered: readonly Offered[],
  by: ReceiptMatched['by'],
): Promise<readonly Offered[]> {
  if (offered.length === 0) return offered;
  const at = clock.isoNow();
  const handled = await lifecycle.handleMany(
    offered.map(({ owner, receipt, recipient }) => ({
      type: 'RecordReceipt',
      ...owner,
      receipt,
      recipient,
      at,
    })),
  );
  const taken = offered.filter((_, index) => handled[index]?.status === 'handled');
  if (taken.length === 0) return taken;
  await ledger.matched(taken.map(({ owner, receipt }) => ({ receiptId: receipt.receiptId, ...owner, by })));
  waiting.remove(taken);
  return taken;
}
