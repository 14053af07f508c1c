// Keeps one bind of an account up: a new socket and a new session for every attempt, with a pause in
// between that grows with the failures.
//
// | how the session ended                                  | what is done                              |
// |--------------------------------------------------------|-------------------------------------------|
// | lost, unbound, not connected; refused for a while      | rebind with back-off, from a second on    |
// | refused, ESME_RALYBND: the old session is still alive  | rebind with back-off, from ten seconds on |
// | refused, account wrong (bind-fatal)                    | error log, accountRefusedBy; rebind in minutes |
// | answers blame the session (inbox.ts)                   | it unbinds; rebind with back-off          |
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
  private isRebinding = false;
  private refusedBy: string | null = null;
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

  /**
   * The status by which the SMSC refuses the account, until a bind succeeds: a person must look at
   * its settings. Null otherwise.
   */
  get accountRefusedBy(): string | null {
    return this.refusedBy;
  }

  start(): void {
    const { owner } = this;
    this.cancelRebind = undefined;
    this.current = new Session<Tag>(this.options, this.dial(), this.clock, this.log, this.counters, {
      submitsEnded: owner.submitsEnded.bind(owner),
      submitAnsweredLate: owner.submitAnsweredLate.bind(owner),
      delivered: owner.delivered.bind(owner),
      alerted: (alerts) => owner.alerted?.(alerts),
      congested: (state) => owner.congested?.(state),
      capacityChanged: owner.capacityChanged.bind(owner),
      bound: () => {
        this.refusedBy = null;
        owner.bindUp();
      },
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

  /** Ends the session in order, what it owes first, and binds anew; between two sessions: at once. */
  rebind(): void {
    if (this.stopping) return;
    if (this.current !== null) {
      this.isRebinding = true;
      this.current.leave('a rebind was asked for');
    } else if (this.cancelRebind !== undefined) {
      this.cancelRebind();
      this.start();
    }
  }

  private closed(end: SessionEnd): void {
    this.current = null;
    if (this.stopping) {
      this.owner.bindDown(end, null);
      this.stopped();
      return;
    }
    if (this.isRebinding) {
      this.isRebinding = false;
      this.backoff = FRESH_BACKOFF;
      this.owner.bindDown(end, 0);
      this.start();
      return;
    }
    const [backoff, pauseMs] = nextRebind(this.backoff, end, this.schedule, this.randomness.fraction());
    this.backoff = backoff;
    if (end.refusal === 'fatal') this.accountRefused(end, pauseMs);
    this.cancelRebind = this.clock.after(pauseMs, () => {
      this.start();
    });
    this.owner.bindDown(end, pauseMs);
  }

  private accountRefused(end: SessionEnd, pauseMs: number): void {
    this.refusedBy = end.detail;
    const { mode, bindFields } = this.options;
    const { system_id: systemId, system_type: systemType } = bindFields;
    this.log.error(
      { mode, systemId, systemType, refusal: end.detail, rebindInMs: Math.round(pauseMs) },
      'the SMSC refuses the account: check host, system_id, password, system_type and the kind of bind; binding again in minutes',
    );
  }
}
