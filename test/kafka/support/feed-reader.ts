// A consumer of the feed as others would write it: its own group, everything from the beginning, kept in
// the order in which it came.
import { type Consumer, Kafka, type KafkaConfig } from 'kafkajs';
import { eventually } from '../../support/eventually.js';

export interface ReadRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly event: CloudEvent;
}

export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly revision: string;
  readonly position: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Joining a group takes seconds. A guess. */
const DEADLINE_MS = 40_000;

export class FeedReader {
  /** Everything that came, repeats included, oldest first. */
  readonly records: ReadRecord[] = [];
  private readonly listeners = new Set<() => void>();

  private constructor(private readonly consumer: Consumer) {}

  /** @param account where the broker asks for one */
  static async start(
    broker: string,
    topic: string,
    groupId: string,
    account: Pick<KafkaConfig, 'ssl' | 'sasl'> = {},
  ): Promise<FeedReader> {
    const kafka = new Kafka({
      ...account,
      clientId: groupId,
      brokers: [broker],
      logCreator: () => () => undefined,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 60 },
    });
    const reader = new FeedReader(kafka.consumer({ groupId, sessionTimeout: 10_000 }));
    await reader.consumer.connect();
    await reader.consumer.subscribe({ topic, fromBeginning: true });
    await reader.consumer.run({
      eachMessage: ({ partition, message }) => {
        const headers = Object.entries(message.headers ?? {});
        reader.records.push({
          partition,
          offset: BigInt(message.offset),
          key: String(message.key),
          headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
          event: JSON.parse(String(message.value)) as CloudEvent,
        });
        for (const listener of reader.listeners) listener();
        return Promise.resolve();
      },
    });
    return reader;
  }

  /** Resolves when so many different events have come. */
  until(events: number): Promise<void> {
    return eventually(
      (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      `${String(events)} different events in the feed`,
      () => this.firsts().length >= events,
      DEADLINE_MS,
    );
  }

  /** Without repeats, as docs/EVENTS.md says a consumer should: by the id of the event. */
  firsts(): readonly ReadRecord[] {
    const seen = new Set<string>();
    return this.records.filter(({ event: { id } }) => !seen.has(id) && seen.add(id));
  }

  async stop(): Promise<void> {
    await this.consumer.disconnect();
  }
}
