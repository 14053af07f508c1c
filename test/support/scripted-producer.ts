// A feed producer that keeps what it is sent, and fails as it is told.
import {
  FeedProducer,
  type FeedRecord,
  FeedUnavailableError,
  RecordsRefusedError,
} from '../../src/publish/feed-producer.js';

export class ScriptedProducer extends FeedProducer {
  /** Everything that was acknowledged, in order. */
  readonly taken: FeedRecord[] = [];
  /** The records of each call, also of those that failed. */
  readonly calls: (readonly FeedRecord[])[] = [];
  away = false;
  /** Never answers while true. */
  silent = false;
  closed = false;
  refuses: (record: FeedRecord) => boolean = () => false;

  override async send(records: readonly FeedRecord[]): Promise<void> {
    this.calls.push(records);
    if (this.silent) return new Promise(() => undefined);
    if (this.away) throw new FeedUnavailableError('connect ECONNREFUSED 127.0.0.1:9092');
    if (records.some(this.refuses)) throw new RecordsRefusedError('larger than the broker takes');
    this.taken.push(...records);
    return Promise.resolve();
  }

  override close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}
