// Brings parked receipts to their messages: by the SMSC's id as soon as it is known, or, for a
// message in doubt that never got one, by connector, recipient and time when only one fits.
import type { Logger } from 'pino';
import type {
  ClaimCursor,
  ParkedCursor,
  ParkedReceipt,
  PartOwner,
  ReceiptMatchingQueries,
} from '../../projections/receipt-matching/receipt-matching.queries.js';
import type { Cancel, Clock } from '../clock/clock.js';
import type { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import type { KnownMessage } from '../message/message.js';
import type { ReceiptMatched } from '../message/receipt.events.js';
import { bringReceipts } from './bring-receipts.js';
import type { ReceiptLedger } from './receipt-ledger.js';
import type { WaitingReceipts } from './waiting-receipts.js';

/** Finds messages in doubt to a number. */
export interface InDoubtSearch {
  /** Ids of messages in doubt to this E.164 number, newest first. */
  inDoubtTo(to: string): Promise<readonly string[]>;
}

const BATCH = 500;

/** Another process may have parked; and receipts of messages in doubt wait for this. */
const POLL_MS = 5_000;

/**
 * Least time between two rounds: receipts nobody ever claims must not cost a look-up per batch. One
 * by one, by recipient, they are looked up once per POLL_MS.
 */
const PAUSE_MS = 200;

/** A receipt that early for its submit_sm_resp gets this long before it is matched by recipient. */
const BY_RECIPIENT_AFTER_MS = 10_000;

/** Whose parked receipts are brought. */
export interface MatchedConnector {
  readonly connector: string;
  /** The connectors of its group, itself included: any of them may have made a submit in doubt. */
  readonly groupConnectors: ReadonlySet<string>;
}

type MatchedBy = ReceiptMatched['by'];

const FROM_THE_BEGINNING: ClaimCursor = { claimableAt: -1n, position: -1n };

export class ReceiptMatcher {
  private mayHaveParked = true;
  private pausedUntilMs = Number.NEGATIVE_INFINITY;
  private matching = false;
  private wokenMeanwhile = false;
  private cancelPause: Cancel | undefined;
  private recipientsAskedAtMs = Number.NEGATIVE_INFINITY;
  private recipientCursor: ParkedCursor | null = null;
  /** Everything before it was tried once. */
  private claimCursor = FROM_THE_BEGINNING;
  /** Those whom their messages refused are tried again, a page per poll. */
  private refusedCursor = FROM_THE_BEGINNING;
  private round: Promise<void> = Promise.resolve();
  private cancel: Cancel | undefined;
  private stopped = false;

  constructor(
    private readonly of: MatchedConnector,
    private readonly lifecycle: MessageLifecycle,
    private readonly queries: Pick<ReceiptMatchingQueries, 'claimable' | 'parkedBefore' | 'hasParked'>,
    private readonly inDoubt: InDoubtSearch,
    private readonly ledger: ReceiptLedger,
    private readonly waiting: WaitingReceipts,
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  start(): void {
    this.schedule();
    this.wake();
  }

  /** This process parked something. */
  parked(): void {
    this.mayHaveParked = true;
  }

  /** The read model moved. */
  wake(): void {
    if (this.matching) this.wokenMeanwhile = true;
    if (this.stopped || this.matching || !this.mayHaveParked) return;
    const pauseMs = this.pausedUntilMs - this.clock.monotonicMs();
    if (pauseMs > 0) {
      // Nothing else may move for long: what this wake told of must not wait for the poll.
      this.cancelPause ??= this.clock.after(pauseMs, () => {
        this.cancelPause = undefined;
        this.wake();
      });
      return;
    }
    this.pausedUntilMs = this.clock.monotonicMs() + PAUSE_MS;
    this.matching = true;
    this.round = this.match()
      .catch((error: unknown) => {
        this.log.warn({ error: String(error) }, 'could not match parked receipts; trying again');
      })
      .finally(() => {
        this.matching = false;
        if (!this.wokenMeanwhile) return;
        this.wokenMeanwhile = false;
        this.wake();
      });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel?.();
    this.cancelPause?.();
    await this.round;
  }

  private schedule(): void {
    this.cancel = this.clock.after(POLL_MS, () => {
      this.mayHaveParked = true;
      this.wake();
      if (!this.stopped) this.schedule();
    });
  }

  private async match(): Promise<void> {
    this.mayHaveParked = false;
    await this.bringClaimable();
    if (this.clock.monotonicMs() - this.recipientsAskedAtMs >= POLL_MS) {
      this.recipientsAskedAtMs = this.clock.monotonicMs();
      await this.bringRefused();
      await this.bringUnclaimed();
    }
    // Still waiting ones are looked at again when the read model moves or the poll comes.
    if (await this.queries.hasParked(this.of.connector)) this.mayHaveParked = true;
  }

  /** Those whose ids have become known since the last round, past those that their message refuses. */
  private async bringClaimable(): Promise<void> {
    for (;;) {
      const page = await this.queries.claimable(this.of.connector, this.claimCursor, BATCH);
      await this.bring(page, 'id');
      const last = page.at(-1);
      if (last === undefined) return;
      this.claimCursor = { claimableAt: last.claimableAt, position: last.position };
      if (page.length < BATCH) return;
    }
  }

  /** A message may take later what it refused before. Page by page and then from the oldest again. */
  private async bringRefused(): Promise<void> {
    const page = await this.queries.claimable(this.of.connector, this.refusedCursor, BATCH);
    await this.bring(page, 'id');
    const last = page.at(-1);
    this.refusedCursor =
      page.length < BATCH || last === undefined
        ? FROM_THE_BEGINNING
        : { claimableAt: last.claimableAt, position: last.position };
  }

  /** By an id that another match has taught since, or else by recipient. */
  private async bringUnclaimed(): Promise<void> {
    const page = await this.nextUnclaimed();
    const brought = await this.bring(page, 'id');
    const left = page.filter(({ receipt }) => !brought.has(receipt.receiptId));
    await this.bring(await this.byRecipient(left), 'recipient');
  }

  /** Page by page and then from the oldest again: receipts that nobody ever claims must not hide newer ones. */
  private async nextUnclaimed(): Promise<readonly ParkedReceipt[]> {
    const before = new Date(this.clock.now() - BY_RECIPIENT_AFTER_MS).toISOString();
    const page = await this.queries.parkedBefore(this.of.connector, before, this.recipientCursor, BATCH);
    const last = page.at(-1);
    this.recipientCursor =
      page.length < BATCH || last === undefined
        ? null
        : { parkedAt: last.receipt.receivedAt, receiptId: last.receipt.receiptId };
    return page;
  }

  /**
   * To the likeliest candidate of each; those it refuses to the next. In the order given.
   * @returns the receiptIds of those that a message took
   */
  private async bring(parked: readonly ParkedReceipt[], by: MatchedBy): Promise<ReadonlySet<string>> {
    const brought = new Set<string>();
    let left = parked.filter(({ candidates }) => candidates.length > 0);
    for (let next = 0; left.length > 0; next++) {
      const offered = left.flatMap((one) => {
        const owner = one.candidates[next];
        return owner === undefined ? [] : [{ ...one, owner }];
      });
      await this.offer(offered, by, brought);
      left = offered.filter(({ receipt }) => !brought.has(receipt.receiptId));
    }
    return brought;
  }

  private async offer(
    offered: readonly (ParkedReceipt & { readonly owner: PartOwner })[],
    by: MatchedBy,
    brought: Set<string>,
  ): Promise<void> {
    const { lifecycle, ledger, waiting, clock } = this;
    const taken = await bringReceipts({ lifecycle, ledger, waiting, clock }, offered, by);
    for (const { receipt } of taken) brought.add(receipt.receiptId);
  }

  private async byRecipient(parked: readonly ParkedReceipt[]): Promise<readonly ParkedReceipt[]> {
    const found: ParkedReceipt[] = [];
    for (const one of parked) {
      const { receipt, recipient } = one;
      const ids = await this.inDoubt.inDoubtTo(recipient.startsWith('+') ? recipient : `+${recipient}`);
      const candidates: PartOwner[] = [];
      for (const message of (await this.lifecycle.load(ids)).values()) {
        candidates.push(...partsInDoubt(message, this.of.groupConnectors, receipt.receivedAt));
      }
      if (candidates.length === 1) found.push({ ...one, candidates });
    }
    return found;
  }
}

function partsInDoubt(
  message: KnownMessage,
  connectors: ReadonlySet<string>,
  receivedAt: string,
): readonly PartOwner[] {
  const { lastAttempt } = message;
  if (lastAttempt === null || !connectors.has(lastAttempt.connector) || lastAttempt.at > receivedAt)
    return [];
  return message.parts.flatMap((part, index) =>
    part.state === 'in-doubt' ? [{ messageId: message.messageId, part: index + 1 }] : [],
  );
}
