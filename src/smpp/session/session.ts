// One SMPP session over one socket, from the first SYN to the last FIN; never reused. It keeps the
// window and the timers, answers what the SMSC asks, and cannot be made deaf: no PDU and no
// listener that throws stops it from reading.
//
// | state              | event                                 | next       | action                       |
// |--------------------|---------------------------------------|------------|------------------------------|
// | CONNECTING         | socket ready (TLS: peer verified)     | OPEN       |                              |
// | OPEN               | at once                               | BINDING    | bind_*                       |
// | BINDING            | bind_*_resp ESME_ROK                  | BOUND_*    | listener.bound               |
// | BINDING            | bind_*_resp with an error, nack       | CLOSED     |                              |
// | BOUND_*            | drain()                               | DRAINING   | no new submit_sm             |
// | BOUND_*, DRAINING  | leave(), inactivity, unusable         | LEAVING    | no new submit_sm             |
// | LEAVING            | nothing owed by either side, or time  | UNBINDING  | unbind                       |
// | UNBINDING          | unbind_resp, socket closed, or time   | CLOSED     |                              |
// | BOUND_* to LEAVING | unbind from the SMSC                  | UNBINDING  | unbind_resp, half-close      |
// | any                | socket gone, timeout, bad frame, our  | CLOSED     | window ends, listener.closed |
// |                    | octets not taken                      |            |                              |
//
// From BOUND_* to UNBINDING the SMSC's requests are answered as ever. While too many deliver_sm await
// our answer the socket is read now and then only (read-gate.ts).
import type { Logger } from 'pino';
import type { Clock } from '../../clock/clock.js';
import { decodePdu, encodePdu } from '../link.js';
import { COMMAND_ID } from '../pdu/command-id.js';
import { type BindRefusal, STATUS } from '../pdu/command-status.js';
import type { SubmitSm } from '../pdu/submit-sm.js';
import type { Ask, AskEnd, AskRequest } from './ask.js';
import { Inbox, type InboxEvents } from './inbox.js';
import { Outbox } from './outbox.js';
import { ReadGate } from './read-gate.js';
import { type ReportListener, Reports } from './reports.js';
import { Requests } from './requests.js';
import { RunningTimers } from './running-timers.js';
import { SendWindow } from './send-window.js';
import type { SessionCounters } from './session-counters.js';
import { BIND_MODE, type SessionOptions } from './session-options.js';
import { type CloseCause, PHASE_OF, type SessionEnd, type SessionState } from './session-state.js';
import type { TimerAction } from './session-timers.js';
import type { EndedSubmit } from './submit-end.js';
import { type Dialled, listenToWire } from './wire.js';

/** SMPP 3.4 §4.1.2; it is only shown. */
const MAX_SYSTEM_ID = 16;

export interface SessionListener<Tag> extends ReportListener<Tag> {
  bound(): void;
  /** The last call; every submit has ended before it. */
  closed(end: SessionEnd): void;
}

export class Session<Tag> {
  private current: SessionState = 'CONNECTING';
  private bindSequence = 0;
  private enquireSequence: number | null = null;
  private boundAtMs: number | null = null;
  private leaving: { readonly cause: CloseCause; readonly detail: string } | null = null;
  private readonly window: SendWindow<Tag | Ask>;
  private readonly outbox: Outbox;
  private readonly gate: ReadGate;
  private readonly inbox: Inbox<Tag>;
  private readonly reports: Reports<Tag>;
  private readonly requests: Requests<Tag>;
  private readonly timers: RunningTimers;

