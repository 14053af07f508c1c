// MessageAccepted → submit_sm → how it ended. Write ahead: a submit_sm leaves only after its
// SubmitAttempted is durable, and that append at the expected revision is the claim that keeps
// two senders from sending the same attempt.
//
//   due rows → lanes → AttemptSubmit (durable) → ready parts → connector → ends → RecordSubmission
//
// Suspects, which were in flight when a link was lost, take the same way one at a time (suspects.ts).
// At every moment a part is in at most one of: lanes, being attempted, unsettled, ready, in the
// connector's window, being recorded. Ready parts that cannot leave any more (shutdown) are recorded as
// deferred: they were never sent.
import type { Logger } from 'pino';
import type { DueMessage } from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import type { Cancel, Clock } from '../clock/clock.js';
import type { Handled, MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import type { AttemptSubmit, InDoubtPolicy } from '../message/message.commands.js';
import type { KnownMessage } from '../message/message.js';
import { isSuspect } from '../message/parts.js';
import { STATUS, type StatusMeaning } from './pdu/command-status.js';
import type { ReceiptOptions } from './pdu/receipt-options.js';
import type { SubmitSm } from './pdu/submit-sm.js';
import type { RecentParts } from './recent-parts.js';
import type { ConnectorLanes } from './send-lanes.js';
import { endOfUnsendable } from './session/submit-end.js';
import {
  commandsFor,
  type EndedSubmission,
  type Submission,
  unendedParts,
  withNormalisedId,
} from './submission.js';
import type { SubmissionRecorder } from './submission-recorder.js';
import type { SubmitForm } from './submit-form.js';
import { SuspectsInFlight } from './suspects.js';
import { STORE_RETRY_MS, type Unsettled, UnsettledAttempts } from './unsettled-attempts.js';

/** What the submitter needs of a connector. */
export interface SubmitPort {
  readonly name: string;
  /** False while it takes nothing for other reasons than window and rate. */
  readonly isAvailable: boolean;
  capacity(): number;
  /** What a command_status of this SMSC asks of the sender. */
  meaningOf(commandStatus: number): StatusMeaning;
  submit(items: readonly { readonly pdu: SubmitSm; readonly tag: Submission }[]): void;
}

interface Ready {
  readonly pdu: SubmitSm;
  readonly tag: Submission;
  /** When the message was accepted; null for parts whose delay says nothing of us. */
  readonly acceptedAt: string | null;
}

export interface SubmitterOptions {
  /** As it stands in SubmitAttempted.sender. */
  readonly sender: string;
  readonly inDoubtPolicy: InDoubtPolicy;
  /** The connectors that share receipts with this one; left out: it alone. */
  readonly group?: string;
  /** How the SMSC writes its ids. */
  readonly receipts?: ReceiptOptions;
  /** Whether another connector could carry what this one refuses now; left out: never. */
  readonly hasAlternative?: () => boolean;
  /** Absent: the connector does not query. */
  readonly queryAfterSeconds?: number;
}

/** Messages in one AttemptSubmit append. */
const BATCH = 500;

/** Appends under way at once: while one commits, the next is prepared. */
const MAX_ATTEMPTS_UNDER_WAY = 3;

/**
 * Attempts are made durable this much ahead of the window, by the rate of late: without it the
 * window runs empty while an append commits (13 ms at full load, 30 for the slowest tenth). More only
 * ages what was accepted. After a crash they are in doubt although they never left, so no more than
 * the commit needs.
 */
const AHEAD_MS = 30;

/** More unrecorded ends than this, and no further submit leaves: the store does not keep up. */
const MAX_UNRECORDED = 10_000;

/** How often due rows are looked for when nothing else wakes the submitter: deferred ones come due. */
const POLL_MS = 250;

export class Submitter {
  private ready: Ready[] = [];
  private readonly unsettled: UnsettledAttempts;
  private readonly suspects = new SuspectsInFlight();
  /** When those were made: as it stands in their SubmitAttempted, if there is one. */
  private readonly failedAt = new Set<string>();
  private attemptsUnderWay = 0;
  private partsUnderWay = 0;
  private refilling = false;
  private refillAgain = false;
  private running = false;
  private pausedUntilMs = Number.NEGATIVE_INFINITY;
  private cancelPoll: Cancel | undefined;
  private settled: () => void = () => undefined;
  private submitted = 0;
  private lanesHaveMore = false;
  private aheadParts = 0;
  private submittedAtRate = 0;
  private rateFromMs = 0;

  constructor(
    private readonly lifecycle: MessageLifecycle,
    private readonly lanes: ConnectorLanes,
    private readonly connector: SubmitPort,
    private readonly form: SubmitForm,
    private readonly recorder: SubmissionRecorder,
    private readonly recent: RecentParts,
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'warn' | 'error'>,
    private readonly options: SubmitterOptions,
    /** Told how long each first submit waited since the message was accepted, milliseconds. */
    private readonly onFirstSubmit: (delayMs: number) => void = () => undefined,
  ) {
    this.unsettled = new UnsettledAttempts(clock);
  }

  /** submit_sm handed to the connector since the start. */
  get submits(): number {
    return this.submitted;
  }

  /** Messages read ahead, and parts attempted but not yet in the connector's window. */
  get queued(): number {
    return this.lanes.size + this.ready.length;
  }

  start(): void {
    this.running = true;
    this.rateFromMs = this.clock.monotonicMs();
    this.poll();
  }

  /** There may be more to send, or more room to send it. Cheap; call it freely. */
  wake(): void {
    if (!this.running) return;
    void this.refill();
    this.pump();
  }

  /** The connector's window or rate has room again, or the lanes hold something new. */
  capacityChanged(): void {
    this.pump();
  }

  /** What was attempted and has not left yet is recorded as never sent: it may go another way. */
  handBack(): void {
    this.submitEnded(this.ready.splice(0).map(({ tag }) => ({ tag, end: { end: 'not-sent' } })));
  }

  /**
   * Takes no further messages, waits for the appends under way, and records what is ready but
   * unsent as deferred. The connector is drained by its owner afterwards.
   */
  async stop(): Promise<void> {
    this.running = false;
    this.cancelPoll?.();
    while (this.attemptsUnderWay > 0) {
      await new Promise<void>((resolve) => {
        this.settled = resolve;
      });
    }
    for (const unsettled of this.unsettled.takeAll()) await this.attempt(unsettled.messages, unsettled);
    this.handBack();
  }

  /** How submits ended, in lists as the connector read them. */
  submitEnded(asTheyCame: readonly EndedSubmission[]): void {
    const { name: connector } = this.connector;
    const { group = connector, receipts } = this.options;
    const ends = asTheyCame.map((ended) => withNormalisedId(ended, receipts));
    for (const { tag, end } of ends) {
      this.suspects.ended(tag);
      if (end.end === 'answered' && end.commandStatus === STATUS.ESME_ROK) {
        this.recent.remember(group, end.smscMessageId, { messageId: tag.messageId, part: tag.part });
      }
    }
    const { inDoubtPolicy, queryAfterSeconds } = this.options;
    const queries = queryAfterSeconds === undefined ? {} : { queryAfterSeconds };
    const elsewhere = this.options.hasAlternative?.() ?? false;
    const meaningOf = this.connector.meaningOf.bind(this.connector);
    const at = this.clock.isoNow();
    const record = { at, connector, group, meaningOf, inDoubtPolicy, elsewhere, ...queries };
    this.recorder.record(commandsFor(ends, record));
    this.pump();
  }

  private poll(): void {
    this.wake();
    this.cancelPoll = this.clock.after(POLL_MS, () => {
      this.poll();
    });
  }

  private async refill(): Promise<void> {
    if (this.refilling) {
      this.refillAgain = true;
      return;
    }
    this.refilling = true;
    try {
      do {
        this.refillAgain = false;
        this.lanesHaveMore = await this.lanes.refill();
        this.pump();
      } while (this.mustRefillAgain());
    } catch (error) {
      this.log.warn({ error: String(error) }, 'could not read due messages; trying again');
    } finally {
      this.refilling = false;
    }
  }

  /** Asked anew: it changes while the lanes read, which the compiler does not see. */
  private mustRefillAgain(): boolean {
    return this.refillAgain && this.running;
  }

  private pump(): void {
    if (!this.running) return;
    this.sendReady();
    while (this.mayAttempt()) {
      const room = this.connector.capacity() + this.ahead() - this.ready.length - this.partsUnderWay;
      if (room <= 0) return;
      const unsettled = this.unsettled.next();
      if (unsettled !== undefined) {
        void this.attempt(unsettled.messages, unsettled).finally(() => {
          this.unsettled.returned();
          this.pump();
        });
        continue;
      }
      if (this.unsettled.isFull) return;
      const suspect = this.suspects.isFree ? this.lanes.takeSuspect() : undefined;
      if (suspect !== undefined) {
        this.suspects.claim();
        void this.attempt([suspect]).finally(() => {
          this.suspects.claimed();
          this.pump();
        });
        continue;
      }
      const messages = this.lanes.take(Math.min(room, BATCH));
      if (messages.length === 0) {
        // Otherwise the next move of the read model or the poll reads on.
        if (this.lanesHaveMore && !this.refilling) void this.refill();
        return;
      }
      void this.attempt(messages);
    }
  }

  private mayAttempt(): boolean {
    return (
      this.running &&
      this.connector.isAvailable &&
      this.attemptsUnderWay < MAX_ATTEMPTS_UNDER_WAY &&
      this.recorder.pending < MAX_UNRECORDED &&
      this.clock.monotonicMs() >= this.pausedUntilMs
    );
  }

  /** Parts that left within the last AHEAD_MS, or in the time of that length before. */
  private ahead(): number {
    const elapsedMs = this.clock.monotonicMs() - this.rateFromMs;
    if (elapsedMs >= AHEAD_MS) {
      this.aheadParts = Math.round(((this.submitted - this.submittedAtRate) * AHEAD_MS) / elapsedMs);
      this.rateFromMs += elapsedMs;
      this.submittedAtRate = this.submitted;
    }
    return this.aheadParts;
  }

  private sendReady(): void {
    if (this.ready.length === 0) return;
    const room = this.connector.capacity();
    if (room <= 0) return;
    const items = this.ready.splice(0, room);
    this.submitted += items.length;
    this.connector.submit(items);
    const now = this.clock.now();
    for (const { acceptedAt } of items) {
      if (acceptedAt !== null) this.onFirstSubmit(now - Date.parse(acceptedAt));
    }
  }

  /** @param again what it was when the same append failed before */
  private async attempt(messages: readonly DueMessage[], again?: Unsettled): Promise<void> {
    this.attemptsUnderWay++;
    this.partsUnderWay += messages.length;
    const at = this.clock.isoNow();
    try {
      const { name: connector } = this.connector;
      const { sender } = this.options;
      const { cut } = this.form;
      const commands = messages.map(({ messageId }): AttemptSubmit => ({
        type: 'AttemptSubmit',
        messageId,
        at,
        connector,
        sender,
        ...cut,
      }));
      for (const handled of await this.lifecycle.handleMany(commands)) {
        if (again !== undefined) this.recover(handled);
        this.prepare(handled);
      }
    } catch (error) {
      this.log.warn({ error: String(error), messages: messages.length }, 'could not record submit attempts');
      this.failedAt.add(at);
      const isTheirs = this.unsettled.failed(messages, again?.failures ?? 0, error);
      if (!isTheirs) this.pausedUntilMs = this.clock.monotonicMs() + STORE_RETRY_MS;
    } finally {
      this.attemptsUnderWay--;
      this.partsUnderWay -= messages.length;
      this.settled();
    }
    if (!this.connector.isAvailable) this.handBack();
    this.pump();
  }

  /**
   * An attempt that failed without saying so may be durable: then this one came to nothing, no
   * read model will ever offer the message again, and none of its parts has left. It comes again
   * as deferred.
   */
  private recover(handled: Handled): void {
    if (handled.status === 'refused' || handled.events.length > 0) return;
    const { messageId, lastAttempt } = handled.message;
    if (lastAttempt?.sender !== this.options.sender || !this.failedAt.has(lastAttempt.at)) return;
    const unended = unendedParts(handled.message);
    if (unended === undefined) return;
    const { attempt, parts } = unended;
    this.submitEnded(parts.map((part) => ({ tag: { messageId, attempt, part }, end: { end: 'not-sent' } })));
  }

  /** Durable now: its parts may leave. */
  private prepare(handled: Handled): void {
    if (handled.status === 'refused') {
      this.log.error({ error: handled.error.message }, 'a submit attempt was refused');
      return;
    }
    for (const event of handled.events) {
      if (event.type !== 'SubmitAttempted') continue;
      const { messageId } = handled.message;
      const { attempt, parts } = event.data;
      const pdus = this.pdusOf(handled.message);
      const { acceptedAt, sendAt } = handled.message;
      const delayTells = attempt === 1 && sendAt === null;
      if (isSuspect(handled.message)) this.suspects.attempted(messageId, attempt, parts.length);
      for (const part of parts) {
        const tag = { messageId, attempt, part };
        const pdu = pdus instanceof Error ? undefined : pdus[part - 1];
        if (pdu !== undefined) {
          this.ready.push({ pdu, tag, acceptedAt: delayTells ? acceptedAt : null });
          continue;
        }
        // One message that cannot be written must not keep the others of the batch from leaving.
        this.submitEnded([
          { tag, end: endOfUnsendable(pdus instanceof Error ? pdus : `no part ${String(part)}`) },
        ]);
      }
    }
  }

  private pdusOf(message: KnownMessage): readonly SubmitSm[] | Error {
    try {
      return this.form.submitSms(message, this.clock.now());
    } catch (error) {
      this.log.error(
        { error: String(error), message: message.messageId },
        'a message cannot be written as submit_sm',
      );
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}
