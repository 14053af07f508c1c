// Time and chance as ports. Nothing in src/ or projections/ outside this room may ask the
// machine for the time, for a timer or for a random number (eslint enforces it), so that the
// whole service can run on a virtual clock from one seed.

/** Stops a timer. Calling it twice, or after the timer fired, does nothing. */
export type Cancel = () => void;

export abstract class Clock {
  /** Milliseconds since the Unix epoch, UTC. May jump when the machine's clock is set. */
  abstract now(): number;

  /** Milliseconds on a clock that never jumps. Only differences mean something. */
  abstract monotonicMs(): number;

  /** Runs `run` once, `delayMs` from now. Does not keep the process alive. */
  abstract after(delayMs: number, run: () => void): Cancel;

  /** The instant as ISO 8601 in UTC with milliseconds, the form every event carries. */
  isoNow(): string {
    return new Date(this.now()).toISOString();
  }

  /** Resolves after `delayMs`. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve));
  }
}

export abstract class Randomness {
  /** A number in [0, 1), evenly spread. */
  abstract fraction(): number;

  /** `length` random octets. */
  abstract bytes(length: number): Uint8Array;
}
