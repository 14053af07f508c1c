// The feed as the publisher sees it: records go out, and are acknowledged or not.

/** One event of a message, ready to be sent. */
export interface FeedRecord {
  /** The message id: records of one key keep their order. */
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly source: FeedSource;
}

/** Where a record stands in the journal. */
export interface FeedSource {
  readonly eventId: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
}

export abstract class FeedProducer {
  /**
   * Resolves when all of them are acknowledged by every replica that is in sync. One call at a time.
   * After an error some of them may have arrived: sending them again duplicates those.
   *
   * @throws FeedUnavailableError nobody knows how many arrived; send all again later, in the same order.
   * @throws RecordsRefusedError at least one of them will never be taken; send fewer to learn which.
   */
  abstract send(records: readonly FeedRecord[]): Promise<void>;

  /** Gives every connection back. */
  abstract close(): Promise<void>;
}

export abstract class FeedError extends Error {
  abstract readonly code: string;
  abstract readonly retryable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Retryable: the broker is away, refuses the account or has no such topic. Somebody may have to look. */
export class FeedUnavailableError extends FeedError {
  readonly code = 'FEED_UNAVAILABLE';
  readonly retryable = true;
}

/** Not retryable: the same records will be refused again. */
export class RecordsRefusedError extends FeedError {
  readonly code = 'FEED_RECORDS_REFUSED';
  readonly retryable = false;
}

/** The service stops; the checkpoint has not moved, so the next start sends the rest. */
export class FeedStoppedError extends FeedError {
  readonly code = 'FEED_STOPPED';
  readonly retryable = true;
}