  constructor(
    private readonly options: SessionOptions,
    dialled: Dialled,
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'debug' | 'warn' | 'error'>,
    private readonly counters: SessionCounters,
    private readonly listener: SessionListener<Tag>,
  ) {
    this.window = new SendWindow(options.windowSize, options.limits.responseTimeoutMs);
    this.reports = new Reports(listener, STATUS[options.tryLaterWith ?? 'ESME_RSYSERR'], counters, log);
    this.gate = new ReadGate(dialled.wire, clock, options.deliverBudget);
    this.outbox = new Outbox(dialled.wire, clock, options.limits.responseTimeoutMs, {
      flushed: this.window.markGivenToSocket.bind(this.window),
      stuck: () => {
        this.close('peer-does-not-read', 'the SMSC does not read what we send');
      },
    });
    const { window, outbox, reports } = this;
    this.requests = new Requests(options.submitWith, window, outbox, reports, counters, clock);
    const inboxEvents: InboxEvents = {
      isOpen: () => this.current !== 'CLOSED',
      mayDeliver: () => this.boundAtMs !== null && options.mode !== 'transmitter',
      responded: this.responded.bind(this),
      unbindRequested: this.unbindRequested.bind(this),
      deliverAnswered: () => {
        this.gate.hasAnswered();
        this.unbindIfSettled();
      },
      unusable: this.leave.bind(this),
    };
    this.inbox = new Inbox(options, window, outbox, reports, inboxEvents, counters, log);
    this.timers = new RunningTimers(clock, options.limits, {
      windowDueAtMs: () => this.window.dueAtMs,
      expireWindow: this.expireWindow.bind(this),
      perform: this.perform.bind(this),
    });
    listenToWire(dialled, {
      ready: this.bind.bind(this),
      data: this.received.bind(this),
      drained: this.reports.tellCapacity.bind(this.reports),
      gone: (why) => {
        this.close(this.current === 'CONNECTING' ? 'connect-failed' : 'link-lost', why);
      },
    });
  }

  get state(): SessionState {
    return this.current;
  }

  /** Requests that await their answer. */
  get outstanding(): number {
    return this.window.outstanding;
  }

  /** deliver_sm that await ours. */
  get unansweredDelivers(): number {
    return this.inbox.unansweredDelivers;
  }

  /** submit_sm that may be sent now. */
  room(): number {
    return this.isSubmitting() && !this.outbox.isBlocked ? this.window.free : 0;
  }

  /** Sends the first `count` items, at most room(). Returns those that could not be written. */
  submit(
    items: readonly { readonly pdu: SubmitSm; readonly tag: Tag }[],
    count: number,
  ): readonly EndedSubmit<Tag>[] {
    const nowMs = this.clock.monotonicMs();
    const unsendable = this.requests.submit(items, count, nowMs);
    this.timers.step({ kind: 'submitted', atMs: nowMs });
    return unsendable;
  }

  /** Asks the SMSC, when there is room(). `ended` is called exactly once, perhaps within this call. */
  ask(request: AskRequest, ended: (end: AskEnd) => void): void {
    if (this.room() === 0) {
      ended({ end: 'not-sent', detail: `the session is ${this.current}, or its window is full` });
      return;
    }
    const atMs = this.requests.ask(request, ended);
    if (atMs !== null) this.timers.step({ kind: 'submitted', atMs });
  }

  /** No new submit_sm; everything else goes on. */
  drain(): void {
    if (this.isSubmitting()) this.become('DRAINING', 'draining');
  }

  /** Unbinds once nothing is owed by either side; hangs up at once when it is not bound yet. */
  leave(detail: string): void {
    if (this.current === 'CLOSED' || this.leaving !== null) return;
    if (this.boundAtMs === null) {
      this.close('stopped', detail);
      return;
    }
    this.leaving = { cause: 'unbound-by-us', detail };
    this.become('LEAVING', detail);
    this.unbindIfSettled();
  }

  private bind(): void {
    if (this.current !== 'CONNECTING') return;
    this.become('OPEN', 'connected');
    this.bindSequence = this.window.nextSequence();
    const { mode, bindFields } = this.options;
    this.outbox.pdu(encodePdu(BIND_MODE[mode].command, this.bindSequence, { ...bindFields }));
    this.become('BINDING', 'bind sent');
  }

  private received(chunk: Buffer): void {
    if (this.current === 'CLOSED') return;
    const { fault, pdus, traffic, partial } = this.inbox.receive(chunk);
    this.timers.step({ kind: 'received', atMs: this.clock.monotonicMs(), pdus, traffic, partial });
    if (fault !== null) this.close('framing', fault);
    this.gate.hasRead();
    this.reports.tell();
    this.unbindIfSettled();
  }

