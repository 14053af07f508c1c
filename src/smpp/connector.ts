// A connector: one account at one SMSC, bound as a transceiver or as a transmitter and a receiver,
// rebuilt whenever the link goes. It decides how much may be sent; it never decides to send again.
//
// | state    | event                            | next     | capacity                    |
// |----------|----------------------------------|----------|-----------------------------|
// | idle     | start()                          | down     | 0                           |
// | down     | one bind sends and one receives  | bound    | window, rate, socket buffer |
// | bound    | the last of either goes          | down     | 0                           |
// | bound    | pause()                          | bound    | 0 until resume()            |
// | any      | drain()                          | draining | 0                           |
// | any      | stop(), and every bind is gone   | stopped  | 0                           |
//
// With `split` nothing is sent while no receiver is up: its receipts would not be seen, and the
// people would be called for nothing.
import type { Logger } from 'pino';
import type { Cancel, Clock, Randomness } from '../clock/clock.js';
import { BindKeeper } from './bind-keeper.js';
import { type Bind, BindPool, type SubmitItem } from './bind-pool.js';
import { ConnectorFigures } from './connector-figures.js';
import type { ConnectorCounters, ConnectorListener, ConnectorState } from './connector-listener.js';
import { bindFieldsOf, checkOptions, type ConnectorOptions, settingsOf } from './connector.options.js';
import { HostRotation } from './host-rotation.js';
import { STATUS, type StatusMeaning, StatusTable } from './pdu/command-status.js';
import type { AskEnd, AskRequest } from './session/ask.js';
import type { BindMode } from './session/session-options.js';
import { DeliverBudget } from './session/deliver-budget.js';
import { SubmitRate } from './session/rate.js';
import { newCounters, sumOf } from './session/session-counters.js';
import type { SessionEnd } from './session/session-state.js';
import type { EndedSubmit } from './session/submit-end.js';
import { type Dial, dialSocket } from './session/wire.js';

export type { ConnectorListener, ConnectorState, IncomingDeliver } from './connector-listener.js';
export type { ConnectorOptions } from './connector.options.js';
export type { SubmitSm } from './pdu/submit-sm.js';
export type { SubmitEnd } from './session/submit-end.js';

/** Tokens are waited for at least this long, so that they come in lists. A guess. */
const MIN_WAKE_MS = 10;

export class Connector<Tag> {
  private current: ConnectorState | 'idle' = 'idle';
  private readonly binds: BindPool<Tag>;
  private paused = false;
  /** What no session counts: submits that reached none, and listeners that threw. */
  private readonly own = newCounters();
  private readonly figures = new ConnectorFigures();
  private readonly rate: SubmitRate;
  private readonly statuses: StatusTable;
  private readonly deliverBudget: DeliverBudget;
  private surplus: EndedSubmit<Tag>[] = [];
  private cancelWake: Cancel | undefined;
  private drained: (() => void)[] = [];

  /** @throws ConnectorOptionError when a setting cannot work. */
  constructor(
    private readonly options: ConnectorOptions,
    private readonly clock: Clock,
    randomness: Randomness,
    private readonly log: Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>,
    private readonly listener: ConnectorListener<Tag>,
    dial: Dial = dialSocket,
  ) {
    checkOptions(options);
    this.statuses = new StatusTable(options.statusOverrides);
    this.deliverBudget = new DeliverBudget(options.maxUnansweredDelivers);
    this.rate = new SubmitRate(options.submitsPerSecond, clock.monotonicMs());
    const modes: readonly BindMode[] =
      options.bind === 'split' ? ['transmitter', 'receiver'] : ['transceiver'];
    const count = options.bindCount ?? 1;
    this.binds = new BindPool(
      modes.flatMap((mode) => Array.from({ length: count }, () => this.newBind(mode, dial, randomness))),
    );
  }

  get name(): string {
    return this.options.name;
  }

  get state(): ConnectorState | 'idle' {
    return this.current;
  }

  /**
   * Begins to bind, and goes on until stop().
   * @throws Error of Node's when the TLS settings hold no readable certificate or key.
   */
  start(): void {
    if (this.current !== 'idle') return;
    this.become('down', 'started');
    this.binds.start();
  }

  get isPaused(): boolean {
    return this.paused;
  }

  /** Whether it takes submits as soon as window and rate allow. */
  get isAvailable(): boolean {
    return this.current === 'bound' && !this.paused;
  }

