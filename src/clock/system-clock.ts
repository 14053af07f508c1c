// The machine's own clock and randomness: the only place in the service that asks for them.
import { randomFillSync } from 'node:crypto';
import { type Cancel, Clock, Randomness } from './clock.js';

export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  after(delayMs: number, run: () => void): Cancel {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  }
}

// One system call fills the pool for 400 ids of 10 octets.
const POOL_OCTETS = 4096;

export class SystemRandomness extends Randomness {
  private readonly pool = Buffer.alloc(POOL_OCTETS);
  private used = POOL_OCTETS;

  fraction(): number {
    return Math.random();
  }

  fill(octets: Uint8Array): void {
    if (octets.length > POOL_OCTETS) {
      randomFillSync(octets);
      return;
    }
    if (this.used + octets.length > POOL_OCTETS) {
      randomFillSync(this.pool);
      this.used = 0;
    }
    for (let i = 0; i < octets.length; i++) octets[i] = this.pool[this.used++] ?? 0;
  }
}
