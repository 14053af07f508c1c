// How many submit_sm may leave now: a token bucket per connector, counted per part, whose rate
// gives way when the SMSC throttles and comes back when it no longer does (AIMD).
//
// | event                                 | rate                                                 |
// |---------------------------------------|------------------------------------------------------|
// | throttled answer                      | × 0.7, at most twice a second; the bucket is emptied |
// | … and the last × 0.7 did not help     | as it was before; no decrease for a while            |
// | a second of answers, none throttled   | + 5 % of the ceiling, up to the contract             |
// | no contract, twice the ceiling held   | no limit any more                                    |
// | congestion_state 80 to 90             | as it is: that is where the SMSC works best          |
// | congestion_state above 90, 100        | × 0.95, × 0.7, at most twice a second                |
// | congestion_state below 80             | as without: it may grow                              |
//
// congestion_state comes from SMSCs that speak SMPP 5.0 (§2.9, §4.8.4.18); what it said last holds for
// two seconds.
//
// Ceiling: the contract's submitsPerSecond; without one, the best rate seen, which fades with each
// decrease.
//
// Whether a decrease helped shows in the share of accepted answers: an SMSC with a limit accepts
// 1/0.7 of the share it accepted before; one that throttles for reasons of its own (its disk, its
// other customers) accepts the same share, and going down further would only cost throughput.

/** CUBIC's factor (RFC 9438 §4.6): halving costs more throughput than one stray refusal proves. */
const DECREASE = 0.7;

/** A window of throttled answers tells one fact, not hundreds. A guess above common round trips. */
const REACTION_MS = 500;

/** Of the ceiling, per second: from a third back to all of it in about a quarter of a minute. */
const INCREASE_SHARE = 0.05;

/** Of a second's tokens that may leave at once, so that timers of 10 ms suffice; the rest waits. */
const BURST_SHARE = 0.03;

const MIN_PER_SECOND = 1;

/** Between 1 (no help) and 1/0.7 = 1.43 (a limit of so many per second); or half the refusals are gone. */
const HELPED = 1.2;
const HELPED_REFUSALS = 0.5;

/** Fewer accepted answers say nothing about a share. */
const ENOUGH_ACCEPTED = 12;
/** … and for more than that many nobody waits while the SMSC refuses. */
const LONGEST_COMPARISON_MS = 5_000;

/** How long a rate stays after a decrease that did not help; doubled each time, up to the second. */
const HOLD_MS = 4_000;
const LONGEST_HOLD_MS = 64_000;

/** SMPP 5.0 §4.8.4.18: 80 to 90 is the optimum, 90 to 99 nearing congestion, 100 congested. */
const CONGESTION = { optimumFrom: 80, optimumTo: 90, congested: 100 };
/** Small steps: the SMSC tells with each answer whether they sufficed. A guess. */
const EASE = 0.95;
/** A state older than that says nothing about now. A guess above common answer times. */
const CONGESTION_HOLDS_MS = 2_000;

/** Ceiling before anything was measured, so that an SMSC that throttles at once still recovers. */
const FIRST_CEILING_PER_SECOND = 100;

export class SubmitRate {
  private perSecond: number;
  private tokens = 1;
  private filledAtMs: number;
  private decreasedAtMs = Number.NEGATIVE_INFINITY;
  private ceiling: number;
  private measuredFromMs: number;
  private acceptedSince = 0;
  private throttledSince = 0;
  /** The answers since the rate last went down, and what was true before it did. */
  private readonly now = { accepted: 0, throttled: 0 };
  private before: { perSecond: number; acceptedShare: number | null } | null = null;
  private holdMs = HOLD_MS;
  private heldUntilMs = Number.NEGATIVE_INFINITY;
  /** The SMSC said not long ago that it has enough to do. */
  private enoughUntilMs = Number.NEGATIVE_INFINITY;

  /** @param contract submit_sm per second that the SMSC allows; null when it names none */
  constructor(
    private readonly contract: number | null,
    nowMs: number,
  ) {
    this.perSecond = contract ?? Infinity;
    this.ceiling = contract ?? FIRST_CEILING_PER_SECOND;
    this.filledAtMs = nowMs;
    this.measuredFromMs = nowMs;
  }

  /** submit_sm per second as things stand; null: no limit. */
  get currentPerSecond(): number | null {
    return this.perSecond === Infinity ? null : this.perSecond;
  }

  /** How many may leave now; Infinity without a limit. */
  available(nowMs: number): number {
    if (this.perSecond === Infinity) return Infinity;
    this.fill(nowMs);
    return Math.floor(this.tokens);
  }

  /** `count` leave, as `available` allowed. */
  take(count: number, nowMs: number): void {
    if (this.perSecond === Infinity) return;
    this.fill(nowMs);
    this.tokens -= count;
  }

  /** Milliseconds until at least one may leave; 0 when one may. */
  msUntilAvailable(nowMs: number): number {
    const missing = 1 - this.available(nowMs);
    return missing <= 0 ? 0 : ((1 - this.tokens) * 1000) / this.fillPerSecond();
  }

  /** The answers of one read of the socket. */
  answered(accepted: number, throttled: number, nowMs: number): void {
    this.acceptedSince += accepted;
    this.throttledSince += throttled;
    this.now.accepted += accepted;
    this.now.throttled += throttled;
    const elapsedMs = nowMs - this.measuredFromMs;
    if (throttled > 0) this.giveWay(nowMs, elapsedMs);
    else if (elapsedMs >= 1000) this.increase(nowMs, elapsedMs);
  }

