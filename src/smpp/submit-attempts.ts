// Messages → AttemptSubmit (durable) → parts that may leave. The append at the expected revision is the
// claim; one that failed without saying whether it is durable is kept, and made again by its owner.
import type { Logger } from 'pino';
import type { DueMessage } from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import type { Clock } from '../clock/clock.js';
import type { Handled, MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import type { AttemptSubmit } from '../message/message.commands.js';
import type { KnownMessage } from '../message/message.js';
import { isSuspect } from '../message/parts.js';
import type { SubmitSm } from './pdu/submit-sm.js';
import type { ReadyPart } from './ready-parts.js';
import { endOfUnsendable } from './session/submit-end.js';
import { type EndedSubmission, unendedParts } from './submission.js';
import type { SubmitForm } from './submit-form.js';
import { STORE_RETRY_MS, type Unsettled, UnsettledAttempts } from './unsettled-attempts.js';

/** What becomes of an attempt, told part by part. */
export interface AttemptListener {
  /** It is durable: the part may leave. */
  ready(part: ReadyPart): void;
  /** It is durable, and the message was in flight when a link was lost. Told before its parts. */
  suspectAttempted(messageId: string, attempt: number, parts: number): void;
  /** These parts have not left and will not. */
  ended(ends: readonly EndedSubmission[]): void;
}

export class SubmitAttempts {
  readonly unsettled: UnsettledAttempts;
  /** When those that failed were made: as it stands in their SubmitAttempted, if there is one. */
  private readonly failedAt = new Set<string>();
  private pausedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly lifecycle: MessageLifecycle,
    private readonly connector: string,
    /** As it stands in SubmitAttempted.sender. */
    private readonly sender: string,
    private readonly form: SubmitForm,
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'warn' | 'error'>,
    private readonly listener: AttemptListener,
  ) {
    this.unsettled = new UnsettledAttempts(clock);
  }

  /** Whether the store has just refused: nothing is tried for a moment. */
  get isPaused(): boolean {
    return this.clock.monotonicMs() < this.pausedUntilMs;
  }

  /**
   * Never rejects: what failed is among the unsettled.
   * @param again what it was when the same append failed before
   */
  async make(messages: readonly DueMessage[], again?: Unsettled): Promise<void> {
    const at = this.clock.isoNow();
    try {
      const { connector, sender } = this;
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
    }
  }

  /**
   * An attempt that failed without saying so may be durable: then this one came to nothing, no
   * read model will ever offer the message again, and none of its parts has left. It comes again
   * as deferred.
   */
  private recover(handled: Handled): void {
    if (handled.status === 'refused' || handled.events.length > 0) return;
    const { messageId, lastAttempt } = handled.message;
    if (lastAttempt?.sender !== this.sender || !this.failedAt.has(lastAttempt.at)) return;
    const unended = unendedParts(handled.message);
    if (unended === undefined) return;
    const { attempt, parts } = unended;
    this.listener.ended(
      parts.map((part) => ({ tag: { messageId, attempt, part }, end: { end: 'not-sent' } })),
    );
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
      if (isSuspect(handled.message)) this.listener.suspectAttempted(messageId, attempt, parts.length);
      for (const part of parts) {
        const tag = { messageId, attempt, part };
        const pdu = pdus instanceof Error ? undefined : pdus[part - 1];
        if (pdu !== undefined) {
          this.listener.ready({ pdu, tag, acceptedAt: delayTells ? acceptedAt : null });
          continue;
        }
        // One message that cannot be written must not keep the others of the batch from leaving.
        this.listener.ended([
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
