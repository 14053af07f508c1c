// A clock that moves only when told to, and randomness from a seed: for specs and simulation.
import { type Cancel, Clock, Randomness } from './clock.js';

interface Timer {
  readonly dueAt: number;
  readonly order: number;
  readonly run: () => void;
}

export class VirtualClock extends Clock {
  private timers: Timer[] = [];
  private order = 0;
  private elapsedMs = 0;

  /** @param startAt where the virtual time begins, milliseconds since the epoch */
  constructor(private readonly startAt = Date.UTC(2026, 0, 1)) {
    super();
  }

  now(): number {
    return this.startAt + this.elapsedMs;
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  after(delayMs: number, run: () => void): Cancel {
    const timer: Timer = { dueAt: this.elapsedMs + Math.max(0, delayMs), order: this.order++, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Lets `byMs` pass; timers fire in the order of their due times, ties in the order set. */
  advance(byMs: number): void {
    const until = this.elapsedMs + byMs;
    for (;;) {
      const next = this.nextTimer();
      if (next === undefined || next.dueAt > until) break;
      this.timers = this.timers.filter((other) => other !== next);
      this.elapsedMs = Math.max(this.elapsedMs, next.dueAt);
      next.run();
    }
    this.elapsedMs = until;
  }

  private nextTimer(): Timer | undefined {
    return this.timers.toSorted((a, b) => a.dueAt - b.dueAt || a.order - b.order)[0];
  }
}

/** Mulberry32: small, fast, and the same sequence for the same seed everywhere. Not for secrets. */
export class SeededRandomness extends Randomness {
  constructor(private state: number) {
    super();
  }

  fraction(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  fill(octets: Uint8Array): void {
    for (let i = 0; i < octets.length; i++) octets[i] = Math.floor(this.fraction() * 256);
  }
}