  /** What the SMSC says of itself: 0 idle to 100 congested. */
  congestion(state: number, nowMs: number): void {
    const { optimumFrom, optimumTo, congested } = CONGESTION;
    this.enoughUntilMs = state < optimumFrom ? Number.NEGATIVE_INFINITY : nowMs + CONGESTION_HOLDS_MS;
    if (state <= optimumTo || nowMs - this.decreasedAtMs < REACTION_MS) return;
    this.lower(state >= congested ? DECREASE : EASE, nowMs, nowMs - this.measuredFromMs);
    // Whether it helped the SMSC says itself: nothing to compare.
    this.startComparing(null);
  }

  private giveWay(nowMs: number, elapsedMs: number): void {
    if (nowMs < this.heldUntilMs || nowMs - this.decreasedAtMs < REACTION_MS) return;
    const { before } = this;
    const { accepted } = this.now;
    const waits = before !== null && accepted > 0 && accepted < ENOUGH_ACCEPTED;
    if (waits && nowMs - this.decreasedAtMs < LONGEST_COMPARISON_MS) return;
    const shareBefore = waits || accepted === 0 ? null : (before?.acceptedShare ?? null);
    if (shareBefore === null || before === null || helped(shareBefore, shareOf(this.now))) {
      this.holdMs = HOLD_MS;
      this.decrease(nowMs, elapsedMs);
      return;
    }
    this.perSecond = Math.max(this.perSecond, before.perSecond);
    this.heldUntilMs = nowMs + this.holdMs;
    this.holdMs = Math.min(LONGEST_HOLD_MS, this.holdMs * 2);
    this.startComparing(null);
  }

  private decrease(nowMs: number, elapsedMs: number): void {
    const from = this.lower(DECREASE, nowMs, elapsedMs);
    const comparable = this.now.accepted >= ENOUGH_ACCEPTED;
    this.startComparing({ perSecond: from, acceptedShare: comparable ? shareOf(this.now) : null });
  }

  /** Returns the rate before. */
  private lower(factor: number, nowMs: number, elapsedMs: number): number {
    this.decreasedAtMs = nowMs;
    const measured = this.measuredPerSecond(elapsedMs);
    if (this.contract === null) {
      this.ceiling = Math.max(measured, this.ceiling * factor, FIRST_CEILING_PER_SECOND);
    }
    const from = this.perSecond === Infinity ? this.ceiling : this.perSecond;
    this.perSecond = Math.max(Math.min(MIN_PER_SECOND, this.contract ?? Infinity), from * factor);
    this.tokens = 0;
    this.filledAtMs = nowMs;
    this.startMeasuring(nowMs);
    return from;
  }

  private startComparing(before: { perSecond: number; acceptedShare: number | null } | null): void {
    this.before = before;
    this.now.accepted = 0;
    this.now.throttled = 0;
  }

  private increase(nowMs: number, elapsedMs: number): void {
    const held = nowMs < this.heldUntilMs;
    if (this.throttledSince > 0 && !held) {
      this.startMeasuring(nowMs);
      return;
    }
    if (this.throttledSince === 0) this.startComparing(null);
    if (nowMs < this.enoughUntilMs) {
      this.startMeasuring(nowMs);
      return;
    }
    if (this.perSecond !== Infinity && this.acceptedSince > 0) {
      this.fill(nowMs);
      this.perSecond = Math.min(
        this.contract ?? (held ? Math.max(this.ceiling, this.perSecond) : Infinity),
        this.perSecond + (this.ceiling * INCREASE_SHARE * Math.min(elapsedMs, 2000)) / 1000,
      );
      if (this.contract === null && this.perSecond >= 2 * this.ceiling) this.perSecond = Infinity;
    } else if (this.contract === null) {
      this.ceiling = Math.max(this.ceiling, this.measuredPerSecond(elapsedMs));
    }
    this.startMeasuring(nowMs);
  }

  private startMeasuring(nowMs: number): void {
    this.measuredFromMs = nowMs;
    this.acceptedSince = 0;
    this.throttledSince = 0;
  }

  private measuredPerSecond(elapsedMs: number): number {
    // Less than a tenth of a second of answers would measure the burst, not the rate.
    return (this.acceptedSince * 1000) / Math.max(elapsedMs, 100);
  }

  private fill(nowMs: number): void {
    const elapsedMs = nowMs - this.filledAtMs;
    this.filledAtMs = nowMs;
    this.tokens = Math.min(this.burst(), this.tokens + (elapsedMs * this.fillPerSecond()) / 1000);
  }

  private burst(): number {
    return Math.max(1, Math.floor(this.perSecond * BURST_SHARE));
  }

  /** Burst and refill together keep every second at or below the rate. */
  private fillPerSecond(): number {
    return this.perSecond - (this.burst() - 1);
  }
}

function helped(acceptedShareBefore: number, acceptedShare: number): boolean {
  const fewerRefusals = 1 - acceptedShare <= (1 - acceptedShareBefore) * HELPED_REFUSALS;
  return fewerRefusals || acceptedShare >= acceptedShareBefore * HELPED;
}

function shareOf({ accepted, throttled }: { accepted: number; throttled: number }): number {
  return accepted / (accepted + throttled);
}
