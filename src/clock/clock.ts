// Time and chance as ports. Nothing in src/ or projections/ outside this room may ask the
// machine for the time, for a timer or for a random number (eslint enforces it), so that the
// whole service can run on a virtual clock from one seed.

/** Stops a timer. Calling it twice, or after the timer fired, does nothing. */
export type Cancel = () => void;

export abstract class Clock {
  private writtenMs = Number.NaN;
  private written = '';

  /** Milliseconds since the Unix epoch, UTC. May jump when the machine's clock is set. */
  abstract now(): number;

  /** Milliseconds on a clock that never jumps. Only differences mean something. */
  abstract monotonicMs(): number;

  /** Runs `run` once, `delayMs` from now. Does not keep the process alive. */
  abstract after(delayMs: number, run: () => void): Cancel;

  /** The instant as ISO 8601 in UTC with milliseconds, the form every event carries. */
  isoNow(): string {
    const now = this.now();
    if (now !== this.writtenMs) {
      this.written = new Date(now).toISOString();
      this.writtenMs = now;
    }
    return this.written;
  }

  /** Resolves after `delayMs`. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve));
  }
}

export abstract class Randomness {
  /** A number in [0, 1), evenly spread. */
  abstract fraction(): number;

  /** Fills `octets` with random ones. */
  abstract fill(octets: Uint8Array): void;

  /** `length` random octets. */
  bytes(length: number): Uint8Array {
    const octets = new Uint8Array(length);
    this.fill(octets);
    return octets;
  }
}
