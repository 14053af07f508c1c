// Runs the pure timers of session-timers.ts on a clock, together with the window's expiry: one
// pending timer per session, set for whatever is due first.
import type { Cancel, Clock } from '../../clock/clock.js';
import {
  type SessionTimers,
  startTimers,
  stepTimers,
  type TimerAction,
  type TimerEvent,
  type TimerLimits,
  timersDueAtMs,
} from './session-timers.js';

/** At least this long between two ticks: expiries come in lists, at most this late. A guess. */
const TICK_MS = 50;

export interface TimerHooks {
  /** When the window's first entry times out; null when none does. */
  windowDueAtMs(): number | null;
  expireWindow(nowMs: number): void;
  perform(action: TimerAction): void;
}

export class RunningTimers {
  private timers: SessionTimers;
  private armedForMs = Infinity;
  private cancelTick: Cancel | undefined;
  private stopped = false;

  constructor(
    private readonly clock: Clock,
    private readonly limits: TimerLimits,
    private readonly hooks: TimerHooks,
  ) {
    this.timers = startTimers(clock.monotonicMs());
    this.armFor(this.dueAtMs(), 0);
  }

  step(event: TimerEvent): void {
    if (this.stopped) return;
    const [timers, action] = stepTimers(this.timers, event, this.limits);
    this.timers = timers;
    if (action !== null) this.hooks.perform(action);
    // Most events only move what is due further away; the tick then finds nothing and goes on.
    const dueAtMs = this.dueAtMs();
    if (dueAtMs < this.armedForMs) this.armFor(dueAtMs, 0);
  }

  stop(): void {
    this.stopped = true;
    this.cancelTick?.();
  }

  private dueAtMs(): number {
    return Math.min(timersDueAtMs(this.timers, this.limits), this.hooks.windowDueAtMs() ?? Infinity);
  }

  private armFor(dueAtMs: number, leastDelayMs: number): void {
    this.cancelTick?.();
    if (this.stopped) return;
    this.armedForMs = dueAtMs;
    if (dueAtMs === Infinity) return;
    const delayMs = Math.max(dueAtMs - this.clock.monotonicMs(), leastDelayMs);
    this.cancelTick = this.clock.after(delayMs, this.tick);
  }

  private readonly tick = (): void => {
    const nowMs = this.clock.monotonicMs();
    this.hooks.expireWindow(nowMs);
    this.step({ kind: 'tick', atMs: nowMs });
    this.armFor(this.dueAtMs(), TICK_MS);
  };
}
