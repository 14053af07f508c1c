// What an EventStoreDB node keeps, and by which rules it appends: streams, revisions, positions,
// idempotency by event id, deleted streams. No wire, no faults.
export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface StoredEvent extends ProposedEvent {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
}

export type Expected = 'any' | 'no-stream' | 'stream-exists' | bigint;

export type AppendAnswer =
  | { readonly is: 'appended'; readonly revision: bigint; readonly position: bigint }
  | { readonly is: 'wrong-version'; readonly expected: Expected; readonly current: bigint | undefined }
  | { readonly is: 'deleted' }
  | { readonly is: 'too-large'; readonly limit: number };

export interface LogOptions {
  /** Positions grow by one from here on; absent: by the octets of each record, as in a log file. */
  readonly contiguousAfter?: bigint;
}

// The default of the servers up to 24.x, over type, data and metadata of all events of an append.
const MAX_APPEND_OCTETS = 1024 * 1024;
// The server remembers 8 MiB of committed ids for appends without an exact revision; a count will do here.
const REMEMBERED_IDS = 10_000;
const RECORD_HEAD_OCTETS = 96n;

export class StoredLog {
  readonly events: StoredEvent[] = [];
  private readonly streams = new Map<string, StoredEvent[]>();
  private readonly firstReadable = new Map<string, bigint>();
  private readonly tombstoned = new Set<string>();
  private readonly remembered = new Map<string, StoredEvent>();
  private readonly listeners = new Set<() => void>();
  private nextPosition: bigint;

  constructor(private readonly options: LogOptions = {}) {
    this.nextPosition = options.contiguousAfter ?? 1_000n;
    // A node's log never begins with the events of its users.
    this.store('$scavenges', [proposed('$scavengeIndexInitialized')]);
  }

  append(stream: string, expected: Expected, events: readonly ProposedEvent[]): AppendAnswer {
    if (this.tombstoned.has(stream)) return { is: 'deleted' };
    if (octetsOf(events) > MAX_APPEND_OCTETS) return { is: 'too-large', limit: MAX_APPEND_OCTETS };
    const present = this.streams.get(stream) ?? [];
    const last = BigInt(present.length) - 1n;
    if (!this.isAt(stream, last, expected)) return retriedOrWrong(present, expected, events);
    if (typeof expected !== 'bigint' && expected !== 'no-stream') {
      const known = this.rememberedLast(stream, events);
      if (known !== undefined) return appended(known);
    }
    return appended(this.store(stream, events) ?? present.at(-1));
  }

  /** Hides what the stream holds; it can be written again. */
  delete(stream: string): void {
    this.firstReadable.set(stream, BigInt(this.streams.get(stream)?.length ?? 0));
  }

  /** Ends the stream for ever. */
  tombstone(stream: string): void {
    this.tombstoned.add(stream);
  }

  isTombstoned(stream: string): boolean {
    return this.tombstoned.has(stream);
  }

  /** Undefined when there is nothing to read. */
  read(stream: string): readonly StoredEvent[] | undefined {
    const readable = this.streams.get(stream)?.slice(Number(this.firstReadable.get(stream) ?? 0n)) ?? [];
    return readable.length === 0 ? undefined : readable;
  }

  onAppended(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  private isAt(stream: string, last: bigint, expected: Expected): boolean {
    const isReadable = last >= (this.firstReadable.get(stream) ?? 0n);
    if (expected === 'any') return true;
    if (expected === 'no-stream') return !isReadable;
    if (expected === 'stream-exists') return isReadable;
    return expected === last;
  }

  private rememberedLast(stream: string, events: readonly ProposedEvent[]): StoredEvent | undefined {
    const known = events.map(({ id }) => this.remembered.get(id));
    return known.every((event) => event?.stream === stream) ? known.at(-1) : undefined;
  }

  private store(stream: string, events: readonly ProposedEvent[]): StoredEvent | undefined {
    const kept = this.streams.get(stream) ?? [];
    this.streams.set(stream, kept);
    for (const event of events) {
      const stored = { ...event, stream, revision: BigInt(kept.length), position: this.place(event) };
      kept.push(stored);
      this.events.push(stored);
      this.remembered.set(stored.id, stored);
      const [oldest] = this.remembered.keys();
      if (this.remembered.size > REMEMBERED_IDS && oldest !== undefined) this.remembered.delete(oldest);
    }
    for (const listener of this.listeners) listener();
    return events.length === 0 ? undefined : kept.at(-1);
  }

  private place(event: ProposedEvent): bigint {
    const place = this.nextPosition;
    const octets = RECORD_HEAD_OCTETS + BigInt(octetsOf([event]));
    this.nextPosition += this.options.contiguousAfter === undefined ? octets : 1n;
    return place;
  }
}

/** An exact revision that the stream has passed: every event must be the very one that stands there. */
function retriedOrWrong(
  present: readonly StoredEvent[],
  expected: Expected,
  events: readonly ProposedEvent[],
): AppendAnswer {
  const first =
    expected === 'no-stream' ? 0 : typeof expected === 'bigint' ? Number(expected) + 1 : undefined;
  if (first !== undefined) {
    const last = present[first + events.length - 1];
    if (last !== undefined && events.every(({ id }, n) => present[first + n]?.id === id))
      return appended(last);
  }
  return { is: 'wrong-version', expected, current: present.at(-1)?.revision };
}

function appended(last: StoredEvent | undefined): AppendAnswer {
  return { is: 'appended', revision: last?.revision ?? 0n, position: last?.position ?? 0n };
}

function octetsOf(events: readonly ProposedEvent[]): number {
  let octets = 0;
  for (const { type, data, metadata } of events) octets += type.length + data.length + metadata.length;
  return octets;
}

function proposed(type: string): ProposedEvent {
  const id = '00000000-0000-4000-8000-000000000000';
  return { id, type, contentType: 'application/json', data: Buffer.from('{}'), metadata: Buffer.from('{}') };
}