  private responded(commandId: number, commandStatus: number, sequenceNumber: number, pdu: Buffer): boolean {
    if (this.current === 'UNBINDING' && commandId === COMMAND_ID.unbind_resp) {
      this.close('unbound-by-us', 'unbind_resp');
      return true;
    }
    // An SMSC that does not know enquire_link lives all the same (§4.11).
    if (commandId === COMMAND_ID.generic_nack && sequenceNumber === this.enquireSequence) return true;
    const { responseId, bound } = BIND_MODE[this.options.mode];
    const isBindAnswer = commandId === responseId || commandId === COMMAND_ID.generic_nack;
    if (this.current !== 'BINDING' || !isBindAnswer || sequenceNumber !== this.bindSequence) return false;
    if (commandStatus !== STATUS.ESME_ROK) {
      const { statuses } = this.options;
      const { bindRefusals } = this.counters;
      bindRefusals.set(commandStatus, (bindRefusals.get(commandStatus) ?? 0) + 1);
      const { name, meaning } = statuses.meaningOf(commandStatus);
      this.close('bind-refused', `${name} (${meaning})`, statuses.bindRefusal(commandStatus));
      return true;
    }
    this.counters.binds++;
    this.boundAtMs = this.clock.monotonicMs();
    this.become(bound, `SMSC ${String(decodePdu(pdu)?.fields['system_id']).slice(0, MAX_SYSTEM_ID)}`);
    this.reports.guarded('bound', () => {
      this.listener.bound();
    });
    return true;
  }

  private unbindRequested(sequenceNumber: number): void {
    this.outbox.headerOnly(COMMAND_ID.unbind_resp, STATUS.ESME_ROK, sequenceNumber);
    this.leaving = { cause: 'unbound-by-smsc', detail: 'the SMSC sent unbind' };
    this.become('UNBINDING', 'the SMSC sent unbind');
    this.outbox.end();
  }

  private unbindIfSettled(): void {
    if (this.current === 'LEAVING' && this.outstanding === 0 && this.unansweredDelivers === 0) this.unbind();
  }

  private unbind(): void {
    this.outbox.headerOnly(COMMAND_ID.unbind, STATUS.ESME_ROK, this.window.nextSequence());
    this.become('UNBINDING', 'unbind sent');
  }

  private enquire(): void {
    const sequenceNumber = this.window.nextSequence();
    this.enquireSequence = sequenceNumber;
    this.outbox.headerOnly(COMMAND_ID.enquire_link, STATUS.ESME_ROK, sequenceNumber);
  }

  private expireWindow(nowMs: number): void {
    this.requests.expire(nowMs);
    this.reports.tell();
    this.unbindIfSettled();
  }

  private perform(action: TimerAction): void {
    switch (action.do) {
      case 'enquire':
        this.counters.enquireLinksSent++;
        this.enquire();
        break;
      case 'leave':
        this.leave('no traffic for the inactivity timeout');
        break;
      case 'unbind':
        this.unbind();
        break;
      case 'close':
        this.close(action.cause, 'timer');
        break;
    }
  }

  /** Ends the session for good; only the first call counts. */
  private close(cause: CloseCause, detail: string, refusal: BindRefusal | null = null): void {
    if (this.current === 'CLOSED') return;
    const end = {
      ...(this.current === 'UNBINDING' && this.leaving !== null ? this.leaving : { cause, detail }),
      refusal,
      boundForMs: this.boundAtMs === null ? 0 : this.clock.monotonicMs() - this.boundAtMs,
    };
    if (this.boundAtMs !== null && this.leaving === null) this.counters.linksLost++;
    if (cause === 'framing' || cause === 'unbound-by-us') this.outbox.end();
    else this.outbox.abandon();
    this.become('CLOSED', `${end.cause}: ${end.detail}`);
    this.timers.stop();
    this.gate.stop();
    this.requests.abandon();
    this.reports.tell();
    this.reports.guarded('closed', () => {
      this.listener.closed(end);
    });
  }

  private isSubmitting(): boolean {
    return this.current === 'BOUND_TRX' || this.current === 'BOUND_TX';
  }

  private become(next: SessionState, why: string): void {
    this.log.debug({ mode: this.options.mode, was: this.current, is: next, why }, 'SMPP session');
    this.current = next;
    const phase = PHASE_OF[next];
    if (phase !== 'closed') this.timers.step({ kind: 'entered', phase, atMs: this.clock.monotonicMs() });
  }
}
