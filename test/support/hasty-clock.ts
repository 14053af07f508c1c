// The machine's clock with timers that go off sooner: pauses and retries of a real room take part
// of their time, and nothing else changes.
import type { Cancel } from '../../src/clock/clock.js';
import { SystemClock } from '../../src/clock/system-clock.js';

export class HastyClock extends SystemClock {
  constructor(private readonly timesFaster = 20) {
    super();
  }

  override after(delayMs: number, run: () => void): Cancel {
    return super.after(delayMs / this.timesFaster, run);
  }
}
