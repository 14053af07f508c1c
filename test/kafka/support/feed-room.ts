// The feed over a real database and a real broker, with publishers that can be killed.
import type { Pool } from 'pg';
import { SystemClock } from '../../../src/clock/system-clock.js';
import { SeededRandomness } from '../../../src/clock/virtual-clock.js';
import type { KafkaConfig } from '../../../src/config/config.js';
import { Metrics } from '../../../src/health/metrics.js';
import type { RecordedEvent } from '../../../src/journal/journal.js';
import { PostgresJournal } from '../../../src/journal/postgres/postgres-journal.js';
import { JournaledLifecycle } from '../../../src/lifecycle/journaled-lifecycle.js';
import { openPool } from '../../../src/postgres/postgres.js';
import { Feed } from '../../../src/publish/feed.js';
import { FeedProducer, type FeedRecord } from '../../../src/publish/feed-producer.js';
import { KafkaProducer } from '../../../src/publish/kafka-producer.js';
import { Leases } from '../../../src/subscription/leases.js';
import { silentLog } from '../../support/connector-recorder.js';
import { polled } from '../../support/polled.js';
import { openTestDatabase, type TestDatabase } from '../../support/test-postgres.js';

const DEADLINE_MS = 40_000;

export function kafkaConfig(broker: string, topic: string): KafkaConfig {
  return {
    brokers: [broker],
    topic,
    partitions: 4,
    replication: 1,
    clientId: 'surereach-test',
    compression: 'gzip',
    personalData: 'masked',
    tls: false,
    tlsCaFile: null,
    sasl: null,
  };
}

/** A producer of one process, which a test can stop at the worst moment. */
export class WatchedProducer extends FeedProducer {
  sent = 0;
  /** Called when the broker has acknowledged and nobody knows yet; a promise that never ends is a crash. */
  afterSend: () => Promise<void> = () => Promise.resolve();

  constructor(private readonly producer: FeedProducer) {
    super();
  }

  override async send(records: readonly FeedRecord[]): Promise<void> {
    await this.producer.send(records);
    this.sent += records.length;
    await this.afterSend();
  }

  override close(): Promise<void> {
    return this.producer.close();
  }
}

/** What one publishing process has. */
export class Publisher {
  readonly metrics = new Metrics();
  readonly producer: WatchedProducer;
  readonly feed: Feed;
  private readonly clock = new SystemClock();
  private readonly pool: Pool;
  private readonly journal: PostgresJournal;
  private readonly leases: Leases;

  constructor(
    url: string,
    config: KafkaConfig,
    private readonly name: string,
  ) {
    const { clock } = this;
    this.pool = openPool({ url, applicationName: name });
    this.journal = new PostgresJournal({ url, pool: this.pool, clock });
    this.leases = new Leases(this.pool, clock, silentLog);
    this.producer = new WatchedProducer(new KafkaProducer(config, clock, silentLog));
    const { pool, journal, leases, producer, metrics } = this;
    this.feed = new Feed(
      { journal, pool, leases, clock, log: silentLog, metrics, producer },
      config.personalData,
    );
  }

  async start(): Promise<void> {
    await this.leases.start();
    this.feed.start();
  }

  async caughtUp(): Promise<void> {
    await polled('the feed to be published', async () => (await this.feed.lag()) === 0n, DEADLINE_MS);
  }

  /** Its machine is gone: every connection to the database is cut, and none can be made again. */
  async die(by: Pool): Promise<void> {
    // Port 1 of this machine: nobody listens there.
    this.pool.options.connectionString = 'postgres://nobody@127.0.0.1:1/nowhere';
    await by.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where application_name like $1 and pid <> pg_backend_pid()',
      [`%${this.name}`],
    );
  }

  async stop(): Promise<void> {
    await this.feed.stop();
    await this.leases.stop();
    await this.journal.close();
    await this.pool.end();
    this.metrics.close();
  }
}

export class FeedRoom {
  readonly pool: Pool;
  readonly journal: PostgresJournal;
  readonly lifecycle: JournaledLifecycle;
  private publishers: Publisher[] = [];

  private constructor(private readonly database: TestDatabase) {
    const { url } = database;
    const clock = new SystemClock();
    this.pool = openPool({ url, applicationName: 'feed room' });
    this.journal = new PostgresJournal({ url, pool: this.pool, clock });
    this.lifecycle = new JournaledLifecycle(this.journal, clock, new SeededRandomness(14), () => undefined);
  }

  static async open(): Promise<FeedRoom> {
    return new FeedRoom(await openTestDatabase());
  }

  async publish(config: KafkaConfig): Promise<Publisher> {
    const publisher = new Publisher(this.database.url, config, `publisher ${String(this.publishers.length)}`);
    this.publishers.push(publisher);
    await publisher.start();
    return publisher;
  }

  /** Everything there is, in order: the feed must say the same. */
  events(): Promise<readonly RecordedEvent[]> {
    return this.journal.readAll(0n, 1_000_000);
  }

  async close(): Promise<void> {
    await Promise.all(this.publishers.map((publisher) => publisher.stop()));
    this.publishers = [];
    await this.journal.close();
    await this.pool.end();
    await this.database.close();
  }
}
