// Decides what happens to one submit_sm: its status, its answer, its receipts, the link.
//
// | asked in this order     | outcome                                                     |
// |-------------------------|-------------------------------------------------------------|
// | poisonDestinations      | not accepted, not answered, the link breaks                 |
// | script for the prefix   | as the script says                                          |
// | submitsPerSecond        | above it ESME_RTHROTTLED                                    |
// | throttleShare           | ESME_RTHROTTLED                                             |
// | queueFullShare          | ESME_RMSGQFUL                                               |
// | rejectShare             | rejectStatus                                                |
// | outcomes                | accepted; receipts by last digit (below) or by share        |
//
// disconnectAfterSubmits counts every submit and comes on top of all of them.
import type { Clock, Randomness } from '../../../clock/clock.js';
import { CommandStatus } from '../wire/pdu.js';
import type { ReceiptStat } from './receipt-state.js';
import type { Script, ScriptBook } from './script.js';
import {
  type DisconnectMode,
  OUTCOMES,
  type Outcome,
  type Settings,
  type SettingsChange,
} from './settings.js';

export interface PlannedReceipt {
  readonly stat: ReceiptStat;
  /** From the submit_sm. */
  readonly delayMs: number;
  readonly messageId?: string;
  readonly err?: string;
  /** Whether its acknowledgement ends the life of the message: one receipt per message at most. */
  readonly settles: boolean;
}

export interface SubmitPlan {
  readonly status: number;
  readonly answer: boolean;
  readonly responseDelayMs: number;
  readonly receiptsFirst: boolean;
  readonly receipts: readonly PlannedReceipt[];
  readonly disconnect: DisconnectMode | undefined;
}

/** The outcome by the last digit of the destination: index 0 is digit 0. */
export const LAST_DIGIT_OUTCOMES: readonly Outcome[] = [
  'delivered',
  'delivered',
  'delivered',
  'delivered',
  'delivered',
  'undeliverable',
  'expired',
  'rejected',
  'acceptedThenDelivered',
  'silent',
];

const STATS: Readonly<Record<Outcome, readonly ReceiptStat[]>> = {
  delivered: ['DELIVRD'],
  undeliverable: ['UNDELIV'],
  expired: ['EXPIRED'],
  rejected: ['REJECTD'],
  acceptedThenDelivered: ['ACCEPTD', 'DELIVRD'],
  silent: [],
};

const DIGIT_ZERO = 0x30;

export class SubmitPlanner {
  private plans!: Readonly<Record<Outcome, SubmitPlan>>;
  private untilDisconnect = 0;
  private tokens = 0;
  private tokensAtMs = 0;

  constructor(
    private settings: Settings,
    private readonly scripts: ScriptBook,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
  ) {
    this.use(settings, settings);
  }

  /** @param change what was asked for; only what it names starts counting anew */
  use(settings: Settings, change: SettingsChange): void {
    this.settings = settings;
    if (change.disconnectAfterSubmits !== undefined) this.untilDisconnect = settings.disconnectAfterSubmits;
    if (change.submitsPerSecond !== undefined) {
      this.tokens = 0;
      this.tokensAtMs = this.clock.monotonicMs();
    }
    this.plans = Object.fromEntries(
      OUTCOMES.map((outcome) => [outcome, this.accepted(this.receiptsFor(STATS[outcome]))]),
    ) as Record<Outcome, SubmitPlan>;
  }

  plan(destination: string): SubmitPlan {
    const { poisonDestinations, disconnectMode } = this.settings;
    if (poisonDestinations.some((prefix) => destination.startsWith(prefix))) {
      return { ...this.refused(CommandStatus.ESME_RSYSERR), answer: false, disconnect: disconnectMode };
    }
    const script = this.scripts.take(destination);
    const plan =
      script === undefined ? this.planBySettings(destination) : this.planByScript(script, destination);
    if (this.untilDisconnect === 0) return plan;
    this.untilDisconnect -= 1;
    if (this.untilDisconnect > 0) return plan;
    if (this.settings.disconnectRepeatedly) this.untilDisconnect = this.settings.disconnectAfterSubmits;
    return { ...plan, answer: false, disconnect: this.settings.disconnectMode };
  }

