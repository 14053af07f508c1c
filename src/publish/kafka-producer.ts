// The feed over Kafka, by npm `kafkajs`. Nothing else in the service knows that package.
//
// A producer that failed is thrown away and never used again: kafkajs takes back its sequence numbers
// when one partition of several fails, and the broker would then drop other records under the same
// numbers as repeats. A new producer has a new identity, and what arrived before arrives twice.
import { readFileSync } from 'node:fs';
import {
  CompressionTypes,
  Kafka,
  type KafkaConfig as ClientConfig,
  Partitioners,
  type Producer,
} from 'kafkajs';
import type { Clock } from '../clock/clock.js';
import type { KafkaConfig } from '../config/config.js';
import type { Log } from '../health/log.js';
import { FeedProducer, type FeedRecord, FeedUnavailableError, RecordsRefusedError } from './feed-producer.js';
import { cureIdleTimer } from './kafka-idle-timer.js';

/** Answers that another try will not change (Kafka protocol, error codes 10, 18, 32, 87). */
const REFUSALS: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TIMESTAMP',
  'INVALID_RECORD',
]);

/** Guesses. The publisher tries again for ever, with pauses of its own: these only bound one try. */
const CONNECT_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 10_000;
const RETRY = { retries: 2, initialRetryTime: 100, maxRetryTime: 1_000 };

/** How long the farewell to a broker may take: kafkajs waits for answers that may never come. A guess. */
const CLOSE_MS = 2_000;

const ALL_IN_SYNC = -1;
/** The broker's own num.partitions and default.replication.factor. */
const BROKER_DEFAULT = -1;

export class KafkaProducer extends FeedProducer {
  private readonly kafka: Kafka;
  private open: Promise<Producer> | null = null;
  private hasTopic = false;

  constructor(
    private readonly config: KafkaConfig,
    private readonly clock: Clock,
    private readonly log: Pick<Log, 'warn' | 'debug'>,
  ) {
    super();
    cureIdleTimer();
    this.kafka = new Kafka(clientConfig(config, log));
  }

  override async send(records: readonly FeedRecord[]): Promise<void> {
    try {
      const producer = await (this.open ??= this.connect());
      await producer.send({
        topic: this.config.topic,
        acks: ALL_IN_SYNC,
        timeout: REQUEST_TIMEOUT_MS,
        compression: this.config.compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
        messages: records.map(({ key, value, headers }) => ({ key, value, headers: { ...headers } })),
      });
    } catch (error) {
      this.discard();
      throw feedError(error);
    }
  }

  override async close(): Promise<void> {
    const open = this.open;
    this.open = null;
    if (open === null) return;
    const closed = open.then((producer) => producer.disconnect()).catch(() => undefined);
    await Promise.race([closed, this.clock.wait(CLOSE_MS)]);
  }

  private async connect(): Promise<Producer> {
    await this.createTopic();
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    return producer;
  }

  /** Nobody waits for its end: kafkajs may wait for ever for a broker that is gone. */
  private discard(): void {
    const open = this.open;
    this.open = null;
    open?.then((producer) => producer.disconnect()).catch(() => undefined);
  }

  /** Does nothing when it is there. Not being allowed to is no reason to stop: somebody else may have. */
  private async createTopic(): Promise<void> {
    if (this.hasTopic) return;
    const { topic, partitions, replication } = this.config;
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      const wanted = {
        topic,
        numPartitions: partitions ?? BROKER_DEFAULT,
        replicationFactor: replication ?? BROKER_DEFAULT,
      };
      await admin.createTopics({ topics: [wanted] });
    } catch (error) {
      // Anything else is a broker that did not answer: the next try asks again.
      if (!(error instanceof Error) || error.name !== 'KafkaJSAggregateError') throw error;
      this.log.warn(
        { topic, error: reasonOf(error) },
        'the topic of the feed could not be created; using it as it is',
      );
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
    this.hasTopic = true;
  }
}

function clientConfig(config: KafkaConfig, log: Pick<Log, 'debug'>): ClientConfig {
  const { brokers, clientId, sasl, tls, tlsCaFile } = config;
  const ca = tlsCaFile === null ? {} : { ca: [certificateIn(tlsCaFile)] };
  return {
    clientId,
    brokers: [...brokers],
    connectionTimeout: CONNECT_TIMEOUT_MS,
    authenticationTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: RETRY,
    ...(tls ? { ssl: { rejectUnauthorized: true, ...ca } } : {}),
    ...(sasl === null
      ? {}
      : {
          // The package has a type for each mechanism; their fields are the same.
          sasl: {
            mechanism: sasl.mechanism as 'plain',
            username: sasl.username,
            password: sasl.password.reveal(),
          },
        }),
    // Every failure reaches the publisher, which tells it once; this is for looking closer.
    logCreator: () => (entry) => {
      log.debug({ kafkajs: entry.namespace, message: entry.log.message }, 'kafkajs');
    },
  };
}

/** @throws Error at the start of the service, which then says so and ends */
function certificateIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const way = `KAFKA_TLS_CA_FILE names a file that cannot be read (${reason}): correct the path or its rights`;
    throw new Error(way, { cause });
  }
}

function feedError(error: unknown): Error {
  const type = (error as { readonly type?: unknown }).type;
  const options = { cause: error };
  if (typeof type === 'string' && REFUSALS.has(type))
    return new RecordsRefusedError(reasonOf(error), options);
  return new FeedUnavailableError(reasonOf(error), options);
}

/** kafkajs wraps what went wrong in how often it tried. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = (error as { readonly errors?: readonly Error[] }).errors?.[0] ?? error.cause;
  return inner instanceof Error ? inner.message : error.message;
}
