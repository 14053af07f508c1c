// A journal around another one whose appends can be held and made to fail, and whose reads are
// counted: for tests of those who append.
import {
  type AppendOutcome,
  Journal,
  type RecordedEvent,
  type StreamAppend,
} from '../../src/journal/journal.js';

interface Failure {
  readonly error: Error;
  readonly isAfterWriting: boolean;
}

export class GatedJournal extends Journal {
  /** Streams of every call that read streams, in order. */
  readonly readCalls: (readonly string[])[] = [];
  /** Every append call that reached the journal, in order. */
  readonly appendCalls: (readonly StreamAppend[])[] = [];
  private readonly failures: Failure[] = [];
  private gate: { readonly arrive: () => void; readonly opened: Promise<void> } | null = null;

  constructor(private readonly inner: Journal) {
    super();
  }

  /**
   * Appends wait from now on, until `release`; `reached` resolves when the first one waits. `open` lets
   * those go that wait here, and no later hold.
   */
  hold(): { readonly reached: Promise<void>; readonly release: () => void; readonly open: () => void } {
    const { promise: reached, resolve: arrive } = deferred();
    const { promise: opened, resolve: open } = deferred();
    this.gate = { arrive, opened };
    const release = (): void => {
      this.gate = null;
      open();
    };
    return { reached, release, open };
  }

  /** The next append fails; with `isAfterWriting` what it brought is durable all the same. */
  failNext(error: Error, isAfterWriting = false): void {
    this.failures.push({ error, isAfterWriting });
  }

  override async append(appends: readonly StreamAppend[]): Promise<readonly AppendOutcome[]> {
    this.appendCalls.push(appends);
    this.gate?.arrive();
    await this.gate?.opened;
    const failure = this.failures.shift();
    if (failure === undefined) return this.inner.append(appends);
    if (failure.isAfterWriting) await this.inner.append(appends);
    throw failure.error;
  }

  override readStream(stream: string, fromRevision?: bigint): Promise<readonly RecordedEvent[]> {
    this.readCalls.push([stream]);
    return this.inner.readStream(stream, fromRevision);
  }

  override readStreams(streams: readonly string[]): Promise<ReadonlyMap<string, readonly RecordedEvent[]>> {
    this.readCalls.push(streams);
    return this.inner.readStreams(streams);
  }

  override readAll(after: bigint, limit: number): Promise<readonly RecordedEvent[]> {
    return this.inner.readAll(after, limit);
  }

  override head(): Promise<bigint> {
    return this.inner.head();
  }

  override onAppended(wake: () => void): () => void {
    return this.inner.onAppended(wake);
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
