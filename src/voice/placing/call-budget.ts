// How many calls may still be requested in this minute: a strict cap over any 60 seconds, the
// last line of defence against calling a whole country. Pure: the instant comes from outside.
// Kept per process; a restart begins with a full budget.

const MINUTE_MS = 60_000;

export class CallBudget {
  /** Instants of the calls of the last minute, oldest first from `first` on, a ring. */
  private readonly spentAtMs: Float64Array;
  private first = 0;
  private count = 0;

  /** @param callsPerMinute at least 1 */
  constructor(readonly callsPerMinute: number) {
    this.spentAtMs = new Float64Array(callsPerMinute);
  }

  /** Calls that may be requested now. */
  available(nowMs: number): number {
    while (this.count > 0 && this.oldestAtMs() <= nowMs - MINUTE_MS) {
      this.first = (this.first + 1) % this.callsPerMinute;
      this.count -= 1;
    }
    return this.callsPerMinute - this.count;
  }

  /** Counts one call, requested at `nowMs`. Ask `available` first. */
  spend(nowMs: number): void {
    this.spentAtMs[(this.first + this.count) % this.callsPerMinute] = nowMs;
    this.count += 1;
  }

  /** Milliseconds until a call may be requested; 0 when one may be now. */
  freeInMs(nowMs: number): number {
    if (this.available(nowMs) > 0) return 0;
    return this.oldestAtMs() + MINUTE_MS - nowMs;
  }

  private oldestAtMs(): number {
    return this.spentAtMs[this.first] ?? 0;
  }
}
