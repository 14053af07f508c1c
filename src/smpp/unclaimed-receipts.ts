// Gives up parked receipts that no message will claim any more: the journal keeps ReceiptParked and
// says by ReceiptUnclaimed why it is no longer looked at; the read model takes the row away by that
// event. A little at a time, in one process at a time. It never gives up what the read model may only
// not have heard of yet: it waits until that has taken in what stood in the journal before the walk.
//
// | a look finds                                  | what is done                                     |
// |-----------------------------------------------|--------------------------------------------------|
// | another process has the lease                 | nothing; looks again after the long pause        |
// | the read model behind the mark                | the same                                         |
// | a full page of receipts past their time       | they are given up; the next page after the short |
// | less than a page                              | they are given up; a new mark and the long pause |
import type { Logger } from 'pino';
import { RECEIPT_MATCHING } from '../../projections/receipt-matching/receipt-matching.projection.js';
import {
  CLAIM_WINDOW_MS,
  type OldestCursor,
  type ReceiptMatchingQueries,
  type UnclaimedReceipt,
} from '../../projections/receipt-matching/receipt-matching.queries.js';
import type { Subscriptions } from '../../projections/subscriptions.js';
import type { LivingPart } from '../boot/lifespan.js';
import type { Cancel, Clock, Randomness } from '../clock/clock.js';
import type { Journal } from '../journal/journal.js';
import type { UnclaimedReason } from '../message/receipt.events.js';
import type { Lease, Leases } from '../subscription/leases.js';
import { ReceiptLedger } from './receipt-ledger.js';

const LEASE = 'unclaimed-receipts';

/** Receipts in one append; beside full traffic it is one of some twenty batches in a second. */
const BATCH = 500;

/** While there is more: 1,000 receipts a second, ten times what comes on the worst of days. A guess. */
const BUSY_PAUSE_MS = 500;

/**
 * A guess: a week differs little from a week and ten minutes. The first look waits as long, so that in
 * a rolling update no process of the version before is left to read an event it does not know.
 */
const IDLE_PAUSE_MS = 600_000;

export class UnclaimedReceipts implements LivingPart {
  readonly name = 'unclaimed receipts';
  readonly floor = 'senders';
  private readonly ledgers = new Map<string, ReceiptLedger>();
  private lease: Lease | null = null;
  private cursor: OldestCursor | null = null;
  /** Where the read model must be before the next walk: it then knows of all that was matched or given up. */
  private mark: bigint | null = null;
  private cancel: Cancel | undefined;
  private round: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly queries: Pick<ReceiptMatchingQueries, 'unclaimedSince'>,
    private readonly readModels: Pick<Subscriptions, 'positionOf'>,
    private readonly journal: Journal,
    private readonly leases: Pick<Leases, 'acquire' | 'release'>,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
    private readonly log: Pick<Logger, 'info' | 'warn'>,
    private readonly batch = BATCH,
  ) {}

  start(): void {
    this.schedule(IDLE_PAUSE_MS);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel?.();
    await this.round;
    if (this.lease !== null && !this.lease.lost) await this.leases.release(this.lease);
  }

  /** One page. @returns whether there may be more in this walk */
  async giveUp(): Promise<boolean> {
    if (!(await this.isOurs())) return false;
    if (this.cursor === null && !(await this.isKnown())) return false;
    const before = new Date(this.clock.now() - CLAIM_WINDOW_MS).toISOString();
    const page = await this.queries.unclaimedSince(before, this.cursor, this.batch);
    await this.record(page);
    const last = page.at(-1);
    if (page.length === this.batch && last !== undefined) {
      this.cursor = { parkedAt: last.parkedAt, receiptId: last.receiptId };
      return true;
    }
    this.cursor = null;
    this.mark = await this.journal.head();
    return false;
  }

  private async isOurs(): Promise<boolean> {
    if (this.lease === null || this.lease.lost) {
      this.lease = await this.leases.acquire(LEASE);
      // Another process may have walked meanwhile: what it gave up must be known here first.
      this.cursor = null;
      this.mark = null;
    }
    return this.lease !== null;
  }

  private async isKnown(): Promise<boolean> {
    this.mark ??= await this.journal.head();
    return (await this.readModels.positionOf(RECEIPT_MATCHING)) >= this.mark;
  }

  private async record(page: readonly UnclaimedReceipt[]): Promise<void> {
    const byConnector = new Map<string, UnclaimedReceipt[]>();
    for (const receipt of page) {
      const others = byConnector.get(receipt.connector);
      if (others === undefined) byConnector.set(receipt.connector, [receipt]);
      else others.push(receipt);
    }
    for (const [connector, receipts] of byConnector) {
      await this.ledgerOf(connector).unclaimed(
        receipts.map((receipt) => ({ receiptId: receipt.receiptId, connector, reason: reasonOf(receipt) })),
      );
      this.log.info({ connector, receipts: receipts.length }, 'gave up parked receipts that nobody claimed');
    }
  }

  private ledgerOf(connector: string): ReceiptLedger {
    const { journal, clock, randomness } = this;
    const ledger = this.ledgers.get(connector) ?? new ReceiptLedger(journal, connector, clock, randomness);
    this.ledgers.set(connector, ledger);
    return ledger;
  }

  private schedule(pauseMs: number): void {
    if (this.stopped) return;
    this.cancel = this.clock.after(pauseMs, () => {
      this.round = this.giveUp()
        .catch((error: unknown) => {
          this.log.warn({ error: String(error) }, 'could not give up unclaimed receipts; trying again later');
          return false;
        })
        .then((more) => {
          this.schedule(more ? BUSY_PAUSE_MS : IDLE_PAUSE_MS);
        });
    });
  }
}

function reasonOf({ smscMessageId, idKnown }: UnclaimedReceipt): UnclaimedReason {
  if (smscMessageId === '') return 'no-id';
  return idKnown ? 'not-taken' : 'unknown-id';
}