  private planBySettings(destination: string): SubmitPlan {
    const { throttleShare, queueFullShare, rejectShare, dropResponseShare } = this.settings;
    if (!this.takeToken()) return this.refused(CommandStatus.ESME_RTHROTTLED);
    if (throttleShare + queueFullShare + rejectShare > 0) {
      const drawn = this.randomness.fraction();
      if (drawn < throttleShare) return this.refused(CommandStatus.ESME_RTHROTTLED);
      if (drawn < throttleShare + queueFullShare) return this.refused(CommandStatus.ESME_RMSGQFUL);
      if (drawn < throttleShare + queueFullShare + rejectShare)
        return this.refused(this.settings.rejectStatus);
    }
    const plan = this.plans[this.outcomeFor(destination)];
    if (dropResponseShare > 0 && this.randomness.fraction() < dropResponseShare)
      return { ...plan, answer: false };
    return plan;
  }

  private planByScript(script: Script, destination: string): SubmitPlan {
    const { receiptDelayMs } = this.settings;
    const last = (script.receipts?.length ?? 0) - 1;
    const receipts =
      script.receipts?.flatMap(({ stat, delayMs = receiptDelayMs, copies, messageId, err }, step) =>
        Array.from({ length: copies }, (_, copy) => ({
          stat,
          delayMs,
          settles: step === last && copy === 0,
          ...(messageId === undefined ? {} : { messageId }),
          ...(err === undefined ? {} : { err }),
        })),
      ) ?? this.plans[this.outcomeFor(destination)].receipts;
    return {
      status: script.status,
      answer: script.answer,
      responseDelayMs: script.responseDelayMs ?? this.settings.responseDelayMs,
      receiptsFirst: script.receiptsBeforeResponse ?? this.settings.receiptsBeforeResponse,
      receipts: script.status === 0 ? receipts : [],
      disconnect: script.disconnect,
    };
  }

  private accepted(receipts: readonly PlannedReceipt[]): SubmitPlan {
    const { responseDelayMs, receiptsBeforeResponse, receiptLeadMs } = this.settings;
    return {
      status: CommandStatus.ESME_ROK,
      answer: true,
      responseDelayMs: receiptsBeforeResponse ? Math.max(responseDelayMs, receiptLeadMs) : responseDelayMs,
      receiptsFirst: receiptsBeforeResponse,
      receipts,
      disconnect: undefined,
    };
  }

  private refused(status: number): SubmitPlan {
    const { responseDelayMs } = this.settings;
    return {
      status,
      answer: true,
      responseDelayMs,
      receiptsFirst: false,
      receipts: [],
      disconnect: undefined,
    };
  }

  private receiptsFor(stats: readonly ReceiptStat[]): PlannedReceipt[] {
    const { receiptDelayMs, duplicateReceipts, contradictingReceipts } = this.settings;
    const last = stats.at(-1);
    if (last === undefined) return [];
    const said: ReceiptStat[] = [...stats];
    if (contradictingReceipts) said.push(last === 'DELIVRD' ? 'UNDELIV' : 'DELIVRD');
    return said.flatMap((stat, step) =>
      Array.from({ length: duplicateReceipts + 1 }, (_, copy) => ({
        stat,
        delayMs: receiptDelayMs * (step + 1),
        settles: copy === 0 && step === stats.length - 1,
      })),
    );
  }

  private outcomeFor(destination: string): Outcome {
    const { outcomes } = this.settings;
    if (outcomes === 'by-last-digit') {
      return LAST_DIGIT_OUTCOMES[destination.charCodeAt(destination.length - 1) - DIGIT_ZERO] ?? 'delivered';
    }
    let drawn = this.randomness.fraction();
    for (const outcome of OUTCOMES) {
      drawn -= outcomes[outcome];
      if (drawn < 0) return outcome;
    }
    // Only rounding leads here: the shares add up to 1.
    return 'delivered';
  }

  private takeToken(): boolean {
    const { submitsPerSecond } = this.settings;
    if (submitsPerSecond === null) return true;
    const nowMs = this.clock.monotonicMs();
    // The bucket holds one second, so that a quiet second may be made up for but not more.
    const gained = ((nowMs - this.tokensAtMs) / 1000) * submitsPerSecond;
    this.tokens = Math.min(Math.max(submitsPerSecond, 1), this.tokens + gained);
    this.tokensAtMs = nowMs;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
