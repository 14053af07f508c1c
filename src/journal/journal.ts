// The journal port: the one durable record of what happened, and the only way rooms hear of
// each other. It knows streams, revisions and positions; it knows nothing of messages.
import type { WrongExpectedRevisionError } from './journal.errors.js';

/** The revision a stream has before its first event; the first event gets revision 0. */
export const NO_STREAM = -1n;

/** Position before the first event of the whole journal. Positions only grow; some adapters leave gaps. */
export const BEGINNING = 0n;

export interface EventMetadata {
  /** Joins everything one request caused; the message id for the life of a message. */
  readonly correlationId: string;
  /** The id of the command or event that caused this one. */
  readonly causationId: string;
  readonly tenantId: string;
  /** When it happened: ISO 8601, UTC, milliseconds. */
  readonly at: string;
  /** Version of the shape of `data`; 1 for the first. */
  readonly schemaVersion: number;
}

export interface NewEvent<Type extends string = string, Data extends object = object> {
  /** UUID. The same id at the same revision is the same event: a retried append leaves one copy. */
  readonly id: string;
  readonly type: Type;
  /** Plain JSON: no undefined, no Date, no bigint. Treat as frozen once handed over. */
  readonly data: Data;
  readonly metadata: EventMetadata;
}

export interface RecordedEvent<Type extends string = string, Data extends object = object> extends NewEvent<
  Type,
  Data
> {
  readonly stream: string;
  /** Place in the stream; the first is 0 in every adapter. */
  readonly revision: bigint;
  /** Place in the whole journal; strictly greater than that of every event committed before. */
  readonly position: bigint;
}

/** Events to add to one stream. */
export interface StreamAppend {
  readonly stream: string;
  /** Revision of the stream's last event as the caller knows it, NO_STREAM for a new stream. */
  readonly expectedRevision: bigint;
  /** At least one. */
  readonly events: readonly NewEvent[];
}

export type AppendOutcome =
  | {
      readonly status: 'appended';
      /** Revision of the stream's last event after this append. */
      readonly revision: bigint;
      /** Position of the last event of this append. */
      readonly position: bigint;
    }
  | { readonly status: 'conflict'; readonly error: WrongExpectedRevisionError };

export abstract class Journal {
  /**
   * Appends to many streams in one durable write and resolves when it is durable.
   *
   * Outcomes are in the order of `appends`. A stream whose revision is not the expected one is
   * rejected alone; the others are appended. Events of one append are contiguous and in order.
   * An append whose very events (same ids, same revisions) are already there is `appended`
   * again with its first revision and position: retrying is safe. The same stream must not
   * stand twice in one call.
   *
   * @throws JournalUnavailableError nothing was written; retry when the store is back.
   * @throws AppendOutcomeUnknownError it may or may not have been written: retry with the same
   *   event ids and the same expected revisions.
   */
  abstract append(appends: readonly StreamAppend[]): Promise<readonly AppendOutcome[]>;

  /** All events of one stream from `fromRevision` on, oldest first; empty when there is none. */
  abstract readStream(stream: string, fromRevision?: bigint): Promise<readonly RecordedEvent[]>;

  /** As readStream, for many streams in one round trip. Streams without events are absent. */
  abstract readStreams(streams: readonly string[]): Promise<ReadonlyMap<string, readonly RecordedEvent[]>>;

  /**
   * Up to `limit` events after position `after` (exclusive) in the order of positions. What it
   * returns is complete up to its last event: no event with a smaller position appears later.
   */
  abstract readAll(after: bigint, limit: number): Promise<readonly RecordedEvent[]>;

  /** Position of the last committed event, BEGINNING when there is none. */
  abstract head(): Promise<bigint>;

  /**
   * Calls `wake` soon after anything was appended by any process, at least once per quiet
   * period; it may also call it for nothing. Returns how to stop.
   */
  abstract onAppended(wake: () => void): () => void;
}
