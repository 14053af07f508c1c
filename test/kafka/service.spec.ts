// The whole service with a broker that wants TLS and an account: what people set in production. A feed
// that cannot send is no reason to stop sending messages, and a killed service loses nothing of it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { polled } from '../support/polled.js';
import { selfSigned } from '../support/self-signed.js';
import { RunningService } from '../support/service.js';
import { newRunFolder, openTestDatabase, type TestDatabase } from '../support/test-postgres.js';
import { FeedReader } from './support/feed-reader.js';
import { KafkaBroker } from './support/kafka-broker.js';
import { overBroker } from './support/over-broker.js';

const ACCOUNT = 'surereach';
const PASSWORD = 'open-sesame-93';
const WRONG = 'open-barley-17';
const TOPIC = 'sms.events';
const MESSAGES = 40;

overBroker('the service with a feed', (classPath) => {
  const { cert, key } = selfSigned();
  let caFile: string;
  let broker: KafkaBroker;
  let database: TestDatabase;
  let service: RunningService;

  beforeAll(async () => {
    const folder = await newRunFolder();
    caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, cert);
    writeFileSync(join(folder, 'broker.pem'), key + cert);
    broker = await KafkaBroker.start(classPath, secured(folder));
    database = await openTestDatabase();
    service = await start(WRONG);
  }, 90_000);

  afterAll(async () => {
    const exit = await service.stop();
    await database.close();
    await broker.stop();
    expect(exit).toEqual({ code: 0, signal: null });
  });

  function secured(folder: string): Readonly<Record<string, string>> {
    const users = `user_broker="inner" user_${ACCOUNT}="${PASSWORD}"`;
    const login = `username="broker" password="inner" ${users}`;
    return {
      'listener.security.protocol.map': 'PLAINTEXT:SASL_SSL,CONTROLLER:PLAINTEXT',
      'sasl.enabled.mechanisms': 'PLAIN',
      'sasl.mechanism.inter.broker.protocol': 'PLAIN',
      'listener.name.plaintext.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${login};`,
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': join(folder, 'broker.pem'),
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': caFile,
    };
  }

  function start(password: string): Promise<RunningService> {
    return RunningService.start({
      databaseUrl: database.url,
      env: {
        KAFKA_BROKERS: broker.address,
        KAFKA_TOPIC: TOPIC,
        KAFKA_PARTITIONS: '3',
        KAFKA_TLS: 'true',
        KAFKA_TLS_CA_FILE: caFile,
        KAFKA_SASL_MECHANISM: 'plain',
        KAFKA_SASL_USERNAME: ACCOUNT,
        KAFKA_SASL_PASSWORD: password,
        LOG_LEVEL: 'debug',
      },
    });
  }

  function send(number: number): Promise<string> {
    const to = `+2547220${String(10_000 + number)}`;
    return service.send({ to, from: '20414', text: 'Your appointment is tomorrow at 9:30.' });
  }

  it('sends messages while the broker refuses its account, says so, and never tells the password', async () => {
    const message = await service.settled(await send(0));
    expect(message.outcome).toBe('reached-by-sms');
    const { checks } = await service.eventually<{ checks: { feed: { status: string; detail?: string } } }>(
      '/health/ready',
      'the feed to be in trouble',
      (ready) => ready.checks.feed.detail !== undefined,
    );
    expect(checks.feed).toEqual({ status: 'up', detail: expect.stringContaining('waiting for Kafka') });
    expect(checks.feed.detail).toMatch(/authentication/i);
    await polled('the log of it', () => service.output.includes('the feed waits for its broker'));
    expect(service.output).not.toContain(WRONG);
    expect(await service.stop()).toEqual({ code: 0, signal: null });
  });

  it('publishes everything once the account is right, also when the service is killed meanwhile', async () => {
    service = await start(PASSWORD);
    const ids = await Promise.all(Array.from({ length: MESSAGES }, (_, index) => send(index + 1)));
    await service.kill();
    expect(service.output).not.toContain(PASSWORD);
    service = await start(PASSWORD);
    // As far as they are now: the receipts of what the simulator had taken died with it.
    const histories = new Map<string, string[]>();
    for (const id of ids) {
      const events = await service.events(id);
      histories.set(
        id,
        events.map(({ type, revision }) => `surereach.${type}.v1 ${String(revision)}`),
      );
    }
    const reader = await FeedReader.start(broker.address, TOPIC, 'billing', {
      ssl: { ca: [cert] },
      sasl: { mechanism: 'plain', username: ACCOUNT, password: PASSWORD },
    });
    const heard = (id: string): string[] =>
      reader
        .firsts()
        .filter(({ key: messageId }) => messageId === id)
        .map(({ event }) => `${event.type} ${event.revision}`);
    try {
      await polled(
        'the feed to tell every history',
        () => ids.every((id) => heard(id).length >= (histories.get(id)?.length ?? 0)),
        30_000,
      );
      for (const id of ids) expect(heard(id).slice(0, histories.get(id)?.length)).toEqual(histories.get(id));
      expect(JSON.stringify(reader.records.map(({ event }) => event))).not.toMatch(/2547220|appointment/);
    } finally {
      await reader.stop();
    }
  }, 120_000);
});
