// Folds message streams in memory for a projection: what each stream came to before and after
// a batch. The cache only saves reading back; on a miss the stream is read from the journal up
// to the batch, so that the result depends on the events alone.
import type { Journal, RecordedEvent } from '../src/journal/journal.js';
import { messageIdOf, messageStream, toMessageEvent } from '../src/lifecycle/message-stream.js';
import { RecentMap } from '../src/memory/recent-map.js';
import type { MessageEvent } from '../src/message/message.events.js';
import type { StoppedStream } from '../src/subscription/subscription.js';

export interface Change<State> {
  readonly messageId: string;
  /** Undefined when the batch holds the message's first event. */
  readonly before: State | undefined;
  readonly after: State;
  /** Of the last event that `after` holds. */
  readonly revision: bigint;
}

export interface Folded<State> {
  readonly changes: readonly Change<State>[];
  readonly stopped: readonly StoppedStream[];
}

/** Open messages, about 1 KB each, up to twice as many. Settled ones are dropped: little ever happens to them again. */
const CACHED_STATES = 10_000;

interface Draft<State> {
  before: State | undefined;
  after: State | undefined;
  events: RecordedEvent[];
  /** Of the last event of the batch that was applied; undefined when none was. */
  revision: bigint | undefined;
}

export class StreamFold<State extends object> {
  private readonly cache = new RecentMap<string, State>(CACHED_STATES);
  private stopped = new Set<string>();

  constructor(
    private readonly journal: Journal,
    private readonly evolve: (state: State | undefined, event: MessageEvent) => State,
    private readonly isSettled: (state: State) => boolean,
    /** The state after exactly this event, when somebody in this process has worked it out already. */
    private readonly known: (messageId: string, revision: bigint) => State | undefined = () => undefined,
  ) {}

  reset(stopped: ReadonlySet<string>): void {
    this.cache.clear();
    this.stopped = new Set(stopped);
  }

  async fold(events: readonly RecordedEvent[]): Promise<Folded<State>> {
    const drafts = this.draftsOf(events);
    const newlyStopped = await this.loadMissing(drafts);
    const changes: Change<State>[] = [];
    for (const [messageId, draft] of drafts) {
      const failure = this.applyOrKnow(messageId, draft);
      if (failure !== undefined) newlyStopped.push(failure);
      const { before, after, revision } = draft;
      if (after === undefined) continue;
      if (this.isSettled(after)) this.cache.delete(messageId);
      else this.cache.set(messageId, after);
      if (revision !== undefined) changes.push({ messageId, before, after, revision });
    }
    for (const { stream } of newlyStopped) this.stopped.add(stream);
    return { changes, stopped: newlyStopped };
  }

  private draftsOf(events: readonly RecordedEvent[]): Map<string, Draft<State>> {
    const drafts = new Map<string, Draft<State>>();
    for (const event of events) {
      const messageId = messageIdOf(event.stream);
      if (messageId === undefined || this.stopped.has(event.stream)) continue;
      const draft = drafts.get(messageId);
      if (draft !== undefined) {
        draft.events.push(event);
        continue;
      }
      const cached = this.cache.get(messageId);
      drafts.set(messageId, { before: cached, after: cached, events: [event], revision: undefined });
    }
    return drafts;
  }

  /** Reads back what the cache does not hold; returns the streams that cannot be followed that far. */
  private async loadMissing(drafts: ReadonlyMap<string, Draft<State>>): Promise<StoppedStream[]> {
    const missing = new Map<string, Draft<State>>();
    for (const [messageId, draft] of drafts) {
      if (draft.before === undefined && draft.events[0]?.revision !== 0n)
        missing.set(messageStream(messageId), draft);
    }
    const stopped: StoppedStream[] = [];
    if (missing.size === 0) return stopped;
    const streams = await this.journal.readStreams([...missing.keys()]);
    for (const [stream, draft] of missing) {
      const firstNew = draft.events[0]?.revision ?? 0n;
      const earlier = (streams.get(stream) ?? []).filter((event) => event.revision < firstNew);
      const ahead = draft.events;
      draft.events = earlier;
      const failure = this.apply(draft);
      draft.before = draft.after;
      // What could not be followed before the batch cannot be followed in it either: a build that
      // knew more came this far.
      draft.events = failure === undefined ? ahead : [];
      draft.revision = undefined;
      if (failure !== undefined) stopped.push(failure);
    }
    return stopped;
  }

  private applyOrKnow(messageId: string, draft: Draft<State>): StoppedStream | undefined {
    const last = draft.events.at(-1)?.revision;
    const known = last === undefined ? undefined : this.known(messageId, last);
    if (known === undefined) return this.apply(draft);
    draft.after = known;
    draft.revision = last;
    return undefined;
  }

  /** Applies until the first event that cannot be; that one stops the stream. */
  private apply(draft: Draft<State>): StoppedStream | undefined {
    for (const event of draft.events) {
      try {
        draft.after = this.evolve(draft.after, toMessageEvent(event));
        draft.revision = event.revision;
      } catch (error) {
        return { stream: event.stream, position: event.position, error: String(error) };
      }
    }
    return undefined;
  }
}
