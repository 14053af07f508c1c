// The books of one run of a raw ESME: what was sent, what came back, and how long it took.

export interface RawRun {
  readonly submits: number;
  readonly accepted: number;
  /** By command_status, in hexadecimal. */
  readonly refused: Readonly<Record<string, number>>;
  readonly receipts: number;
  /** From the first submit_sm to the last submit_sm_resp. */
  readonly submitMs: number;
  /** From the first submit_sm to the last receipt; equal to submitMs without receipts. */
  readonly totalMs: number;
  readonly roundTripP50Ms: number;
  readonly roundTripP99Ms: number;
}

/** Sequence numbers run from 1. */
export class Run {
  readonly result: Promise<RawRun>;
  heardAtMs = performance.now();
  fail!: (error: Error) => void;
  private done!: (run: RawRun) => void;
  private readonly startedAtMs = performance.now();
  private readonly sentAtMs: Float64Array;
  private sent = 0;
  private answers = 0;
  private accepted = 0;
  private receipts = 0;
  private submitMs = 0;
  private readonly refused: Record<string, number> = {};

  constructor(
    private readonly messages: number,
    private readonly wantsReceipts: boolean,
  ) {
    this.sentAtMs = new Float64Array(messages);
    this.result = new Promise((resolve, reject) => {
      this.done = resolve;
      this.fail = reject;
    });
  }

  mayMore(window: number): boolean {
    return this.sent < this.messages && this.sent - this.answers < window;
  }

  next(): number {
    this.sentAtMs[this.sent] = performance.now();
    this.sent += 1;
    return this.sent;
  }

  /** Turns the instant of sending into the round trip, in place. */
  answered(sequenceNumber: number, status: number): void {
    const now = performance.now();
    this.sentAtMs[sequenceNumber - 1] = now - (this.sentAtMs[sequenceNumber - 1] ?? now);
    this.answers += 1;
    if (status === 0) this.accepted += 1;
    else this.refused[status.toString(16)] = (this.refused[status.toString(16)] ?? 0) + 1;
    if (this.answers === this.messages) this.submitMs = now - this.startedAtMs;
  }

  receipt(): void {
    this.receipts += 1;
  }

  progress(): object {
    return { sent: this.sent, answers: this.answers, receipts: this.receipts, messages: this.messages };
  }

  endIfComplete(): void {
    if (this.answers < this.messages) return;
    if (this.wantsReceipts && this.receipts < this.accepted) return;
    const roundTrips = this.sentAtMs.sort();
    this.done({
      submits: this.sent,
      accepted: this.accepted,
      refused: this.refused,
      receipts: this.receipts,
      submitMs: this.submitMs,
      totalMs: performance.now() - this.startedAtMs,
      roundTripP50Ms: roundTrips[Math.floor(this.messages * 0.5)] ?? 0,
      roundTripP99Ms: roundTrips[Math.floor(this.messages * 0.99)] ?? 0,
    });
  }
}
