// Which of an account's addresses is dialled next. A host that was bound is tried first again: it
// may only have restarted. One that could not be bound gives way to the next, round and round.

/** Where an SMSC listens. */
export interface SmscHost {
  readonly host: string;
  readonly port: number;
}

export class HostRotation {
  private index = 0;

  /** @param hosts at least one, in the order of preference */
  constructor(private readonly hosts: readonly SmscHost[]) {}

  get current(): SmscHost {
    const host = this.hosts[this.index];
    if (host === undefined) throw new RangeError('an account needs at least one host');
    return host;
  }

  /** A session with the current host ended; `boundForMs` is 0 when it was never bound. */
  ended(boundForMs: number): void {
    if (boundForMs === 0) this.index = (this.index + 1) % this.hosts.length;
  }

  /** From the preferred one again. */
  restart(): void {
    this.index = 0;
  }
}
