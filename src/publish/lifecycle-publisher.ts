// Sends every event of every message to the feed, in the order of the journal, at least once.
//
// The checkpoint moves only after the broker has acknowledged, so a crash or a lost lease sends the
// last batch again: consumers tell repeats by the event id. A batch is all that is ever in memory,
// however long the broker is away: nothing is read from the journal meanwhile.
//
// what happens                       | what follows
// acknowledged                       | the checkpoint moves
// broker away, nobody knows          | the same records again, in the same order, after a pause
// a record is refused for good       | written down and counted, the others go on
// an event this build does not know  | its stream is stopped: what is private in it is not known either
// stop                               | the batch ends without a checkpoint
import type { Cancel, Clock } from '../clock/clock.js';
import type { Log } from '../health/log.js';
import type { Metrics } from '../health/metrics.js';
import type { RecordedEvent } from '../journal/journal.js';
import { messageIdOf, toMessageEvent } from '../lifecycle/message-stream.js';
import { type Applied, type Statement, SubscriptionHandler } from '../subscription/subscription.js';
import {
  type FeedProducer,
  type FeedRecord,
  FeedStoppedError,
  RecordsRefusedError,
} from './feed-producer.js';
import { lifecycleRecord, type PersonalData } from './lifecycle-record.js';

/** With a version: a new one publishes everything again from the beginning. */
export const FEED = 'feed-v1';

/** In one send, before compression: half of what a broker takes by default (message.max.bytes, 1 MiB). */
const MAX_SEND_OCTETS = 512 * 1024;

/** Pauses while the broker is away; guesses: soon back after a restart, and a line of log each half minute. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

/** How long a send that is under way may still be acknowledged when the service stops. A guess. */
const STOP_GRACE_MS = 3_000;

interface Refused {
  readonly record: FeedRecord;
  readonly error: string;
}

export class LifecyclePublisher extends SubscriptionHandler {
  /** Null while the broker takes what it is sent. */
  trouble: string | null = null;
  private stopped = new Set<string>();
  private stopping = false;
  private cancelPause: Cancel = () => undefined;
  private endPause: () => void = () => undefined;
  private giveUp: (error: FeedStoppedError) => void = () => undefined;

  constructor(
    private readonly producer: FeedProducer,
    private readonly personalData: PersonalData,
    private readonly clock: Clock,
    private readonly log: Pick<Log, 'info' | 'warn' | 'error'>,
    private readonly metrics: Pick<Metrics, 'feedRecords' | 'feedFailures'>,
  ) {
    super();
  }

  override reset(_checkpoint: bigint, stopped: ReadonlySet<string>): void {
    this.stopped = new Set(stopped);
  }

  /** Resolves when all of them are acknowledged or refused. @throws FeedStoppedError after stop() */
  override async apply(events: readonly RecordedEvent[]): Promise<Applied> {
    const { records, stopped } = this.recordsOf(events);
    const refused: Refused[] = [];
    for (const send of inSends(records)) refused.push(...(await this.deliver(send)));
    this.metrics.feedRecords.inc({ end: 'acknowledged' }, records.length - refused.length);
    if (refused.length === 0) return { statements: [], stopped };
    for (const { record, error } of refused) this.tellRefused(record, error);
    this.metrics.feedRecords.inc({ end: 'refused' }, refused.length);
    return { statements: [recordRefused(refused)], stopped };
  }

  /** Ends a pause at once, and a send that is not acknowledged soon. */
  stop(): void {
    this.stopping = true;
    this.cancelPause();
    this.endPause();
    this.clock.after(STOP_GRACE_MS, () => {
      this.giveUp(new FeedStoppedError('the broker did not answer while the service was stopping'));
    });
  }

  private recordsOf(events: readonly RecordedEvent[]): Pick<Applied, 'stopped'> & { records: FeedRecord[] } {
    const records: FeedRecord[] = [];
    const stopped: Applied['stopped'][number][] = [];
    for (const event of events) {
      const { stream, position } = event;
      const messageId = messageIdOf(stream);
      if (messageId === undefined || this.stopped.has(stream)) continue;
      try {
        records.push(lifecycleRecord(event, toMessageEvent(event), messageId, this.personalData));
      } catch (error) {
        this.stopped.add(stream);
        stopped.push({ stream, position, error: String(error) });
      }
    }
    return { records, stopped };
  }

