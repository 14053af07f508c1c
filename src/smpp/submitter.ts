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
import type { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import { STATUS } from './pdu/command-status.js';
import { ReadyParts } from './ready-parts.js';
import type { RecentParts } from './recent-parts.js';
import type { ConnectorLanes } from './send-lanes.js';
import { commandsFor, type EndedSubmission, withNormalisedId } from './submission.js';
import type { SubmissionRecorder } from './submission-recorder.js';
import { SubmitAttempts } from './submit-attempts.js';
import type { SubmitForm } from './submit-form.js';
import type { SubmitPort, SubmitterOptions } from './submitter.options.js';
import { SuspectsInFlight } from './suspects.js';
import type { Unsettled } from './unsettled-attempts.js';

/** Messages in one AttemptSubmit append. */
const BATCH = 500;

/** Appends under way at once: while one commits, the next is prepared. */
const MAX_ATTEMPTS_UNDER_WAY = 3;

/** More unrecorded ends than this, and no further submit leaves: the store does not keep up. */
const MAX_UNRECORDED = 10_000;

/** How often due rows are looked for when nothing else wakes the submitter: deferred ones come due. */
const POLL_MS = 250;

export class Submitter {
  private readonly ready: ReadyParts;
  private readonly attempts: SubmitAttempts;
  private readonly suspects = new SuspectsInFlight();
  private attemptsUnderWay = 0;
  private partsUnderWay = 0;
  private refilling = false;
  private refillAgain = false;
  private running = false;
  private cancelPoll: Cancel | undefined;
  private settled: () => void = () => undefined;
  private lanesHaveMore = false;

  constructor(
    lifecycle: MessageLifecycle,
    private readonly lanes: ConnectorLanes,
    private readonly connector: SubmitPort,
    form: SubmitForm,
    private readonly recorder: SubmissionRecorder,
    private readonly recent: RecentParts,
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'warn' | 'error'>,
    private readonly options: SubmitterOptions,
    /** Told how long each first submit waited since the message was accepted, milliseconds. */
    onFirstSubmit: (delayMs: number) => void = () => undefined,
  ) {
    this.ready = new ReadyParts(connector, clock, onFirstSubmit);
    this.attempts = new SubmitAttempts(lifecycle, connector.name, options.sender, form, clock, log, {
      ready: this.ready.add.bind(this.ready),
      suspectAttempted: this.suspects.attempted.bind(this.suspects),
      ended: this.submitEnded.bind(this),
    });
  }

  /** submit_sm handed to the connector since the start. */
  get submits(): number {
    return this.ready.submits;
  }

  /** Messages read ahead, and parts attempted but not yet in the connector's window. */
  get queued(): number {
    return this.lanes.size + this.ready.length;
  }

  start(): void {
    this.running = true;
    this.ready.start();
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
    this.submitEnded(this.ready.takeAll().map(({ tag }) => ({ tag, end: { end: 'not-sent' } })));
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
    for (const unsettled of this.attempts.unsettled.takeAll())
      await this.attempt(unsettled.messages, unsettled);
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
    this.ready.send();
    while (this.mayAttempt()) {
      const room = this.connector.capacity() + this.ready.ahead() - this.ready.length - this.partsUnderWay;
      if (room <= 0) return;
      const unsettled = this.attempts.unsettled.next();
      if (unsettled !== undefined) {
        void this.attempt(unsettled.messages, unsettled).finally(() => {
          this.attempts.unsettled.returned();
          this.pump();
        });
        continue;
      }
      if (this.attempts.unsettled.isFull) return;
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
      !this.attempts.isPaused
    );
  }

  /** @param again what it was when the same append failed before */
  private async attempt(messages: readonly DueMessage[], again?: Unsettled): Promise<void> {
    this.attemptsUnderWay++;
    this.partsUnderWay += messages.length;
    try {
      await this.attempts.make(messages, again);
    } finally {
      this.attemptsUnderWay--;
      this.partsUnderWay -= messages.length;
      this.settled();
    }
    if (!this.connector.isAvailable) this.handBack();
    this.pump();
  }
}
