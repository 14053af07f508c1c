// The life of one call after it was dialled.
//
// | step     | answered                          | busy, declined, …    | silent |
// |----------|-----------------------------------|----------------------|--------|
// | ring     | callback isActive=1, read the XML | -                    | -      |
// | talk     | text kept in the ledger           | -                    | -      |
// | hang up  | callback isActive=0 with duration | callback isActive=0  | -      |
import type { Clock } from '../../clock/clock.js';
import type { CallEnd, CallScript } from './call-script.js';
import type { CallLedger, CallRecord } from './call-ledger.js';
import type { CallbackAnswer, CallbackFields, CallbackSender } from './callback-sender.js';
import type { VoiceSimulatorSettings } from './simulator-settings.js';
import { readInstruction } from './spoken-text.js';

const HANGUP_CAUSE: Readonly<Record<Exclude<CallEnd, 'silent'>, string>> = {
  answered: 'NORMAL_CLEARING',
  busy: 'USER_BUSY',
  'no-answer': 'NO_ANSWER',
  declined: 'CALL_REJECTED',
  unreachable: 'SUBSCRIBER_ABSENT',
  'invalid-number': 'UNALLOCATED_NUMBER',
};

// 150 words of six letters a minute, a usual speaking rate.
const SECONDS_PER_CHARACTER = 0.066;

export interface CallSurroundings {
  readonly clock: Clock;
  readonly ledger: CallLedger;
  readonly sender: CallbackSender;
  /** As they are now: they may change while the call lasts. */
  readonly settings: () => VoiceSimulatorSettings;
  /** Resolves after the time, or at once when the simulator closes. */
  readonly pause: (ms: number) => Promise<void>;
  readonly closed: () => boolean;
}

export class SimulatedCall {
  constructor(
    private readonly record: CallRecord,
    private readonly script: CallScript,
    private readonly around: CallSurroundings,
    /** Told when the first callback has been sent, or when there will be none. */
    private readonly firstCallbackSent: () => void,
  ) {}

  async run(): Promise<void> {
    const { around, record, script } = this;
    await around.pause(script.ringDelayMs);
    if (script.end !== 'silent' && !around.closed()) {
      const heardSeconds = script.end === 'answered' ? await this.pickUp() : 0;
      await this.report(heardSeconds, HANGUP_CAUSE[script.end]);
    }
    this.firstCallbackSent();
    around.ledger.ended(record);
  }

  /** Asks the service what to say, and listens; returns for how many seconds. */
  private async pickUp(): Promise<number> {
    const [answer] = await this.callBack('picked-up', { isActive: '1', callSessionState: 'Active' });
    const { ledger } = this.around;
    if (answer?.httpStatus !== 200) {
      ledger.failedToSpeak(this.record, `HTTP ${String(answer?.httpStatus ?? 'nothing')}`);
      return 0;
    }
    try {
      const instruction = readInstruction(answer.body);
      if (instruction.verb === 'reject') {
        ledger.failedToSpeak(this.record, 'rejected');
        return 0;
      }
      ledger.spoke(this.record, instruction.text, instruction.voice);
      await this.around.pause(this.around.settings().talkMs);
      return Math.max(1, instruction.text.length * SECONDS_PER_CHARACTER);
    } catch (error) {
      ledger.failedToSpeak(this.record, error instanceof Error ? error.message : String(error));
      return 0;
    }
  }

  private async report(seconds: number, hangupCause: string): Promise<void> {
    const fields = {
      isActive: '0',
      callSessionState: 'Completed',
      status: 'Success',
      durationInSeconds: seconds.toFixed(2),
      currencyCode: 'KES',
      amount: (seconds * 0.05).toFixed(2),
      hangupCause,
    };
    for (let tries = 0; tries <= this.around.settings().reportRetries; tries += 1) {
      if (tries > 0) await this.around.pause(this.around.settings().reportRetryMs);
      if (this.around.closed()) return;
      const answers = await this.callBack('final', fields);
      if (answers.some(({ httpStatus }) => httpStatus !== null && httpStatus < 500)) return;
    }
  }

  /** Sends all copies at once. */
  private async callBack(
    kind: 'picked-up' | 'final',
    fields: CallbackFields,
  ): Promise<readonly CallbackAnswer[]> {
    const { callbackUrl, callbackFormat, echoLabel } = this.around.settings();
    if (callbackUrl === null) return [];
    const { record } = this;
    const all: CallbackFields = {
      sessionId: record.sessionId,
      direction: 'Outbound',
      callerNumber: record.from,
      destinationNumber: record.number,
      callStartTime: record.requestedAt.slice(0, 19).replace('T', ' '),
      ...fields,
      ...(echoLabel && record.label !== null && { clientRequestId: record.label }),
    };
    const copies = Array.from({ length: this.script.copies }, async () => {
      const answer = await this.around.sender.post(callbackUrl, all, callbackFormat, this.firstCallbackSent);
      this.around.ledger.calledBack(record, { kind, httpStatus: answer.httpStatus });
      return answer;
    });
    return Promise.all(copies);
  }
}
