// The short message centre behind all sessions: settings, accounts, message ids, records, and
// the wheel that makes receipts and delayed responses due. Sessions know it; it knows of them
// only that they can be flushed, swept and broken.
import type { Cancel, Clock, Randomness } from '../../../clock/clock.js';
import { type Counters, newCounters } from '../record/counters.js';
import { LatencyHistogram } from '../record/latency-histogram.js';
import { Ledger, type LedgerEntry, type LedgerOptions } from '../record/ledger.js';
import { SubmitFingerprints } from '../record/submit-fingerprints.js';
import { ScriptBook } from '../outcome/script.js';
import { type DisconnectMode, type Settings, type SettingsChange, withChange } from '../outcome/settings.js';
import { SubmitPlanner } from '../outcome/submit-planner.js';
import { Account } from '../delivery/account.js';
import type { Outbox } from '../delivery/delivery.js';
import { KeptMessages } from '../delivery/kept-messages.js';
import type { AlertNotification, PduWriter } from '../wire/pdu-writer.js';
import { TimerWheel } from '../delivery/timer-wheel.js';

export type SessionMode = 'open' | 'transmitter' | 'receiver' | 'transceiver' | 'closed';

/** What the centre asks of a session. */
export interface CentreSession {
  readonly mode: SessionMode;
  readonly isClosed: boolean;
  readonly writer: PduWriter;
  readonly account: Account | undefined;
  readonly unacknowledged: number;
  flush(): void;
  /** Called every SWEEP_MS: what waits too long, and the simulator's own enquire_link. */
  sweep(nowMs: number): void;
  disconnect(mode: DisconnectMode | 'unbind'): void;
  alert(alert: AlertNotification): void;
  destroy(): void;
}

export interface CentreOptions {
  readonly accounts: readonly { readonly systemId: string; readonly password: string }[];
  readonly settings: Settings;
  readonly ledger: LedgerOptions;
  readonly firstMessageId: number;
}

/** Guess: the grain of time-outs; a test that sets 200 ms waits at most half of that again. */
const SWEEP_MS = 100;

/** Guess: finer than any receipt delay a test asks for, coarse enough to cost nothing when busy. */
const RECEIPT_TICK_MS = 5;
/** A response stands for the delay of a link, which a window is measured against. */
const RESPONSE_TICK_MS = 1;

export class Centre {
  settings: Settings;
  counters: Counters = newCounters();
  readonly submitToAcknowledgement = new LatencyHistogram();
  readonly deliverToAcknowledgement = new LatencyHistogram();
  readonly fingerprints = new SubmitFingerprints();
  readonly scripts = new ScriptBook();
  readonly planner: SubmitPlanner;
  readonly kept = new KeptMessages();
  readonly ledger: Ledger;
  /** Receipts and messages on their way. */
  readonly wheel: TimerWheel;
  /** Delayed responses. */
  readonly responses: TimerWheel;
  readonly sessions = new Set<CentreSession>();
  readonly accounts: ReadonlyMap<string, Account>;
  firstSubmitAt: number | undefined;
  lastSubmitAt: number | undefined;
  lastAcknowledgementAt: number | undefined;
  private nextId: number;
  private nextSession = 1;
  private receiptTurn = 0;
  private cancelSweep: Cancel | undefined;

  constructor(
    options: CentreOptions,
    readonly clock: Clock,
    randomness: Randomness,
  ) {
    this.settings = options.settings;
    this.ledger = new Ledger(options.ledger);
    this.planner = new SubmitPlanner(options.settings, this.scripts, clock, randomness);
    const pumpAll = this.pumpAll.bind(this);
    this.wheel = new TimerWheel(clock, pumpAll, RECEIPT_TICK_MS);
    this.responses = new TimerWheel(clock, pumpAll, RESPONSE_TICK_MS);
    this.accounts = new Map(options.accounts.map((a) => [a.systemId, new Account(a.systemId, a.password)]));
    this.nextId = options.firstMessageId;
  }

  /** @throws OptionInvalidError */
  change(change: unknown): Settings {
    this.settings = withChange(this.settings, change);
    // Valid, hence an object with some of the settings.
    this.planner.use(this.settings, change as SettingsChange);
    return this.settings;
  }

  join(session: CentreSession): number {
    this.sessions.add(session);
    this.cancelSweep ??= this.clock.after(SWEEP_MS, this.sweep);
    return this.nextSession++;
  }

  leave(session: CentreSession): void {
    this.sessions.delete(session);
  }

  newMessageId(): number {
    return this.nextId++;
  }

  /** SMPP 3.3 has room for 8 hexadecimal digits: an id comes again after 2³² messages. */
  newMessageId33(): number {
    return this.newMessageId() % 0x1_0000_0000;
  }

  formatMessageId(id: number): string {
    return this.settings.messageIdFormat === 'decimal' ? String(id) : id.toString(16);
  }

  record(entry: LedgerEntry): void {
    this.ledger.record(this.clock.isoNow(), entry);
  }

  boundSessions(account: Account): CentreSession[] {
    return [...this.sessions].filter((session) => session.account === account);
  }

  /** Where a receipt about a message of `own` goes once it is due. */
  outboxOf(own: Account): Outbox {
    return {
      enqueue: (delivery) => {
        (this.nextReceiving() ?? own).enqueue(delivery);
      },
    };
  }

  /** Everything counted and kept starts anew; sessions and what is under way stay. */
  reset(): void {
    this.counters = newCounters();
    this.submitToAcknowledgement.reset();
    this.deliverToAcknowledgement.reset();
    this.fingerprints.clear();
    this.ledger.clear();
    this.firstSubmitAt = undefined;
    this.lastSubmitAt = undefined;
    this.lastAcknowledgementAt = undefined;
  }

  close(): void {
    this.cancelSweep?.();
    this.wheel.stop();
    this.responses.stop();
    for (const session of [...this.sessions]) session.destroy();
    this.ledger.close();
  }

  /** The account of the session whose turn it is; undefined: receipts keep to their own. */
  private nextReceiving(): Account | undefined {
    if (!this.settings.receiptsToAnyAccount) return undefined;
    const accounts = [...this.sessions].flatMap(({ mode, account }) =>
      account !== undefined && (mode === 'receiver' || mode === 'transceiver') ? [account] : [],
    );
    this.receiptTurn = (this.receiptTurn + 1) % Math.max(1, accounts.length);
    return accounts[this.receiptTurn];
  }

  private pumpAll(): void {
    for (const account of this.accounts.values()) account.pump();
    for (const session of this.sessions) session.flush();
  }

  private readonly sweep = (): void => {
    this.cancelSweep = undefined;
    if (this.sessions.size === 0) return;
    const nowMs = this.clock.monotonicMs();
    for (const session of this.sessions) session.sweep(nowMs);
    this.pumpAll();
    this.cancelSweep = this.clock.after(SWEEP_MS, this.sweep);
  };
}
