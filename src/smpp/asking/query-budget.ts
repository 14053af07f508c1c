// How many queries a connector may still make: so many per second, at most a second's worth at once.
export class QueryBudget {
  private tokens: number;
  private filledAtMs: number;

  constructor(
    private readonly perSecond: number,
    nowMs: number,
  ) {
    this.tokens = Math.max(1, perSecond);
    this.filledAtMs = nowMs;
  }

  available(nowMs: number): number {
    const gained = ((nowMs - this.filledAtMs) / 1000) * this.perSecond;
    this.tokens = Math.min(Math.max(1, this.perSecond), this.tokens + gained);
    this.filledAtMs = nowMs;
    return this.tokens;
  }

  /** Takes `count` when there is one at least: a message of more parts than that goes into debt. */
  take(count: number, nowMs: number): boolean {
    if (this.available(nowMs) < 1) return false;
    this.tokens -= count;
    return true;
  }
}
