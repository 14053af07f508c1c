// The publisher as one part of the service: who reads, when it stops, how far it is behind.
import type { Pool } from 'pg';
import type { LivingPart } from '../boot/lifespan.js';
import type { Clock } from '../clock/clock.js';
import type { Health } from '../health/health-checks.js';
import type { Log } from '../health/log.js';
import type { Metrics } from '../health/metrics.js';
import type { Journal } from '../journal/journal.js';
import type { Leases } from '../subscription/leases.js';
import { Subscription } from '../subscription/subscription.js';
import type { FeedProducer } from './feed-producer.js';
import { FEED, LifecyclePublisher } from './lifecycle-publisher.js';
import type { PersonalData } from './lifecycle-record.js';

/**
 * A batch is what a crash sends twice and all that is in memory. The pauses let events gather, so that
 * a commit and a request carry many; guesses.
 */
const READING = { batchSize: 1_000, pauseMs: 25, loadedPauseMs: 50, loadedBatchSize: 200 };

export interface FeedParts {
  readonly journal: Journal;
  readonly pool: Pool;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  readonly metrics: Pick<Metrics, 'feedRecords' | 'feedFailures'>;
  readonly producer: FeedProducer;
}

export class Feed implements LivingPart {
  readonly name = 'feed';
  readonly floor = 'readers';
  readonly subscription: Subscription;
  private readonly publisher: LifecyclePublisher;

  constructor(
    private readonly parts: FeedParts,
    personalData: PersonalData,
  ) {
    const { journal, pool, leases, clock, log, metrics, producer } = parts;
    this.publisher = new LifecyclePublisher(producer, personalData, clock, log, metrics);
    this.subscription = new Subscription(
      journal,
      pool,
      leases,
      clock,
      log,
      { id: FEED, ...READING },
      this.publisher,
    );
  }

  start(): void {
    this.subscription.start();
  }

  async stop(): Promise<void> {
    // In this order: a reader that is not told first would begin anew.
    const stopped = this.subscription.stop();
    this.publisher.stop();
    await stopped;
    await this.parts.producer.close();
  }

  /** Events of the journal that are not published yet, whichever process publishes. */
  async lag(): Promise<bigint> {
    const head = await this.parts.journal.head();
    const { rows } = await this.parts.pool.query<{ position: string }>(
      'select position::text from subscription.checkpoints where id = $1',
      [FEED],
    );
    const lag = head - BigInt(rows[0]?.position ?? 0);
    return lag > 0n ? lag : 0n;
  }

  /** Never down: without its broker the service does all the rest, and publishes later. */
  health(): Health {
    const { trouble } = this.publisher;
    return trouble === null ? { status: 'up' } : { status: 'up', detail: `waiting for Kafka: ${trouble}` };
  }
}
