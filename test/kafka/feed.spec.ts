// The feed as its consumers see it, over a broker as people run it: nothing is missing, the order of
// each message holds, and what comes twice can be told by its id.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { SeededRandomness } from '../../src/clock/virtual-clock.js';
import type { KafkaConfig } from '../../src/config/config.js';
import { accept } from '../support/message-commands.js';
import { live } from '../support/message-lives.js';
import { polled } from '../support/polled.js';
import { FeedReader } from './support/feed-reader.js';
import { FeedRoom, kafkaConfig } from './support/feed-room.js';
import { KafkaBroker } from './support/kafka-broker.js';
import { overBroker } from './support/over-broker.js';

const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n);

overBroker('the feed', (classPath) => {
  let broker: KafkaBroker;
  let room: FeedRoom;
  let config: KafkaConfig;
  let readers: FeedReader[];
  let topics = 0;

  beforeAll(async () => {
    broker = await KafkaBroker.start(classPath);
  }, 90_000);

  afterAll(async () => {
    await broker.stop();
  });

  beforeEach(async () => {
    room = await FeedRoom.open();
    topics += 1;
    config = kafkaConfig(broker.address, `events-${String(topics)}`);
    readers = [];
  });

  afterEach(async () => {
    await Promise.all(readers.map((reader) => reader.stop()));
    await room.close();
  });

  async function read(group: string): Promise<FeedReader> {
    const reader = await FeedReader.start(broker.address, config.topic, group);
    readers.push(reader);
    return reader;
  }

  /** Every event of the journal once repeats are dropped, each message's in its order. */
  async function expectWhole(reader: FeedReader): Promise<void> {
    const events = await room.events();
    await reader.until(events.length);
    const firsts = reader.firsts();
    expect(firsts.map(({ event }) => event.id).sort()).toEqual(events.map(({ id }) => id).sort());
    const revisions = new Map<string, number>();
    for (const { key, event } of firsts) {
      const next = revisions.get(key) ?? 0;
      expect(`${key} ${event.revision}`).toBe(`${key} ${String(next)}`);
      revisions.set(key, next + 1);
    }
  }

  it('gives every event to each of two groups, the events of a message in order in one partition', async () => {
    await live(room.lifecycle, numbers(1, 60), new SeededRandomness(1));
    const publisher = await room.publish(config);
    await publisher.caughtUp();
    await live(room.lifecycle, numbers(61, 60), new SeededRandomness(2));
    const [one, other] = await Promise.all([read('billing'), read('support')]);
    for (const reader of [one, other]) {
      await expectWhole(reader);
      const partitions = new Map(
        reader.records.map(({ key, partition }) => [key, new Set<number>([partition])]),
      );
      for (const { key, partition } of reader.records) partitions.get(key)?.add(partition);
      expect([...partitions.values()].filter(({ size }) => size !== 1)).toEqual([]);
      expect(new Set(reader.records.map(({ partition }) => partition)).size).toBe(4);
    }
    // Nothing failed, so nothing came twice.
    expect(one.records).toHaveLength((await room.events()).length);
    const [first] = one.records;
    expect(first?.headers).toEqual({
      'content-type': 'application/cloudevents+json; charset=UTF-8',
      'event-id': first?.event.id,
      'event-type': first?.event.type,
      stream: `message-${String(first?.key)}`,
      revision: first?.event.revision,
      position: first?.event.position,
    });
  });

  it('loses nothing and keeps the order when the broker is killed and comes back', async () => {
    const publisher = await room.publish(config);
    await live(room.lifecycle, numbers(1, 40), new SeededRandomness(3));
    await publisher.caughtUp();
    await broker.kill();
    await live(room.lifecycle, numbers(41, 40), new SeededRandomness(4));
    await polled(
      'the publisher to notice',
      () => publisher.feed.health().status === 'up' && 'detail' in publisher.feed.health(),
    );
    expect(await publisher.feed.lag()).toBeGreaterThan(0n);
    await broker.restart();
    await publisher.caughtUp();
    const reader = await read('after the kill');
    await expectWhole(reader);
    expect(publisher.feed.health()).toEqual({ status: 'up' });
  }, 120_000);

  it('sends again what a killed publisher had sent and not noted, and nothing else', async () => {
    const doomed = await room.publish(config);
    await live(room.lifecycle, numbers(1, 20), new SeededRandomness(5));
    await doomed.caughtUp();
    const before = doomed.producer.sent;
    // It dies with the acknowledgement in its hand: the checkpoint has not moved.
    let acknowledged = false;
    doomed.producer.afterSend = () => {
      acknowledged = true;
      return new Promise(() => undefined);
    };
    await live(room.lifecycle, numbers(21, 20), new SeededRandomness(6));
    await polled('the last send of the doomed', () => acknowledged);
    const unnoted = doomed.producer.sent - before;
    await doomed.die(room.pool);
    const heir = await room.publish(config);
    await heir.caughtUp();
    const reader = await read('after the crash');
    await expectWhole(reader);
    await polled('the repeats', () => reader.records.length - reader.firsts().length >= unnoted);
    expect(unnoted).toBeGreaterThan(0);
    expect(reader.records.length - reader.firsts().length).toBe(unnoted);
  });

  it('leaves out what the broker will never take, writes it down, and goes on', async () => {
    const publisher = await room.publish({ ...config, compression: 'none', personalData: 'full' });
    const text = 'x'.repeat(1_200_000);
    await room.lifecycle.handleMany([accept(1), accept(2, { text }), accept(3)]);
    await room.lifecycle.handleMany(numbers(4, 30).map((number) => accept(number)));
    await publisher.caughtUp();
    const reader = await read('what is left');
    await reader.until(32);
    const events = await room.events();
    const tooLarge = events.find(({ data }) => JSON.stringify(data).length > 1_000_000);
    expect(reader.firsts().map(({ event }) => event.id)).not.toContain(tooLarge?.id);
    const { rows } = await room.pool.query(
      'select position::text, event_id, type, error from publish.refused_records',
    );
    expect(rows).toEqual([
      {
        position: String(tooLarge?.position),
        event_id: tooLarge?.id,
        type: 'MessageAccepted',
        error: expect.stringContaining('larger than the max message size'),
      },
    ]);
    expect(await publisher.metrics.render()).toContain('surereach_feed_records_total{end="refused"} 1');
  });
});
