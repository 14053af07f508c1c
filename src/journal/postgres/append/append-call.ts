// One call of append() on its way, and the appends in it that still wait for their outcome.
import type { AppendOutcome, StreamAppend } from '../../journal.js';

export interface AppendItem {
  readonly call: AppendCall;
  readonly index: number;
  readonly append: StreamAppend;
}

export class AppendCall {
  readonly done: Promise<readonly AppendOutcome[]>;
  readonly eventCount: number;
  private readonly outcomes: (AppendOutcome | undefined)[];
  private unsettled: number;
  private resolve!: (outcomes: readonly AppendOutcome[]) => void;
  /** Ends the whole call with an error; ignored once it has ended. */
  reject!: (error: Error) => void;

  constructor(
    readonly appends: readonly StreamAppend[],
    /** On the clock that never jumps. */
    readonly queuedAtMs: number,
  ) {
    let events = 0;
    for (const append of appends) events += append.events.length;
    this.eventCount = events;
    this.unsettled = appends.length;
    this.outcomes = new Array<AppendOutcome | undefined>(appends.length);
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** Adds the appends that wait for their outcome. */
  openItems(into: AppendItem[]): void {
    for (let index = 0; index < this.appends.length; index += 1) {
      const append = this.appends[index];
      if (append !== undefined && !this.isSettled(index)) into.push({ call: this, index, append });
    }
  }

  isSettled(index: number): boolean {
    return this.outcomes[index] !== undefined;
  }

  /** Resolves the call with its last outcome. */
  settle(index: number, outcome: AppendOutcome): void {
    if (this.outcomes[index] !== undefined) return;
    this.outcomes[index] = outcome;
    this.unsettled -= 1;
    if (this.unsettled === 0) this.resolve(this.outcomes as AppendOutcome[]);
  }
}
