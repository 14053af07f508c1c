// Keeps one bind of an account up: a new socket and a new session for every attempt, with a pause in
// between that grows with the failures.
import type { Logger } from 'pino';
import type { Cancel, Clock, Randomness } from '../clock/clock.js';
import {
  FRESH_BACKOFF,
  nextRebind,
  type RebindBackoff,
  type RebindSchedule,
} from './session/rebind-backoff.js';
import type { ReportListener } from './session/reports.js';
import { Session } from './session/session.js';
import type { SessionCounters } from './session/session-counters.js';
import type { SessionEnd } from './session/session-state.js';
import type { SessionOptions } from './session/session-options.js';
import type { Dialled } from './session/wire.js';

export interface BindOwner<Tag> extends ReportListener<Tag> {
  bindUp(): void;
  /** `rebindInMs` is null when it will not be bound again. */
  bindDown(end: SessionEnd, rebindInMs: number | null): void;
}

export class BindKeeper<Tag> {
  private current: Session<Tag> | null = null;
  private backoff: RebindBackoff = FRESH_BACKOFF;
  private cancelRebind: Cancel | undefined;
  private stopping = false;
  private stopped: () => void = () => undefined;

  constructor(
    private readonly options: SessionOptions,
    private readonly schedule: RebindSchedule,
    private readonly dial: () => Dialled,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
    private readonly log: Pick<Logger, 'debug' | 'warn' | 'error'>,
    private readonly counters: SessionCounters,
    private readonly owner: BindOwner<Tag>,
  ) {}

  /** The session there is now, in whatever state; null between two. */
  get session(): Session<Tag> | null {
    return this.current;
  }

  get isBound(): boolean {
    const state = this.current?.state;
    return state === 'BOUND_TRX' || state === 'BOUND_TX' || state === 'BOUND_RX';
  }

  start(): void {
    const { owner } = this;
    this.current = new Session<Tag>(this.options, this.dial(), this.clock, this.log, this.counters, {
      submitsEnded: owner.submitsEnded.bind(owner),
      submitAnsweredLate: owner.submitAnsweredLate.bind(owner),
      delivered: owner.delivered.bind(owner),
      alerted: (alerts) => owner.alerted?.(alerts),
      congested: (state) => owner.congested?.(state),
      capacityChanged: owner.capacityChanged.bind(owner),
      bound: owner.bindUp.bind(owner),
      closed: this.closed.bind(this),
    });
  }

  /** Unbinds in order and does not bind again; resolves when the session is gone. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.cancelRebind?.();
    const session = this.current;
    if (session === null) return;
    const gone = new Promise<void>((resolve) => {
      this.stopped = resolve;
    });
    session.leave('stopped');
    await gone;
  }

  private closed(end: SessionEnd): void {
    this.current = null;
    if (this.stopping) {
      this.owner.bindDown(end, null);
      this.stopped();
      return;
    }
    const [backoff, pauseMs] = nextRebind(this.backoff, end, this.schedule, this.randomness.fraction());
    this.backoff = backoff;
    this.cancelRebind = this.clock.after(pauseMs, () => {
      this.start();
    });
    this.owner.bindDown(end, pauseMs);
  }
}
