// How far this process has accepted ahead of submitting, and how fast it submits: uploads share
// the machine with the senders by it. A process that only accepts, or whose SMSC is slow, sees no
// submits of its own and holds nothing back.
//
// Measured why: 50,000 rows taken at full speed make every message be read back from the journal
// three times, because it has left memory before its turn comes; held back by the backlog, none.
import type { Clock } from '../clock/clock.js';
import type { NewEvent } from '../journal/journal.js';
import type { SubmitAttempted } from '../message/submission.events.js';

/** What the senders submit in 50 ms at full load; the more wait, the longer each of them lives in memory. */
const ENOUGH_MESSAGES = 250;

/** Events the slowest read model may be behind: more, and it reads from the database, not from memory. */
const ENOUGH_EVENTS = 20_000;

/** Fewer submits than this in one look: it is the SMSC that is slow, and accepting costs it nothing. */
const BUSY_SUBMITS = 250;

/** A reader that has not moved for so long is not reading here any more, or will not be waited for. */
const GONE_MS = 5_000;

/** How long a look lasts. */
const LOOK_MS = 500;
const LOOK_AGAIN_MS = 10;

export class Backlog {
  private readonly readers = new Map<string, { events: number; atMs: number }>();
  private events = 0;
  private accepted = 0;
  private attempted = 0;
  private lookedAtMs: number;
  private attemptedAtLook = 0;
  /** Until the first look has ended the senders get the benefit of the doubt. */
  private busy = true;

  constructor(private readonly clock: Clock) {
    this.lookedAtMs = clock.monotonicMs();
  }

  /** Told of everything this process made durable. */
  recorded(events: readonly NewEvent[]): void {
    this.events += events.length;
    for (const { type, data } of events) {
      if (type === 'MessageAccepted') this.accepted++;
      else if (type === 'SubmitAttempted' && (data as SubmitAttempted).attempt === 1) this.attempted++;
    }
  }

  /** Told by a reader of this process that it has taken in so many events more. */
  read(reader: string, events: number): void {
    const before = this.readers.get(reader)?.events ?? 0;
    // Events of other processes count too: a reader is never ahead of what there is.
    this.readers.set(reader, {
      events: Math.min(this.events, before + events),
      atMs: this.clock.monotonicMs(),
    });
  }

  /** Resolves when more may be accepted in bulk: at once, unless the senders are busy and have enough. */
  async turn(): Promise<void> {
    if (!this.hasEnough()) {
      this.busy = true;
      this.look();
      return;
    }
    while (this.hasEnough() && this.stillBusy()) await this.clock.wait(LOOK_AGAIN_MS);
  }

  private readersAreBehind(): boolean {
    const since = this.clock.monotonicMs() - GONE_MS;
    for (const { events, atMs } of this.readers.values()) {
      if (atMs >= since && this.events - events > ENOUGH_EVENTS) return true;
    }
    return false;
  }

  private hasEnough(): boolean {
    return this.accepted - this.attempted > ENOUGH_MESSAGES || this.readersAreBehind();
  }

  private stillBusy(): boolean {
    if (this.clock.monotonicMs() - this.lookedAtMs < LOOK_MS) return this.busy;
    this.busy = this.attempted - this.attemptedAtLook >= BUSY_SUBMITS;
    // What others submitted, what expired or was cancelled is never counted down: forget it at rest.
    if (this.attempted === this.attemptedAtLook) this.accepted = this.attempted;
    this.look();
    return this.busy;
  }

  private look(): void {
    this.lookedAtMs = this.clock.monotonicMs();
    this.attemptedAtLook = this.attempted;
  }
}
