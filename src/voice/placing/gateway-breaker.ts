// Stops asking a gateway that refuses or swallows every call: each such request uses up a
// message's only chance, so the others wait until one trial has gone well.
//
// | state   | call went well | gateway failed (n-th in a row)        | time passed |
// |---------|----------------|---------------------------------------|-------------|
// | closed  | closed         | closed; open at n = failuresToOpen    |             |
// | open    | closed         | open (calls from before it opened)    | trial       |
// | trial   | closed         | open, twice as long                   |             |
//
// Pure: the instant comes from outside, milliseconds of a clock that does not jump.

type State =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly untilMs: number; readonly pauseMs: number }
  | { readonly kind: 'trial'; readonly began: boolean; readonly pauseMs: number };

export interface GatewayBreakerSettings {
  /** Failures in a row that open it. */
  readonly failuresToOpen: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

// Guesses: five in a row is no coincidence of single numbers; half a minute outlives a restart
// of the gateway; five minutes is what an operator may wait after topping up the account.
const GATEWAY_BREAKER_DEFAULTS: GatewayBreakerSettings = {
  failuresToOpen: 5,
  firstPauseMs: 30_000,
  longestPauseMs: 300_000,
};

export class GatewayBreaker {
  private state: State = { kind: 'closed' };
  private failures = 0;

  constructor(private readonly settings: GatewayBreakerSettings = GATEWAY_BREAKER_DEFAULTS) {}

  get isOpen(): boolean {
    return this.state.kind !== 'closed';
  }

  /** Calls that may be requested now, as far as the gateway's health goes. */
  allowance(nowMs: number): number {
    if (this.state.kind === 'open' && this.state.untilMs <= nowMs) {
      this.state = { kind: 'trial', began: false, pauseMs: this.state.pauseMs };
    }
    switch (this.state.kind) {
      case 'closed':
        return Number.POSITIVE_INFINITY;
      case 'open':
        return 0;
      case 'trial':
        return this.state.began ? 0 : 1;
    }
  }

  /** Milliseconds until a trial may begin; null when only the end of a call changes anything. */
  freeInMs(nowMs: number): number | null {
    return this.state.kind === 'open' ? Math.max(0, this.state.untilMs - nowMs) : null;
  }

  /** A call is being requested. */
  began(): void {
    if (this.state.kind === 'trial') this.state = { ...this.state, began: true };
  }

  wentWell(): void {
    this.failures = 0;
    this.state = { kind: 'closed' };
  }

  failed(nowMs: number): void {
    this.failures += 1;
    if (this.state.kind === 'trial') {
      this.open(nowMs, Math.min(this.state.pauseMs * 2, this.settings.longestPauseMs));
    } else if (this.state.kind === 'closed' && this.failures >= this.settings.failuresToOpen) {
      this.open(nowMs, this.settings.firstPauseMs);
    }
  }

  private open(nowMs: number, pauseMs: number): void {
    this.state = { kind: 'open', untilMs: nowMs + pauseMs, pauseMs };
  }
}