  /** submit_sm that may await their answer over all sessions that are up. */
  get windowSize(): number {
    return this.options.windowSize * Math.max(1, this.options.bindCount ?? 1);
  }

  /** submit_sm that await their answer. */
  get windowInUse(): number {
    return this.binds.outstanding;
  }

  /** Nothing new leaves until resume(); answers and receipts are taken as before. */
  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.tellCapacity();
  }

  /** Every session ends in order and is bound anew, from the first host on. */
  rebind(): void {
    this.binds.rebind();
  }

  /** What a command_status of this SMSC asks of the sender. */
  meaningOf(commandStatus: number): StatusMeaning {
    return this.statuses.meaningOf(commandStatus);
  }

  /** submit_sm that submit() takes now. Cheap. */
  capacity(): number {
    if (!this.isAvailable) return 0;
    const room = this.binds.room();
    return room === 0 ? 0 : Math.min(room, this.rate.available(this.clock.monotonicMs()));
  }

  /**
   * Sends in order. Every item ends exactly once through submitsEnded, never within this call; what
   * exceeds capacity() ends as not-sent.
   */
  submit(items: readonly SubmitItem<Tag>[]): void {
    const count = Math.min(items.length, this.capacity());
    if (count > 0) {
      this.rate.take(count, this.clock.monotonicMs());
      for (const end of this.binds.submit(items, count)) this.endLater(end);
      this.wakeForTokens();
    }
    for (let index = count; index < items.length; index++) {
      const item = items[index];
      if (item !== undefined) this.endLater({ tag: item.tag, end: { end: 'not-sent' } });
    }
  }

  /**
   * Asks the SMSC about a message it has, at the cost of one submit of window and rate. Always
   * resolves, with exactly one end; not-sent when capacity() is 0. A transmitter carries it with `split`.
   */
  ask(request: AskRequest): Promise<AskEnd> {
    const session = this.binds.roomiest();
    if (session === null || this.capacity() === 0) {
      const end = { end: 'not-sent', detail: `connector ${this.name} has no capacity` } as const;
      this.figures.asked(request.command, end);
      return Promise.resolve(end);
    }
    this.rate.take(1, this.clock.monotonicMs());
    this.wakeForTokens();
    return new Promise<AskEnd>((resolve) => {
      session.ask(request, (end) => {
        this.figures.asked(request.command, end);
        resolve(end);
        this.tellDrained();
      });
    });
  }

  /**
   * Takes no further submits, and resolves when every one has ended: within the response timeout.
   * deliver_sm are answered as before, and a lost link is still rebuilt, for the receipts' sake.
   */
  async drain(): Promise<void> {
    if (this.current === 'stopped') return;
    if (this.current !== 'draining') this.become('draining', 'drain was asked for');
    this.binds.drain();
    while (this.binds.outstanding > 0 || this.surplus.length > 0) {
      await new Promise<void>((resolve) => this.drained.push(resolve));
    }
  }

  /**
   * Drains, waits (at most the response timeout) for the answers we owe, unbinds, closes. Answer
   * what was delivered before, or meanwhile. Safe to call twice.
   */
  async stop(): Promise<void> {
    await this.drain();
    this.cancelWake?.();
    await this.binds.stop();
    if (this.current !== 'stopped') this.become('stopped', 'stop was asked for');
  }

  /** Since the connector was made, over all its sessions. */
  counters(): ConnectorCounters {
    const { binds, figures } = this;
    const ofBinds = binds.all.map(({ counters }) => counters);
    const { answersByStatus, bindRefusals, ...counters } = sumOf([this.own, ...ofBinds]);
    return {
      ...counters,
      answersByStatus: this.byName(answersByStatus),
      bindRefusals: this.byName(bindRefusals),
      accountRefusedBy: binds.accountRefusedBy,
      bindsUp: binds.bound,
      windowInUse: binds.outstanding,
      unansweredDelivers: binds.unansweredDelivers,
      currentSubmitsPerSecond: this.rate.currentPerSecond,
      congestionState: figures.congestionState(this.clock.monotonicMs()),
      asks: figures.asks,
      sessions: binds.statuses(),
    };
  }

  private newBind(mode: BindMode, dial: Dial, randomness: Randomness): Bind<Tag> {
    const { options, listener } = this;
    const { limits, maxPduOctets, rebind } = settingsOf(options);
    const rotation = new HostRotation(options.hosts);
    const counters = newCounters();
    const keeper = new BindKeeper<Tag>(
      {
        mode,
        bindFields: bindFieldsOf(options),
        windowSize: options.windowSize,
        limits,
        maxPduOctets,
        statuses: this.statuses,
        deliverBudget: this.deliverBudget,
        submitWith: options.submitWith ?? 'submit_sm',
        ...(options.tryLaterWith === undefined ? {} : { tryLaterWith: options.tryLaterWith }),
      },
      rebind,
      () => dial({ ...rotation.current, tls: options.tls }),
      this.clock,
      randomness,
      this.log,
      counters,
      {
        submitsEnded: this.submitsEnded.bind(this),
        submitAnsweredLate: listener.submitAnsweredLate.bind(listener),
        delivered: listener.delivered.bind(listener),
        alerted: (alerts) => listener.alerted?.(alerts),
        congested: (state) => {
          const nowMs = this.clock.monotonicMs();
          this.figures.congested(state, nowMs);
          this.rate.congestion(state, nowMs);
        },
        capacityChanged: this.tellCapacity.bind(this),
        bindUp: () => {
          this.bindUp(mode);
        },
        bindDown: (end, rebindInMs) => {
          const { host, port } = rotation.current;
          rotation.ended(end.boundForMs);
          this.bindDown(`${mode} at ${host}:${String(port)}`, end, rebindInMs);
        },
      },
    );
    return { mode, keeper, rotation, counters };
  }

  private bindUp(mode: BindMode): void {
    if (this.current === 'down' && this.binds.isUp) this.become('bound', `${mode} bound`);
    this.tellCapacity();
  }

  private bindDown(bind: string, end: SessionEnd, rebindInMs: number | null): void {
    const next = rebindInMs === null ? 'no rebind' : `rebind in ${String(Math.round(rebindInMs))} ms`;
    const reason = `${bind} ${end.cause}: ${end.detail}; ${next}`;
    if (this.current === 'down' || (this.current === 'bound' && !this.binds.isUp)) {
      this.become('down', reason);
    } else {
      this.log.warn({ connector: this.name, reason }, 'SMPP bind lost');
    }
    this.tellDrained();
  }

  private submitsEnded(ends: readonly EndedSubmit<Tag>[]): void {
    let accepted = 0;
    let throttled = 0;
    for (const { end } of ends) {
      if (end.end !== 'answered') continue;
      if (end.commandStatus === STATUS.ESME_ROK) accepted++;
      else if (this.statuses.meaningOf(end.commandStatus).class === 'throttle') throttled++;
    }
    if (accepted + throttled > 0) this.rate.answered(accepted, throttled, this.clock.monotonicMs());
    try {
      this.listener.submitsEnded(ends);
    } finally {
      this.tellDrained();
    }
  }

  private endLater(end: EndedSubmit<Tag>): void {
    this.own.submitsNotSent++;
    this.surplus.push(end);
    if (this.surplus.length > 1) return;
    process.nextTick(() => {
      const ends = this.surplus;
      this.surplus = [];
      this.guarded(() => {
        this.submitsEnded(ends);
      });
    });
  }

  private tellCapacity(): void {
    if (this.capacity() > 0) {
      this.guarded(() => {
        this.listener.capacityChanged();
      });
    } else this.wakeForTokens();
  }

  /** When the rate is what holds submits back, says so once tokens are there. */
  private wakeForTokens(): void {
    if (this.cancelWake !== undefined || !this.isAvailable) return;
    const waitMs = this.rate.msUntilAvailable(this.clock.monotonicMs());
    if (waitMs === 0) return;
    this.cancelWake = this.clock.after(Math.max(waitMs, MIN_WAKE_MS), () => {
      this.cancelWake = undefined;
      this.tellCapacity();
    });
  }

  private byName(counts: ReadonlyMap<number, number>): Readonly<Record<string, number>> {
    return Object.fromEntries(Array.from(counts, ([code, count]) => [this.meaningOf(code).name, count]));
  }

  private tellDrained(): void {
    for (const resolve of this.drained.splice(0)) resolve();
  }

  private guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.own.listenerFailures++;
      this.log.error({ err: error, connector: this.name }, 'a listener of the connector threw');
    }
  }

  private become(next: ConnectorState, reason: string): void {
    const level = next === 'down' && reason !== 'started' ? 'warn' : 'info';
    this.log[level]({ connector: this.name, was: this.current, is: next, reason }, 'SMPP connector');
    this.current = next;
    this.guarded(() => {
      this.listener.stateChanged(next, reason);
    });
  }
}
