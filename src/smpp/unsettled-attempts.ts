// Attempts whose append failed without saying whether they are durable. They are made again, and
// those that only fail because of one message are taken apart, so that it does not stop the others.
//
// | the append failed because    | of new messages             | of messages that failed before              |
// |------------------------------|-----------------------------|---------------------------------------------|
// | the store is away            | all together again, soon    | all together again, soon                    |
// | of anything else             | all together again, soon    | each by itself; then ever more rarely       |
import type { DueMessage } from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import type { Clock } from '../clock/clock.js';
import { JournalUnavailableError } from '../journal/journal.errors.js';

export interface Unsettled {
  readonly messages: readonly DueMessage[];
  /** Failures that were not the absence of the store. */
  readonly failures: number;
  readonly dueAtMs: number;
}

/** Pause after the store refused an append. */
export const STORE_RETRY_MS = 500;

/** A message that the store cannot take is tried this often at least; a guess. */
const LONGEST_PAUSE_MS = 60_000;

/** As many failed appends as this, and nothing new is tried: the store is away. */
const MANY = 3;

export class UnsettledAttempts {
  private entries: Unsettled[] = [];
  private underWay = 0;

  constructor(private readonly clock: Clock) {}

  /** Whether so much has failed together that trying more would only add to it. */
  get isFull(): boolean {
    return this.underWay + this.entries.filter(({ messages }) => messages.length > 1).length >= MANY;
  }

  /** The next that is due, one at a time; tell `returned` how it went. */
  next(): Unsettled | undefined {
    if (this.underWay > 0) return undefined;
    const nowMs = this.clock.monotonicMs();
    const index = this.entries.findIndex(({ dueAtMs }) => dueAtMs <= nowMs);
    if (index < 0) return undefined;
    this.underWay++;
    return this.entries.splice(index, 1)[0];
  }

  returned(): void {
    this.underWay--;
  }

  /** Everything there is, due or not. */
  takeAll(): readonly Unsettled[] {
    return this.entries.splice(0);
  }

  /** Keeps what failed; true when it may be one message's own fault. */
  failed(messages: readonly DueMessage[], failuresBefore: number, error: unknown): boolean {
    const isAway = error instanceof JournalUnavailableError;
    const failures = isAway ? failuresBefore : failuresBefore + 1;
    const pauseMs = Math.min(STORE_RETRY_MS * 2 ** Math.max(0, failures - 2), LONGEST_PAUSE_MS);
    const dueAtMs = this.clock.monotonicMs() + pauseMs;
    const isApart = failures > 1;
    const groups = isApart ? messages.map((message) => [message]) : [messages];
    for (const group of groups) this.entries.push({ messages: group, failures, dueAtMs });
    return isApart && !isAway;
  }
}
