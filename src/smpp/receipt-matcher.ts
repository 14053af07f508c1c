// Brings parked receipts to their messages: by the SMSC's id as soon as it is known, or, for a
// message in doubt that never got one, by connector, recipient and time when only one fits.
import type { Logger } from 'pino';
import type {
  ParkedCursor,
  ParkedReceipt,
  ReceiptMatchingQueries,
} from '../../projections/receipt-matching/receipt-matching.queries.js';
import type { Cancel, Clock } from '../clock/clock.js';
import { BEGINNING } from '../journal/journal.js';
import type { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import type { RecordReceipt } from '../message/message.commands.js';
import type { KnownMessage } from '../message/message.js';
import type { ReceiptMatched } from '../message/receipt.events.js';
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

export class ReceiptMatcher {
  private mayHaveParked = true;
  private pausedUntilMs = Number.NEGATIVE_INFINITY;
  private matching = false;
  private wokenMeanwhile = false;
  private cancelPause: Cancel | undefined;
  private recipientsAskedAtMs = Number.NEGATIVE_INFINITY;
  private recipientCursor: ParkedCursor | null = null;
  private round: Promise<void> = Promise.resolve();
  private cancel: Cancel | undefined;
  private stopped = false;

  constructor(
    private readonly lifecycle: MessageLifecycle,
    private readonly queries: Pick<ReceiptMatchingQueries, 'matches' | 'parkedBefore' | 'parkedCount'>,
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
    await this.bringKnown();
    if (this.clock.monotonicMs() - this.recipientsAskedAtMs >= POLL_MS) {
      this.recipientsAskedAtMs = this.clock.monotonicMs();
      await this.bring(await this.byRecipient(await this.nextUnclaimed()));
    }
    // Still waiting ones are looked at again when the read model moves or the poll comes.
    if ((await this.queries.parkedCount()) > 0) this.mayHaveParked = true;
  }

  /** In the order in which they were parked, past those that their message refuses. */
  private async bringKnown(): Promise<void> {
    for (let after = BEGINNING; ;) {
      const page = await this.queries.matches(after, BATCH);
      await this.bring(
        page.map(({ messageId, part, receipt }) => ({ messageId, part, receipt, by: 'id' as const })),
      );
      const last = page.at(-1);
      if (last === undefined || page.length < BATCH) return;
      after = last.position;
    }
  }

  /** Page by page and then from the oldest again: receipts that nobody ever claims must not hide newer ones. */
  private async nextUnclaimed(): Promise<readonly ParkedReceipt[]> {
    const before = new Date(this.clock.now() - BY_RECIPIENT_AFTER_MS).toISOString();
    const page = await this.queries.parkedBefore(before, this.recipientCursor, BATCH);
    const last = page.at(-1);
    this.recipientCursor =
      page.length < BATCH || last === undefined
        ? null
        : { parkedAt: last.receipt.receivedAt, receiptId: last.receipt.receiptId };
    return page;
  }

  private async bring(
    found: readonly (Pick<RecordReceipt, 'messageId' | 'part' | 'receipt'> & Pick<ReceiptMatched, 'by'>)[],
  ): Promise<void> {
    if (found.length === 0) return;
    const at = this.clock.isoNow();
    const handled = await this.lifecycle.handleMany(
      found.map(({ messageId, part, receipt }) => ({ type: 'RecordReceipt', messageId, part, receipt, at })),
    );
    const matched = found.filter((_, index) => handled[index]?.status === 'handled');
    if (matched.length === 0) return;
    await this.ledger.matched(
      matched.map(({ messageId, part, receipt, by }) => ({
        receiptId: receipt.receiptId,
        messageId,
        part,
        by,
      })),
    );
    this.waiting.remove(matched.map(({ receipt }) => receipt));
  }

  private async byRecipient(
    parked: readonly ParkedReceipt[],
  ): Promise<(Pick<RecordReceipt, 'messageId' | 'part' | 'receipt'> & { by: 'recipient' })[]> {
    const found: (Pick<RecordReceipt, 'messageId' | 'part' | 'receipt'> & { by: 'recipient' })[] = [];
    for (const { receipt, recipient } of parked) {
      const ids = await this.inDoubt.inDoubtTo(recipient.startsWith('+') ? recipient : `+${recipient}`);
      const candidates: { messageId: string; part: number }[] = [];
      for (const message of (await this.lifecycle.load(ids)).values()) {
        candidates.push(...partsInDoubt(message, receipt.connector, receipt.receivedAt));
      }
      const [only] = candidates;
      if (only !== undefined && candidates.length === 1) found.push({ ...only, receipt, by: 'recipient' });
    }
    return found;
  }
}

function partsInDoubt(
  message: KnownMessage,
  connector: string,
  receivedAt: string,
): readonly { messageId: string; part: number }[] {
  const { lastAttempt } = message;
  if (lastAttempt?.connector !== connector || lastAttempt.at > receivedAt) return [];
  return message.parts.flatMap((part, index) =>
    part.state === 'in-doubt' ? [{ messageId: message.messageId, part: index + 1 }] : [],
  );
}
