// Concurrent appends share one statement and one fsync. One batch is under way at a time; what
// arrives meanwhile forms the next.
import type { Cancel, Clock } from '../../../clock/clock.js';
import { refuseRepeatedStream } from '../../append-rules.js';
import {
  AppendOutcomeUnknownError,
  type InvalidAppendError,
  JournalUnavailableError,
} from '../../journal.errors.js';
import type { AppendOutcome, StreamAppend } from '../../journal.js';
import { AppendCall } from './append-call.js';
import { AppendFrame } from './append-frame.js';
import { type AppendCounters, BatchCommit, type BatchPatience, type OnCommitted } from './batch-commit.js';
import type { KnownRevisions } from './known-revisions.js';
import type { WriterLink } from './writer-link.js';

export interface GroupCommitTuning extends BatchPatience {
  /** A batch takes no further call once it has this many events. */
  readonly fullBatchEvents: number;
  /** Calls that come together wait for company until a batch has this many events… */
  readonly smallBatchEvents: number;
  /** …or this long after the last batch left. A caller that comes alone never waits. */
  readonly lingerMs: number;
  /** More waiting events than this and append() is refused at once. */
  readonly maxWaitingEvents: number;
}

export const GROUP_COMMIT_TUNING: GroupCommitTuning = {
  fullBatchEvents: 2_000,
  smallBatchEvents: 200,
  lingerMs: 4,
  maxWaitingEvents: 200_000,
  connectPatienceMs: 2_000,
  inDoubtDeadlineMs: 30_000,
};

export class GroupCommit {
  readonly counters: AppendCounters = {
    calls: 0,
    batches: 0,
    events: 0,
    conflicts: 0,
    repeats: 0,
    inDoubtRetries: 0,
  };
  private readonly batch: BatchCommit;
  private waiting: AppendCall[] = [];
  private waitingEvents = 0;
  private readonly frame = new AppendFrame();
  private readonly batchStreams = new Set<string>();
  private running = false;
  private scheduled: Cancel | undefined;
  private lastBatchAtMs = -Infinity;
  private lastBatchHadCompany = false;
  private closed = false;
  private idle: (() => void)[] = [];

  constructor(
    private readonly link: WriterLink,
    known: KnownRevisions,
    private readonly clock: Clock,
    onCommitted: OnCommitted,
    private readonly tuning: GroupCommitTuning = GROUP_COMMIT_TUNING,
  ) {
    const refuseWaiting = this.refuseWaiting.bind(this);
    const { counters } = this;
    this.batch = new BatchCommit({
      link,
      known,
      clock,
      patience: tuning,
      counters,
      onCommitted,
      refuseWaiting,
    });
  }

  append(appends: readonly StreamAppend[]): Promise<readonly AppendOutcome[]> {
    if (this.closed) return Promise.reject(new JournalUnavailableError('the journal is closed'));
    if (appends.length === 0) return Promise.resolve([]);
    const call = new AppendCall(appends, this.clock.monotonicMs());
    if (this.waitingEvents > 0 && this.waitingEvents + call.eventCount > this.tuning.maxWaitingEvents) {
      return Promise.reject(
        new JournalUnavailableError(`${String(this.waitingEvents)} events wait to be written: slow down`),
      );
    }
    this.counters.calls += 1;
    this.waiting.push(call);
    this.waitingEvents += call.eventCount;
    this.schedule();
    return call.done;
  }

  /** Refuses new calls, ends the accepted ones, closes the link. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.running || this.waiting.length > 0) {
      await new Promise<void>((resolve) => void this.idle.push(resolve));
    }
    await this.link.close();
  }

  private schedule(): void {
    if (this.running) return;
    const full = this.waitingEvents >= this.tuning.smallBatchEvents;
    if (this.scheduled !== undefined) {
      if (!full) return;
      this.scheduled();
      this.scheduled = undefined;
    }
    const sinceLastMs = this.clock.monotonicMs() - this.lastBatchAtMs;
    const lingerMs = full || !this.lastBatchHadCompany ? 0 : this.tuning.lingerMs - sinceLastMs;
    if (lingerMs > 0) {
      this.scheduled = this.clock.after(lingerMs, this.start);
    } else {
      // Not at once: calls of the same turn of the event loop go together.
      const immediate = setImmediate(this.start);
      this.scheduled = () => {
        clearImmediate(immediate);
      };
    }
  }

  private readonly start = (): void => {
    this.scheduled = undefined;
    if (this.running) return;
    this.running = true;
    void this.runOnce();
  };

  private async runOnce(): Promise<void> {
    const calls = this.takeBatch();
    if (calls.length > 0) {
      this.lastBatchAtMs = this.clock.monotonicMs();
      this.lastBatchHadCompany = calls.length > 1;
      try {
        await this.batch.commit(calls, this.frame);
      } catch (error) {
        // Only a defect of ours comes here; the callers must not wait for ever.
        for (const call of calls) call.reject(new AppendOutcomeUnknownError(String(error), { cause: error }));
      }
    }
    this.running = false;
    if (this.waiting.length > 0) this.schedule();
    else for (const resolve of this.idle.splice(0)) resolve();
  }

  /** Fills the frame from the front of the queue. A stream stands at most once in a batch. */
  private takeBatch(): AppendCall[] {
    this.frame.clear();
    this.batchStreams.clear();
    const calls: AppendCall[] = [];
    let taken = 0;
    for (const call of this.waiting) {
      if (this.frame.eventCount >= this.tuning.fullBatchEvents) break;
      if (call.appends.some((append) => this.batchStreams.has(append.stream))) break;
      taken += 1;
      this.waitingEvents -= call.eventCount;
      try {
        for (const { stream } of call.appends) {
          if (this.batchStreams.has(stream)) refuseRepeatedStream(stream);
          this.batchStreams.add(stream);
        }
        this.frame.add(call.appends);
        calls.push(call);
      } catch (error) {
        call.reject(error as InvalidAppendError);
      }
    }
    this.waiting = taken === this.waiting.length ? [] : this.waiting.slice(taken);
    return calls;
  }

  /** While the store is away, nobody waits longer than the patience for a first try. */
  private refuseWaiting(queuedBeforeMs: number, error: Error): void {
    const overdue = this.waiting.findIndex((call) => call.queuedAtMs > queuedBeforeMs);
    const refused = this.waiting.splice(0, overdue === -1 ? this.waiting.length : overdue);
    for (const call of refused) {
      this.waitingEvents -= call.eventCount;
      call.reject(error);
    }
  }
}
