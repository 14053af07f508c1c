// Receipts that were here before their submit_sm_resp, brought as soon as that is: both went through this
// process, so neither has to wait for the read model. What does not meet here, because another process
// parked it or because it was forgotten, the matcher finds there.
import type { Logger } from 'pino';
import { EARLY_MS, type PartOwner } from '../../projections/receipt-matching/receipt-matching.queries.js';
import type { Clock } from '../clock/clock.js';
import type { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import { bringReceipts, type OfferedReceipt } from './bring-receipts.js';
import type { ReceiptLedger } from './receipt-ledger.js';
import type { RecentParts } from './recent-parts.js';
import type { WaitingReceipt, WaitingReceipts } from './waiting-receipts.js';

export interface EarlyReceiptsParts {
  readonly lifecycle: MessageLifecycle;
  readonly recent: RecentParts;
  readonly waiting: WaitingReceipts;
  /** Where a connector's receipts are parked; undefined when it is no longer there. */
  readonly ledgerOf: (connector: string) => ReceiptLedger | undefined;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
}

interface Met {
  readonly waiting: WaitingReceipt;
  readonly owner: PartOwner;
}

export class EarlyReceipts {
  private met: Met[] = [];
  private bringing: Promise<void> | undefined;

  constructor(private readonly parts: EarlyReceiptsParts) {
    const { recent, waiting } = parts;
    recent.onRemembered((group, smscMessageId, owner) => {
      for (const one of waiting.of(group, smscMessageId)) this.meet(one, owner);
    });
    // The response may have come while the receipt was looked up.
    waiting.onAdded((one) => {
      const { group, receipt } = one.parked;
      const owner = recent.ownerOf(group, receipt.smscMessageId);
      if (owner !== undefined) this.meet(one, owner);
    });
  }

  /** Resolves when all that have met so far are brought, or left to the matcher. */
  async flush(): Promise<void> {
    while (this.bringing !== undefined) await this.bringing;
  }

  private meet(waiting: WaitingReceipt, owner: PartOwner): void {
    const ageMs = this.parts.clock.now() - Date.parse(waiting.parked.receipt.receivedAt);
    // So old, it may be another message's that had the same id.
    if (ageMs > EARLY_MS) return;
    this.met.push({ waiting, owner });
    this.bringing ??= this.bringAll().finally(() => {
      this.bringing = undefined;
    });
  }

  private async bringAll(): Promise<void> {
    while (this.met.length > 0) {
      const met = this.met.splice(0);
      try {
        await this.bring(met);
      } catch (error) {
        this.parts.log.warn(
          { error: String(error), receipts: met.length },
          'could not bring early receipts; the next round of matching does',
        );
      }
    }
  }

  /** In the order in which they met, so that receipts of one part keep theirs. */
  private async bring(met: readonly Met[]): Promise<void> {
    const durable = await Promise.allSettled(met.map(({ waiting }) => waiting.durable));
    const byConnector = new Map<string, OfferedReceipt[]>();
    met.forEach(({ waiting: { parked }, owner }, index) => {
      if (durable[index]?.status !== 'fulfilled') return;
      const { group, receipt, personal } = parked;
      const offered = byConnector.get(receipt.connector) ?? [];
      offered.push({ group, receipt, recipient: personal.to, owner });
      byConnector.set(receipt.connector, offered);
    });
    const { lifecycle, waiting, clock, ledgerOf } = this.parts;
    for (const [connector, offered] of byConnector) {
      const ledger = ledgerOf(connector);
      if (ledger !== undefined) await bringReceipts({ lifecycle, ledger, waiting, clock }, offered, 'id');
    }
  }
}
