// One timer for all that falls due: a million waiting receipts cost one timer and one array
// per slot. Things fall due at the first tick after their delay, never before it.
import type { Cancel, Clock } from '../../../clock/clock.js';

export interface Due {
  /** Written by the wheel. */
  dueTick: number;
  due(): void;
}

/** With the coarsest wheel about 20 s; what lies further ahead goes round again. */
const SLOTS = 4096;

export class TimerWheel {
  private readonly slots: Due[][] = Array.from({ length: SLOTS }, () => []);
  private waiting = 0;
  private lastTick: number;
  private cancel: Cancel | undefined;

  /** @param afterTick runs once when all that was due at a tick has been told */
  constructor(
    private readonly clock: Clock,
    private readonly afterTick: () => void,
    private readonly tickMs: number,
  ) {
    this.lastTick = this.currentTick();
  }

  get size(): number {
    return this.waiting;
  }

  schedule(item: Due, delayMs: number): void {
    // An idle wheel stands still: bring it up to date, or it would walk through the idle time.
    if (this.waiting === 0) this.lastTick = Math.max(this.lastTick, this.currentTick());
    const dueTick = Math.ceil((this.clock.monotonicMs() + delayMs) / this.tickMs);
    item.dueTick = Math.max(dueTick, this.lastTick + 1);
    this.slot(item.dueTick).push(item);
    this.waiting += 1;
    this.cancel ??= this.clock.after(this.tickMs, this.tick);
  }

  /** Forgets everything that waits. */
  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
    for (const slot of this.slots) slot.length = 0;
    this.waiting = 0;
  }

  private readonly tick = (): void => {
    this.cancel = undefined;
    const now = this.currentTick();
    // After a long stall each slot needs one visit only.
    const from = Math.max(this.lastTick + 1, now - SLOTS + 1);
    this.lastTick = Math.max(this.lastTick, now);
    for (let tick = from; tick <= now; tick += 1) this.empty(tick, now);
    this.afterTick();
    if (this.waiting > 0) this.cancel ??= this.clock.after(this.tickMs, this.tick);
  };

  private empty(tick: number, now: number): void {
    const items = this.slot(tick);
    if (items.length === 0) return;
    this.slots[tick % SLOTS] = [];
    for (const item of items) {
      if (item.dueTick > now) {
        this.slot(item.dueTick).push(item);
      } else {
        this.waiting -= 1;
        item.due();
      }
    }
  }

  private slot(tick: number): Due[] {
    const slot = this.slots[tick % SLOTS];
    if (slot === undefined) throw new RangeError(`tick ${String(tick)} is not a whole number`);
    return slot;
  }

  private currentTick(): number {
    return Math.floor(this.clock.monotonicMs() / this.tickMs);
  }
}
