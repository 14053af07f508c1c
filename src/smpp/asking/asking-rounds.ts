// When to look for what is to be asked: now and then, and when the read model moved. Asks under way
// do not hold up the next look.
import type { Logger } from 'pino';
import type { Cancel, Clock } from '../../clock/clock.js';

/** What is due by the clock is at most this late. */
const POLL_MS = 1_000;

/** Least time between two looks: the read model moves with every message. */
const PAUSE_MS = 200;

export class AskingRounds {
  private readonly underWay = new Set<Promise<void>>();
  private cancelNext: Cancel | undefined;
  private nextAtMs = Infinity;
  private lookedAtMs = Number.NEGATIVE_INFINITY;
  private looking: Promise<void> | null = null;
  private running = false;

  constructor(
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'warn'>,
    /** Starts what is due; what it starts goes on through track(). */
    private readonly look: () => Promise<void>,
  ) {}

  get asksUnderWay(): number {
    return this.underWay.size;
  }

  start(): void {
    this.running = true;
    this.lookIn(0);
  }

  wake(): void {
    const waitMs = this.lookedAtMs + PAUSE_MS - this.clock.monotonicMs();
    if (this.looking === null) this.lookIn(Math.max(waitMs, 0));
  }

  /** Resolves when nothing is looked for or under way any more. */
  async stop(): Promise<void> {
    this.running = false;
    this.cancelNext?.();
    await this.looking;
    await Promise.allSettled(this.underWay);
  }

  /** An ask that lasts; its failure is logged, what it was about comes due again. */
  track(ask: Promise<void>): void {
    const tracked = ask
      .catch((error: unknown) => {
        this.log.warn(
          { error: String(error) },
          'what an SMSC answered could not be recorded; it is asked again',
        );
      })
      .finally(() => {
        this.underWay.delete(tracked);
      });
    this.underWay.add(tracked);
  }

  private lookIn(delayMs: number): void {
    const atMs = this.clock.monotonicMs() + delayMs;
    if (!this.running || atMs >= this.nextAtMs) return;
    this.cancelNext?.();
    this.nextAtMs = atMs;
    this.cancelNext = this.clock.after(delayMs, () => {
      this.nextAtMs = Infinity;
      this.lookedAtMs = this.clock.monotonicMs();
      this.looking = this.lookOnce();
    });
  }

  private async lookOnce(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      this.log.warn({ error: String(error) }, 'could not look for what is to be asked; trying again');
    } finally {
      this.looking = null;
      this.lookIn(POLL_MS);
    }
  }
}