  /** @returns those the broker will never take; the halves before and after them are sent in order. */
  private async deliver(records: readonly FeedRecord[]): Promise<readonly Refused[]> {
    try {
      await this.sendUntilAcknowledged(records);
      return [];
    } catch (error) {
      if (!(error instanceof RecordsRefusedError)) throw error;
      const [record] = records;
      if (record !== undefined && records.length === 1) return [{ record, error: error.message }];
      const half = Math.ceil(records.length / 2);
      const first = await this.deliver(records.slice(0, half));
      return [...first, ...(await this.deliver(records.slice(half)))];
    }
  }

  private async sendUntilAcknowledged(records: readonly FeedRecord[]): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      if (this.isStopping()) throw new FeedStoppedError('the service is stopping');
      try {
        await this.sendOrGiveUp(records);
        if (this.trouble !== null) this.log.info({ records: records.length }, 'the feed goes on');
        this.trouble = null;
        return;
      } catch (error) {
        if (error instanceof RecordsRefusedError || error instanceof FeedStoppedError) throw error;
        this.trouble = error instanceof Error ? error.message : String(error);
        this.metrics.feedFailures.inc();
        this.log.warn({ error: this.trouble, againInMs: pauseMs }, 'the feed waits for its broker');
        await this.pause(pauseMs);
      }
    }
  }

  private async sendOrGiveUp(records: readonly FeedRecord[]): Promise<void> {
    const givenUp = new Promise<never>((_resolve, reject) => {
      this.giveUp = reject;
    });
    // What becomes of it after we gave up is nobody's concern: it is sent again anyway.
    const sent = this.producer.send(records);
    sent.catch(() => undefined);
    await Promise.race([sent, givenUp]);
  }

  private async pause(delayMs: number): Promise<void> {
    if (this.stopping) return;
    await new Promise<void>((resolve) => {
      this.endPause = resolve;
      this.cancelPause = this.clock.after(delayMs, resolve);
    });
  }

  private tellRefused({ source, value }: FeedRecord, error: string): void {
    const { stream, revision, position, type } = source;
    const where = { stream, type, revision: String(revision), position: String(position) };
    this.log.error({ ...where, octets: octetsOf(value), error }, 'the broker refuses a record of the feed');
  }

  /** Asked anew: it changes while others are waited for, which the compiler does not see. */
  private isStopping(): boolean {
    return this.stopping;
  }
}

/** Cut so that one send stays within MAX_SEND_OCTETS; a record that is larger goes alone. */
function inSends(records: readonly FeedRecord[]): readonly (readonly FeedRecord[])[] {
  const sends: FeedRecord[][] = [];
  let octets = Number.POSITIVE_INFINITY;
  for (const record of records) {
    const size = octetsOf(record.value);
    if (octets + size > MAX_SEND_OCTETS) {
      sends.push([]);
      octets = 0;
    }
    sends.at(-1)?.push(record);
    octets += size;
  }
  return sends;
}

function octetsOf(value: string): number {
  return Buffer.byteLength(value);
}

function recordRefused(refused: readonly Refused[]): Statement {
  const column = (read: (one: Refused) => string | number): unknown => refused.map(read);
  return {
    name: 'publish-refused-records',
    text: `insert into publish.refused_records
             (id, position, stream, revision, event_id, type, octets, error)
           select $1::text, refused.* from unnest($2::numeric[], $3::text[], $4::numeric[], $5::uuid[], $6::text[],
                                    $7::integer[], $8::text[]) as refused
           on conflict (id, position) do nothing`,
    values: [
      FEED,
      column(({ record }) => String(record.source.position)),
      column(({ record }) => record.source.stream),
      column(({ record }) => String(record.source.revision)),
      column(({ record }) => record.source.eventId),
      column(({ record }) => record.source.type),
      column(({ record }) => octetsOf(record.value)),
      column(({ error }) => error),
    ],
  };
}
