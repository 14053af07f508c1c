// The read model of parked receipts as it would be over a journal in memory, without any lag.
import type {
  Match,
  ParkedCursor,
  ParkedReceipt,
  PartOwner,
} from '../../projections/receipt-matching/receipt-matching.queries.js';
import type { Journal } from '../../src/journal/journal.js';
import { type ReceiptMatched, type ReceiptParked, receiptStream } from '../../src/message/receipt.events.js';

export class ParkedReceipts {
  /** The SMSC's id → its part, of submits that are recorded. */
  readonly known = new Map<string, PartOwner>();
  /** How often each question was asked. */
  readonly asked = { matches: 0, parkedBefore: 0, parkedCount: 0 };
  failure: Error | null = null;

  constructor(
    private readonly journal: Journal,
    private readonly connector: string,
  ) {}

  async matches(after: bigint, limit: number): Promise<readonly Match[]> {
    this.asked.matches += 1;
    if (this.failure !== null) throw this.failure;
    const found = (await this.waiting()).flatMap(({ receipt, position }) => {
      if (position <= after) return [];
      const owner = this.known.get(receipt.smscMessageId);
      return owner === undefined ? [] : [{ ...owner, receipt, position }];
    });
    return found.slice(0, limit);
  }

  async parkedBefore(
    before: string,
    after: ParkedCursor | null,
    limit: number,
  ): Promise<readonly ParkedReceipt[]> {
    this.asked.parkedBefore += 1;
    const behind = after === null ? '' : after.parkedAt + after.receiptId;
    const found = (await this.waiting())
      .filter(({ receipt }) => receipt.receivedAt < before && keyOf({ receipt }) > behind)
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    return found.slice(0, limit).map(({ receipt, personal }) => ({ receipt, recipient: personal.to }));
  }

  async parkedCount(): Promise<number> {
    this.asked.parkedCount += 1;
    return (await this.waiting()).length;
  }

  private async waiting(): Promise<readonly (ReceiptParked & { position: bigint })[]> {
    const parked = new Map<string, ReceiptParked & { position: bigint }>();
    for (const { type, data, position } of await this.journal.readStream(receiptStream(this.connector))) {
      if (type === 'ReceiptMatched') {
        parked.delete((data as ReceiptMatched).receiptId);
      } else {
        const waiting = data as ReceiptParked;
        if (!parked.has(waiting.receipt.receiptId))
          parked.set(waiting.receipt.receiptId, { ...waiting, position });
      }
    }
    return [...parked.values()];
  }
}

function keyOf({ receipt }: Pick<ReceiptParked, 'receipt'>): string {
  return receipt.receivedAt + receipt.receiptId;
}
