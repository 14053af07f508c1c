// Process manager: places the calls that are due and closes those that were never reported on.
// Asks the gateway only after VoiceAttempted is durable, once per attempt, and never again when
// the answer was unclear. Keeps nothing that a restart needs: the journal has it all.
//
// | call is     | event                          | next    | action                               |
// |-------------|--------------------------------|---------|--------------------------------------|
// | due         | room, budget and gateway allow | asked   | AttemptCall                          |
// | asked       | VoiceAttempted is durable      | placing | request the call                     |
// | asked       | nothing, or the store is down  | due     | leave it; look again later           |
// | placing     | gateway answered or did not    | placed  | RecordCall…, repeated until durable  |
// | no report   | reportDueAt has passed         | unknown | RecordCallOutcomeUnknown             |
//
// A process that dies between VoiceAttempted and its record leaves the call to the last line.
import { Logger } from '@nestjs/common';
import type { Cancel, Clock } from '../clock/clock.js';
import type { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import type { CallDirectory } from './call-directory.js';
import type { DueCalls } from './due-calls.js';
import { CallBudget } from './placing/call-budget.js';
import { permittedCall, reasonOf, recordOf } from './placing/call-commands.js';
import { CallRecorder } from './placing/call-recorder.js';
import { GatewayBreaker } from './placing/gateway-breaker.js';
import { ReportDeadline } from './placing/report-deadline.js';
import { togetherOrAlone } from './together-or-alone.js';
import type { CallRequest, CallRequestOutcome, VoiceGateway } from './voice-gateway.js';

export interface CallerSettings {
  /** Requests under way at once, up to their durable record. */
  readonly maxConcurrentCalls: number;
  /** Cap over any 60 seconds, of this process. */
  readonly callsPerMinute: number;
  /** After VoiceAttempted: no final report by then makes the outcome unknown. */
  readonly reportTimeoutMs: number;
  /** How long a due call may go unnoticed when nobody calls `wake`. */
  readonly pollIntervalMs: number;
  /** Pause before an outcome that could not be recorded is recorded again. */
  readonly recordRetryMs: number;
}

export interface CallerCounters {
  /** Requests made of the gateway, and how they ended. */
  readonly requested: number;
  readonly queued: number;
  readonly refused: number;
  readonly unknown: number;
  /** Calls closed because no final report came in time. */
  readonly unreported: number;
  /** Looks at due calls that had to leave some waiting for the cap of calls per minute. */
  readonly capReached: number;
  /** Looks at due calls that had to leave some waiting because the gateway fails. */
  readonly gatewayAvoided: number;
  readonly underWay: number;
}

// The read model shows a call as due for a moment after it was attempted. A guess well above its
// lag; a redial due sooner than this waits that long.
const SETTLING_MS = 2_000;

// The read model may move fifty times a second under load without a single call being due: the
// caller asks it at most twenty times. A guess between that cost and a call's delay.
const BREATH_MS = 50;

// A message that cannot be handled at all needs a person; until then it is not asked about often.
const SPOILT_MS = 60_000;

type Mode = 'new' | 'running' | 'stopping' | 'stopped';

export class Caller {
  private readonly log = new Logger(Caller.name);
  private readonly budget: CallBudget;
  private readonly breaker = new GatewayBreaker();
  private readonly recorder: CallRecorder;
  private readonly reportDeadline: ReportDeadline;
  private readonly underWay = new Map<string, Promise<void>>();
  /** Message ids not to be asked about before the instant, monotonic. */
  private readonly settling = new Map<string, number>();
  private readonly counted = {
    requested: 0,
    queued: 0,
    refused: 0,
    unknown: 0,
    capReached: 0,
    gatewayAvoided: 0,
  };
  private mode: Mode = 'new';
  private wanted = false;
  /** More calls are due than were placed: the end of any call is a reason to look again. */
  private more = false;
  private turning: Promise<void> | null = null;
  private cancelPoll: Cancel = () => undefined;
  private turnedAtMs = Number.NEGATIVE_INFINITY;
  private overdueClosedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly lifecycle: MessageLifecycle,
    private readonly gateway: VoiceGateway,
    private readonly dueCalls: DueCalls,
    private readonly directory: CallDirectory,
    private readonly clock: Clock,
    private readonly settings: CallerSettings,
  ) {
    this.budget = new CallBudget(settings.callsPerMinute);
    this.recorder = new CallRecorder(lifecycle, clock, settings.recordRetryMs);
    this.reportDeadline = new ReportDeadline(lifecycle, dueCalls, clock);
  }

  start(): void {
    if (this.mode !== 'new') return;
    this.mode = 'running';
    this.wake();
  }

  /** The read model has moved: look for due calls now rather than at the next poll. */
  wake(): void {
    if (this.mode !== 'running') return;
    this.wanted = true;
    if (this.turning !== null) return;
    const breathMs = this.turnedAtMs + BREATH_MS - this.clock.monotonicMs();
    if (breathMs > 0) this.lookAgainIn(breathMs);
    else this.begin();
  }

  /**
   * Places no further call and resolves when those under way have an outcome that is durable;
   * one that the store would not take is left to its report deadline.
   */
  async stop(): Promise<void> {
    if (this.mode === 'running' || this.mode === 'new') this.mode = 'stopping';
    this.cancelPoll();
    await this.turning;
    this.recorder.hurry();
    await Promise.all(this.underWay.values());
    this.mode = 'stopped';
  }

  counters(): CallerCounters {
    return { ...this.counted, unreported: this.reportDeadline.closedCalls, underWay: this.underWay.size };
  }

  private begin(): void {
    this.cancelPoll();
    this.wanted = false;
    this.turnedAtMs = this.clock.monotonicMs();
    this.turning = this.turn();
  }

  private async turn(): Promise<void> {
    let pauseMs = this.settings.pollIntervalMs;
    try {
      await this.closeOverdue();
      pauseMs = await this.placeDue();
    } catch (error) {
      // Nothing was requested for what failed here; the next poll finds it again.
      this.log.error(`due calls wait: ${String(error)}`);
    }
    this.turning = null;
    if (this.mode === 'running') this.lookAgainIn(this.wanted ? BREATH_MS : pauseMs);
  }

  private lookAgainIn(pauseMs: number): void {
    this.cancelPoll();
    this.cancelPoll = this.clock.after(pauseMs, () => {
      this.wake();
    });
  }

  /** Places what is due and allowed; returns after how many milliseconds to look again. */
  private async placeDue(): Promise<number> {
    const nowMs = this.clock.monotonicMs();
    this.forgetSettled(nowMs);
    const room = this.settings.maxConcurrentCalls - this.underWay.size;
    this.more = room <= 0;
    if (room <= 0) return this.settings.pollIntervalMs;

    const limit = room + this.underWay.size + this.settling.size;
    const rows = await this.dueCalls.due(this.clock.isoNow(), limit);
    const due = rows
      .map((row) => row.messageId)
      .filter((id) => !this.underWay.has(id) && !this.settling.has(id));
    // What the decider does not permit takes no room, so the next ones come up in the same turn.
    let from = 0;
    for (let allowed = this.allowance(); allowed > 0 && from < due.length; allowed = this.allowance()) {
      await this.attemptAll(due.slice(from, from + allowed));
      from += allowed;
    }
    this.more = from < due.length || rows.length >= limit;
    return from < due.length ? this.heldBackMs(nowMs) : this.settings.pollIntervalMs;
  }

  /** Calls that may be requested now: room, budget and a gateway that works. */
  private allowance(): number {
    const nowMs = this.clock.monotonicMs();
    const room = this.settings.maxConcurrentCalls - this.underWay.size;
    return Math.min(room, this.budget.available(nowMs), this.breaker.allowance(nowMs));
  }

  /** Counts what held due calls back and says how long it will. */
  private heldBackMs(nowMs: number): number {
    const budgetMs = this.budget.freeInMs(nowMs);
    if (budgetMs > 0) this.counted.capReached += 1;
    if (this.breaker.isOpen) this.counted.gatewayAvoided += 1;
    const knownMs = Math.max(budgetMs, this.breaker.freeInMs(nowMs) ?? 0);
    return knownMs > 0 ? Math.min(knownMs, this.settings.pollIntervalMs) : this.settings.pollIntervalMs;
  }

  /** Overdue reports are looked for once per poll interval, however often the caller is woken. */
  private async closeOverdue(): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    if (nowMs - this.overdueClosedAtMs < this.settings.pollIntervalMs) return;
    await this.reportDeadline.closeOverdue();
    this.overdueClosedAtMs = nowMs;
  }

  private attemptAll(messageIds: readonly string[]): Promise<void> {
    return togetherOrAlone(
      messageIds,
      (ids) => this.attempt(ids),
      (messageId, error) => {
        this.log.error(`message ${messageId} is due for a call that cannot be attempted: ${String(error)}`);
        this.settle(messageId, SPOILT_MS);
      },
    );
  }

  /** Asks for permission to call; only a durable VoiceAttempted gives it. */
  private async attempt(messageIds: readonly string[]): Promise<void> {
    const now = this.clock.now();
    const at = new Date(now).toISOString();
    const reportDueAt = new Date(now + this.settings.reportTimeoutMs).toISOString();
    const gateway = this.gateway.name;
    const handled = await this.lifecycle.handleMany(
      messageIds.map((messageId) => ({ type: 'AttemptCall', messageId, at, gateway, reportDueAt })),
    );
    messageIds.forEach((messageId, index) => {
      const call = permittedCall(messageId, handled[index]);
      if (call === null) this.settle(messageId);
      else this.place(call);
    });
  }

  private place(call: CallRequest): void {
    this.budget.spend(this.clock.monotonicMs());
    this.breaker.began();
    this.counted.requested += 1;
    const ended = this.request(call).finally(() => {
      this.underWay.delete(call.messageId);
      this.settle(call.messageId);
      if (this.more) this.wake();
    });
    this.underWay.set(call.messageId, ended);
  }

  private async request(call: CallRequest): Promise<void> {
    const outcome = await this.askGateway(call);
    if (outcome.status === 'queued') this.directory.register(outcome.sessionId, call.messageId, call.attempt);
    this.observe(outcome);
    await this.recorder.record(recordOf(call, outcome, this.clock.isoNow()));
  }

  private async askGateway(call: CallRequest): Promise<CallRequestOutcome> {
    try {
      return await this.gateway.requestCall(call);
    } catch (error) {
      // The port forbids it; if it happens all the same, the phone may be ringing.
      return {
        status: 'unknown',
        detail: `gateway threw: ${error instanceof Error ? error.name : 'no error'}`,
      };
    }
  }

  private observe(outcome: CallRequestOutcome): void {
    this.counted[outcome.status] += 1;
    const wasOpen = this.breaker.isOpen;
    const gatewayFailed =
      outcome.status === 'unknown' ||
      (outcome.status === 'refused' && outcome.failure === 'refused-by-gateway');
    if (gatewayFailed) this.breaker.failed(this.clock.monotonicMs());
    else this.breaker.wentWell();
    if (this.breaker.isOpen === wasOpen) return;
    if (wasOpen) this.log.log(`${this.gateway.name} takes calls again`);
    else this.log.error(`${this.gateway.name} fails call after call: due calls wait (${reasonOf(outcome)})`);
  }

  private settle(messageId: string, forMs = SETTLING_MS): void {
    this.settling.set(messageId, this.clock.monotonicMs() + forMs);
  }

  private forgetSettled(nowMs: number): void {
    for (const [messageId, untilMs] of this.settling) if (untilMs <= nowMs) this.settling.delete(messageId);
  }
}
