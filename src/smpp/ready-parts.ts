// Parts whose SubmitAttempted is durable and that wait for the window, first in first out; and how many
// of them are made ahead of it.
import type { Clock } from '../clock/clock.js';
import type { SubmitSm } from './pdu/submit-sm.js';
import type { Submission } from './submission.js';
import type { SubmitPort } from './submitter.options.js';

export interface ReadyPart {
  readonly pdu: SubmitSm;
  readonly tag: Submission;
  /** When the message was accepted; null for parts whose delay says nothing of us. */
  readonly acceptedAt: string | null;
}

/**
 * Attempts are made durable this much ahead of the window, by the rate of late: without it the
 * window runs empty while an append commits (13 ms at full load, 30 for the slowest tenth). More only
 * ages what was accepted. After a crash they are in doubt although they never left, so no more than
 * the commit needs.
 */
const AHEAD_MS = 30;

export class ReadyParts {
  private readonly parts: ReadyPart[] = [];
  private submitted = 0;
  private aheadParts = 0;
  private submittedAtRate = 0;
  private rateFromMs = 0;

  constructor(
    private readonly connector: Pick<SubmitPort, 'capacity' | 'submit'>,
    private readonly clock: Clock,
    /** Told how long each first submit waited since the message was accepted, milliseconds. */
    private readonly onFirstSubmit: (delayMs: number) => void,
  ) {}

  get length(): number {
    return this.parts.length;
  }

  /** submit_sm handed to the connector since the start. */
  get submits(): number {
    return this.submitted;
  }

  /** The rate is measured from now on. */
  start(): void {
    this.rateFromMs = this.clock.monotonicMs();
  }

  add(part: ReadyPart): void {
    this.parts.push(part);
  }

  /** Everything there is; it waits here no longer. */
  takeAll(): readonly ReadyPart[] {
    return this.parts.splice(0);
  }

  /** As many as the connector takes now leave. */
  send(): void {
    if (this.parts.length === 0) return;
    const room = this.connector.capacity();
    if (room <= 0) return;
    const items = this.parts.splice(0, room);
    this.submitted += items.length;
    this.connector.submit(items);
    const now = this.clock.now();
    for (const { acceptedAt } of items) {
      if (acceptedAt !== null) this.onFirstSubmit(now - Date.parse(acceptedAt));
    }
  }

  /** Parts that left within the last AHEAD_MS, or in the time of that length before. */
  ahead(): number {
    const elapsedMs = this.clock.monotonicMs() - this.rateFromMs;
    if (elapsedMs >= AHEAD_MS) {
      this.aheadParts = Math.round(((this.submitted - this.submittedAtRate) * AHEAD_MS) / elapsedMs);
      this.rateFromMs += elapsedMs;
      this.submittedAtRate = this.submitted;
    }
    return this.aheadParts;
  }
}
