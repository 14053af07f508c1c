// The journal over EventStoreDB: one call per stream, always at an exact revision, always at the
// leader. At most one in a process: the client shares state among its instances.
import type { EventStoreDBClient } from '@eventstore/db-client';
import type { Clock } from '../../clock/clock.js';
import { assertAppends, assertName } from '../append-rules.js';
import { AppendOutcomeUnknownError, InvalidAppendError, JournalUnavailableError } from '../journal.errors.js';
import { type AppendOutcome, Journal, type RecordedEvent, type StreamAppend } from '../journal.js';
import { APPEND_TUNING, Appender, type AppendTuning } from './appender.js';
import { AppendSubscription } from './append-subscription.js';
import { openClient } from './store-client.js';
import { StoreReads } from './store-reads.js';
import { assertSizes } from './wire-events.js';

export interface EventStoreJournalOptions {
  /** esdb:// or esdb+discover://, with TLS, certificates and user as its options say. */
  readonly url: string;
  readonly clock: Clock;
  /** Before the name of every stream on the server. Another prefix is another journal. */
  readonly prefix?: string;
  readonly tuning?: Partial<AppendTuning>;
  /** For one page of events, or one stream. */
  readonly readTimeoutMs?: number;
}

// Without a dash: EventStoreDB takes what stands before the first one for the category.
const PREFIX = 'surereach.';
// A guess: a page of a thousand events takes some hundredths of a second.
const READ_TIMEOUT_MS = 10_000;

export class EventStoreJournal extends Journal {
  private readonly client: EventStoreDBClient;
  private readonly appender: Appender;
  private readonly reads: StoreReads;
  private readonly subscription: AppendSubscription;
  private readonly wakes = new Set<() => void>();
  private closed = false;
  /** Batches are calls of append; what a retry found already there counts as well. */
  readonly counters = { batches: 0, events: 0, conflicts: 0 };

  /** @throws ConnectionUrlError */
  constructor(options: EventStoreJournalOptions) {
    super();
    const { url, clock, prefix = PREFIX, tuning = {}, readTimeoutMs = READ_TIMEOUT_MS } = options;
    this.client = openClient(url);
    this.reads = new StoreReads(this.client, prefix, clock, readTimeoutMs);
    this.appender = new Appender(
      this.client,
      prefix,
      clock,
      { ...APPEND_TUNING, ...tuning },
      async (stream, revision) => {
        const [event] = await this.reads.stream(stream, revision);
        if (event === undefined)
          throw new JournalUnavailableError(`stream ${stream} lacks what was appended`);
        return event.position;
      },
    );
    this.subscription = new AppendSubscription(this.client, prefix, clock, () => {
      this.wakeAll();
    });
  }

  async append(appends: readonly StreamAppend[]): Promise<readonly AppendOutcome[]> {
    if (this.closed) throw new JournalUnavailableError('the journal is closed');
    assertAppends(appends);
    assertSizes(appends);
    const settled = await Promise.allSettled(appends.map((append) => this.appender.append(append)));
    const outcomes = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    this.count(appends, settled);
    if (outcomes.some(({ status }) => status === 'appended')) this.wakeAll();
    if (outcomes.length < appends.length) throw failureOf(settled, outcomes);
    return outcomes;
  }

  async readStream(stream: string, fromRevision = 0n): Promise<readonly RecordedEvent[]> {
    assertName('stream', stream);
    return this.reads.stream(stream, fromRevision);
  }

  async readStreams(streams: readonly string[]): Promise<ReadonlyMap<string, readonly RecordedEvent[]>> {
    for (const stream of streams) assertName('stream', stream);
    return this.reads.streams([...new Set(streams)]);
  }

  readAll(after: bigint, limit: number): Promise<readonly RecordedEvent[]> {
    return this.reads.all(after, limit);
  }

  head(): Promise<bigint> {
    return this.reads.head();
  }

  onAppended(wake: () => void): () => void {
    // A subscription of its own, even when the same function is given twice.
    const own = (): void => {
      wake();
    };
    this.wakes.add(own);
    this.subscription.start();
    return () => {
      this.wakes.delete(own);
    };
  }

  /** Ends the appends that were accepted, refuses new ones, ends the journal's calls. */
  async close(): Promise<void> {
    this.closed = true;
    await this.appender.idle();
    await this.subscription.close();
    this.wakes.clear();
    await this.client.dispose();
  }

  private count(
    appends: readonly StreamAppend[],
    settled: readonly PromiseSettledResult<AppendOutcome>[],
  ): void {
    this.counters.batches += 1;
    settled.forEach((one, n) => {
      if (one.status === 'rejected') return;
      if (one.value.status === 'conflict') this.counters.conflicts += 1;
      else this.counters.events += appends[n]?.events.length ?? 0;
    });
  }

  private wakeAll(): void {
    for (const wake of this.wakes) wake();
  }
}

/** Nothing was written only if every single append says so. */
function failureOf(
  settled: readonly PromiseSettledResult<AppendOutcome>[],
  outcomes: readonly AppendOutcome[],
): Error {
  const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const invalid = reasons.find((reason) => reason instanceof InvalidAppendError);
  if (invalid !== undefined) return invalid;
  const nothingWritten =
    outcomes.every(({ status }) => status === 'conflict') &&
    reasons.every((reason) => reason instanceof JournalUnavailableError);
  const [cause] = reasons;
  const problem = cause instanceof Error ? cause.message : String(cause);
  return nothingWritten
    ? new JournalUnavailableError(problem, { cause })
    : new AppendOutcomeUnknownError(problem, { cause });
}
