// The fallback process manager: asks the decider about every message whose SMS has failed or
// whose receipt is overdue. Durable by construction: what is due stands in awaiting_outcome,
// derived from the journal; nothing is remembered here. Several processes may ask about the
// same message; the decider decides once.
import type { Logger } from 'pino';
import type { AwaitingOutcomeQueries } from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import type { Cancel, Clock } from '../clock/clock.js';
import type { MessageLifecycle } from '../lifecycle/message-lifecycle.js';

/** Messages asked about in one append. */
const BATCH = 500;

/** How often overdue receipts are looked for; a failed SMS wakes the poller at once. */
const POLL_MS = 1_000;

/** How often messages are looked for whose time ran out before any sender got to them. */
const EXPIRY_POLL_MS = 10_000;

export class FallbackPoller {
  private cancel: Cancel | undefined;
  private round: Promise<void> = Promise.resolve();
  private asking = false;
  private askAgain = false;
  private stopped = false;
  private expiryCheckedAtMs = Number.NEGATIVE_INFINITY;
  private decisions = 0;

  constructor(
    private readonly lifecycle: MessageLifecycle,
    private readonly awaiting: Pick<AwaitingOutcomeQueries, 'due' | 'overdue'>,
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  /** Fallback decisions made by this process since its start. */
  get decided(): number {
    return this.decisions;
  }

  start(): void {
    this.wake();
    this.schedule();
  }

  /** The read model moved: something may be due. */
  wake(): void {
    if (this.stopped) return;
    if (this.asking) {
      this.askAgain = true;
      return;
    }
    this.asking = true;
    this.askAgain = false;
    this.round = this.askAll().finally(() => {
      this.asking = false;
      if (this.askAgain) this.wake();
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel?.();
    await this.round;
  }

  private schedule(): void {
    this.cancel = this.clock.after(POLL_MS, () => {
      this.wake();
      if (!this.stopped) this.schedule();
    });
  }

  private async askAll(): Promise<void> {
    try {
      await this.askAbout(await this.dueNow());
      if (this.clock.monotonicMs() - this.expiryCheckedAtMs >= EXPIRY_POLL_MS) {
        this.expiryCheckedAtMs = this.clock.monotonicMs();
        await this.askAbout(await this.awaiting.overdue(this.clock.isoNow(), BATCH));
      }
    } catch (error) {
      this.log.warn({ error: String(error) }, 'could not decide on fallbacks; trying again');
    }
  }

  private async dueNow(): Promise<readonly string[]> {
    const now = this.clock.isoNow();
    const failed = await this.awaiting.due('fallback', now, BATCH);
    const overdue = await this.awaiting.due('receipt', now, BATCH);
    return [...failed, ...overdue].map(({ messageId }) => messageId);
  }

  private async askAbout(messageIds: readonly string[]): Promise<void> {
    if (messageIds.length === 0) return;
    const at = this.clock.isoNow();
    const handled = await this.lifecycle.handleMany(
      [...new Set(messageIds)].map((messageId) => ({ type: 'DecideFallback', messageId, at })),
    );
    for (const result of handled) {
      if (result.status !== 'handled') continue;
      if (result.events.some(({ type }) => type === 'FallbackDecided')) this.decisions++;
    }
  }
}
