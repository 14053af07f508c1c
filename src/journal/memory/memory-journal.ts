// The journal in memory: the same laws, nothing durable. No timers and no input or output, so
// that a run on a virtual clock is the same every time.
import { assertAppends, assertName } from '../append-rules.js';
import { JournalUnavailableError, WrongExpectedRevisionError } from '../journal.errors.js';
import { type AppendOutcome, BEGINNING, Journal, type RecordedEvent, type StreamAppend } from '../journal.js';
import { recorded } from '../recorded-event.js';

export class MemoryJournal extends Journal {
  private readonly events: RecordedEvent[] = [];
  private readonly streams = new Map<string, RecordedEvent[]>();
  private readonly wakes = new Set<() => void>();
  private wakeDue = false;
  private closed = false;

  /** @param firstAfter the position before the first event; for specs of large positions */
  constructor(private readonly firstAfter = BEGINNING) {
    super();
  }

  // async, so that a refusal is a rejection as in every adapter; it never waits.
  // eslint-disable-next-line @typescript-eslint/require-await
  async append(appends: readonly StreamAppend[]): Promise<readonly AppendOutcome[]> {
    if (this.closed) throw new JournalUnavailableError('the journal is closed');
    assertAppends(appends);
    const outcomes = appends.map((append) => this.appendOne(append));
    if (outcomes.some(({ status }) => status === 'appended')) this.wakeSoon();
    return outcomes;
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async readStream(stream: string, fromRevision = 0n): Promise<readonly RecordedEvent[]> {
    assertName('stream', stream);
    return (this.streams.get(stream) ?? []).slice(Number(fromRevision));
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async readStreams(streams: readonly string[]): Promise<ReadonlyMap<string, readonly RecordedEvent[]>> {
    const found = new Map<string, readonly RecordedEvent[]>();
    for (const stream of streams) {
      assertName('stream', stream);
      const events = this.streams.get(stream);
      if (events !== undefined) found.set(stream, events.slice());
    }
    return found;
  }

  readAll(after: bigint, limit: number): Promise<readonly RecordedEvent[]> {
    const from = after <= this.firstAfter ? 0 : Number(after - this.firstAfter);
    return Promise.resolve(this.events.slice(from, from + limit));
  }

  head(): Promise<bigint> {
    return Promise.resolve(this.lastPosition());
  }

  onAppended(wake: () => void): () => void {
    const own = (): void => {
      wake();
    };
    this.wakes.add(own);
    return () => {
      this.wakes.delete(own);
    };
  }

  /** Refuses appends from now on; reads go on. */
  close(): Promise<void> {
    this.closed = true;
    this.wakes.clear();
    return Promise.resolve();
  }

  private lastPosition(): bigint {
    return this.firstAfter + BigInt(this.events.length);
  }

  private appendOne({ stream, expectedRevision, events }: StreamAppend): AppendOutcome {
    const present = this.streams.get(stream) ?? [];
    const actual = BigInt(present.length) - 1n;
    const first = Number(expectedRevision) + 1;
    if (actual === expectedRevision) {
      if (present.length === 0) this.streams.set(stream, present);
      for (const event of events) {
        const kept = recorded(event, stream, BigInt(present.length), this.lastPosition() + 1n);
        present.push(kept);
        this.events.push(kept);
      }
      return { status: 'appended', revision: BigInt(present.length) - 1n, position: this.lastPosition() };
    }
    const last = present[first + events.length - 1];
    if (last !== undefined && events.every((event, n) => present[first + n]?.id === event.id)) {
      return { status: 'appended', revision: last.revision, position: last.position };
    }
    return { status: 'conflict', error: new WrongExpectedRevisionError(stream, expectedRevision, actual) };
  }

  private wakeSoon(): void {
    if (this.wakeDue) return;
    this.wakeDue = true;
    queueMicrotask(() => {
      this.wakeDue = false;
      for (const wake of this.wakes) wake();
    });
  }
}
