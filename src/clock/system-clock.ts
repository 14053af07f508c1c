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

// One system call fills the pool for 256 ids of 16 octets.
const POOL_OCTETS = 4096;

export class SystemRandomness extends Randomness {
  private readonly pool = Buffer.alloc(POOL_OCTETS);
  private used = POOL_OCTETS;

  fraction(): number {
    return Math.random();
  }

  bytes(length: number): Uint8Array {
    if (length > POOL_OCTETS) return randomFillSync(Buffer.alloc(length));
    if (this.used + length > POOL_OCTETS) {
      randomFillSync(this.pool);
      this.used = 0;
    }
    const start = this.used;
    this.used += length;
    return this.pool.subarray(start, this.used);
  }
}
