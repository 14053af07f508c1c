// Holds the reading of a socket back while too many deliver_sm await our answer.
//
// | reading | event                               | next    | action                           |
// |---------|-------------------------------------|---------|----------------------------------|
// | open    | a read, and the budget is spent     | held    | pause the socket for HELD_MS     |
// | held    | half of the budget is free again    | open    | resume                           |
// | held    | HELD_MS                             | open    | resume: one read, then see above |
// | any     | stop                                | stopped | resume                           |
//
// A link that is not read looks dead from both sides: its enquire_link, its submit_sm_resp and its
// FIN wait too. So it is never held for long: a read every HELD_MS keeps it alive.
import type { Cancel, Clock } from '../../clock/clock.js';
import type { DeliverBudget } from './deliver-budget.js';
import type { Wire } from './wire.js';

/** A quarter of the shortest response timeout that can be configured: four reads in it. */
const HELD_MS = 250;

export class ReadGate {
  private cancelHold: Cancel | undefined;
  private stopped = false;

  constructor(
    private readonly wire: Pick<Wire, 'pause' | 'resume'>,
    private readonly clock: Clock,
    private readonly budget: DeliverBudget,
  ) {}

  /** After every read of the socket. */
  hasRead(): void {
    if (this.stopped || this.cancelHold !== undefined || !this.budget.isSpent) return;
    this.wire.pause();
    this.cancelHold = this.clock.after(HELD_MS, this.open);
  }

  /** After every answer to a deliver_sm. */
  hasAnswered(): void {
    if (this.cancelHold !== undefined && this.budget.isHalfFree) this.open();
  }

  stop(): void {
    this.stopped = true;
    if (this.cancelHold !== undefined) this.open();
  }

  private readonly open = (): void => {
    this.cancelHold?.();
    this.cancelHold = undefined;
    this.wire.resume();
  };
}
