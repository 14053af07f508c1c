// What the simulator did, for those who check the service: one record per call, and counters
// that stay exact when old records have been dropped.
import type { CallEnd } from './call-script.js';

export interface CallbackRecord {
  readonly kind: 'picked-up' | 'final';
  /** What the service answered; null: nothing. */
  readonly httpStatus: number | null;
}

export interface CallRecord {
  readonly sessionId: string;
  readonly number: string;
  readonly from: string;
  /** The clientRequestId of the request; null when it had none. */
  readonly label: string | null;
  readonly end: CallEnd;
  /** ISO 8601 UTC. */
  readonly requestedAt: string;
  state: 'ringing' | 'talking' | 'ended';
  /** What the person heard; null: nothing. */
  spokenText: string | null;
  voice: string | null;
  /** Why nothing was spoken though the person picked up; null otherwise. */
  problem: string | null;
  readonly callbacks: CallbackRecord[];
}

export interface VoiceSimulatorCounters {
  /** Numbers asked for, and what became of them. */
  requested: number;
  refused: number;
  dialled: number;
  /** Requests whose clientRequestId had been asked for before: calls made twice. */
  repeatedLabels: number;
  spoken: number;
  ended: number;
  callbacksSent: number;
  /** Answered other than 2xx, or not at all. */
  callbacksFailed: number;
}

// About 40 MB of records at most.
const RECORDS = 100_000;

export class CallLedger {
  readonly counters: VoiceSimulatorCounters = {
    requested: 0,
    refused: 0,
    dialled: 0,
    repeatedLabels: 0,
    spoken: 0,
    ended: 0,
    callbacksSent: 0,
    callbacksFailed: 0,
  };
  private readonly records = new Map<string, CallRecord>();
  // Never dropped, or the count of repeats would not be exact: about 100 octets a call.
  private readonly labels = new Set<string>();
  private readonly listeners = new Set<() => void>();

  /** Calls from the oldest kept to the newest. */
  get calls(): readonly CallRecord[] {
    return [...this.records.values()];
  }

  requested(label: string | null): void {
    this.counters.requested += 1;
    if (label !== null && this.labels.has(label)) this.counters.repeatedLabels += 1;
    if (label !== null) this.labels.add(label);
    this.changed();
  }

  refused(): void {
    this.counters.refused += 1;
    this.changed();
  }

  dialled(call: CallRecord): void {
    this.counters.dialled += 1;
    this.records.set(call.sessionId, call);
    const [oldest] = this.records.keys();
    if (this.records.size > RECORDS && oldest !== undefined) this.records.delete(oldest);
    this.changed();
  }

  spoke(call: CallRecord, text: string, voice: string | null): void {
    this.counters.spoken += 1;
    call.state = 'talking';
    call.spokenText = text;
    call.voice = voice;
    this.changed();
  }

  failedToSpeak(call: CallRecord, problem: string): void {
    call.problem = problem;
    this.changed();
  }

  calledBack(call: CallRecord, callback: CallbackRecord): void {
    this.counters.callbacksSent += 1;
    const { httpStatus } = callback;
    if (httpStatus === null || httpStatus < 200 || httpStatus > 299) this.counters.callbacksFailed += 1;
    call.callbacks.push(callback);
    this.changed();
  }

  ended(call: CallRecord): void {
    this.counters.ended += 1;
    call.state = 'ended';
    this.changed();
  }

  /** Calls `listener` after every change; returns how to stop. */
  onChanged(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
