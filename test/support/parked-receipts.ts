// The read model of parked receipts as it would be over a journal in memory, without any lag.
import type {
  ClaimableReceipt,
  ClaimCursor,
  ParkedCursor,
  ParkedReceipt,
  PartOwner,
} from '../../projections/receipt-matching/receipt-matching.queries.js';
import type { Journal } from '../../src/journal/journal.js';
import {
  type ReceiptMatched,
  type ReceiptParked,
  receiptStream,
  type ReceiptUnclaimed,
} from '../../src/message/receipt.events.js';

export class ParkedReceipts {
  /** The SMSC's id → its part, of submits that are recorded. */
  readonly known = new Map<string, PartOwner>();
  /** The same for ids that were used before, the likeliest first; they come behind `known`. */
  readonly knownBefore = new Map<string, readonly PartOwner[]>();
  /** How often each question was asked. */
  readonly asked = { claimable: 0, parkedBefore: 0, hasParked: 0 };
  failure: Error | null = null;
  /** receiptId → when it was first seen with an id that is known. */
  private readonly claims = new Map<string, bigint>();

  constructor(
    private readonly journal: Journal,
    private readonly connector: string,
  ) {}

  async claimable(
    connector: string,
    after: ClaimCursor,
    limit: number,
  ): Promise<readonly ClaimableReceipt[]> {
    this.asked.claimable += 1;
    if (this.failure !== null) throw this.failure;
    const found = (await this.waiting(connector)).flatMap((parked) => {
      const candidates = this.candidatesOf(parked);
      if (candidates.length === 0) return [];
      const { receiptId } = parked.receipt;
      const claimableAt = this.claims.get(receiptId) ?? BigInt(this.claims.size);
      this.claims.set(receiptId, claimableAt);
      return claimableAt > after.claimableAt ? [{ ...answer(parked, candidates), claimableAt }] : [];
    });
    return found.sort((a, b) => Number(a.claimableAt - b.claimableAt)).slice(0, limit);
  }

  async parkedBefore(
    connector: string,
    before: string,
    after: ParkedCursor | null,
    limit: number,
  ): Promise<readonly ParkedReceipt[]> {
    this.asked.parkedBefore += 1;
    const behind = after === null ? '' : after.parkedAt + after.receiptId;
    return (await this.waiting(connector))
      .filter(({ receipt }) => receipt.receivedAt < before && keyOf({ receipt }) > behind)
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
      .slice(0, limit)
      .map((parked) => answer(parked, this.candidatesOf(parked)));
  }

  async hasParked(connector: string): Promise<boolean> {
    this.asked.hasParked += 1;
    return (await this.waiting(connector)).length > 0;
  }

  private candidatesOf({ receipt: { smscMessageId } }: ReceiptParked): readonly PartOwner[] {
    const owner = this.known.get(smscMessageId);
    return [...(owner === undefined ? [] : [owner]), ...(this.knownBefore.get(smscMessageId) ?? [])];
  }

  private async waiting(connector: string): Promise<readonly (ReceiptParked & { position: bigint })[]> {
    const parked = new Map<string, ReceiptParked & { position: bigint }>();
    if (connector !== this.connector) return [];
    for (const { type, data, position } of await this.journal.readStream(receiptStream(connector))) {
      if (type === 'ReceiptMatched' || type === 'ReceiptUnclaimed') {
        parked.delete((data as ReceiptMatched | ReceiptUnclaimed).receiptId);
      } else {
        const waiting = data as ReceiptParked;
        if (!parked.has(waiting.receipt.receiptId))
          parked.set(waiting.receipt.receiptId, { ...waiting, position });
      }
    }
    return [...parked.values()];
  }
}

function answer(
  { receipt, group, personal, position }: ReceiptParked & { position: bigint },
  candidates: readonly PartOwner[],
): ParkedReceipt & { readonly position: bigint } {
  return { receipt, group, recipient: personal.to, candidates, position };
}

function keyOf({ receipt }: Pick<ReceiptParked, 'receipt'>): string {
  return receipt.receivedAt + receipt.receiptId;
}
