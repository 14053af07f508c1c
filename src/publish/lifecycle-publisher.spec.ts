import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLog } from '../../test/support/connector-recorder.js';
import { quiet } from '../../test/support/eventually.js';
import { accept, attemptSubmit, messageIdOf, tookAs } from '../../test/support/message-commands.js';
import { ScriptedProducer } from '../../test/support/scripted-producer.js';
import { SeededRandomness, VirtualClock } from '../clock/virtual-clock.js';
import { Metrics } from '../health/metrics.js';
import type { RecordedEvent } from '../journal/journal.js';
import { MemoryJournal } from '../journal/memory/memory-journal.js';
import { JournaledLifecycle } from '../lifecycle/journaled-lifecycle.js';
import type { Applied } from '../subscription/subscription.js';
import { FeedStoppedError } from './feed-producer.js';
import { LifecyclePublisher } from './lifecycle-publisher.js';

const HOUR_MS = 3_600_000;

let journal: MemoryJournal;
let lifecycle: JournaledLifecycle;
let producer: ScriptedProducer;
let clock: VirtualClock;
let metrics: Metrics;
let errors: object[];
let publisher: LifecyclePublisher;

beforeEach(() => {
  journal = new MemoryJournal();
  clock = new VirtualClock();
  lifecycle = new JournaledLifecycle(journal, clock, new SeededRandomness(1), () => undefined);
  producer = new ScriptedProducer();
  metrics = new Metrics();
  errors = [];
  const error = (what: object): void => void errors.push(what);
  publisher = new LifecyclePublisher(producer, 'masked', clock, { ...silentLog, error }, metrics);
  publisher.reset(0n, new Set());
});
afterEach(() => {
  metrics.close();
});

function all(): Promise<readonly RecordedEvent[]> {
  return journal.readAll(0n, 100_000);
}

/** What apply comes to while virtual time passes. */
async function passing(applied: Promise<Applied>, byMs: number): Promise<Applied | 'waiting'> {
  let end: Applied | 'waiting' = 'waiting';
  void applied.then(
    (value) => {
      end = value;
    },
    () => undefined,
  );
  for (let passedMs = 0; passedMs < byMs; passedMs += 1_000) {
    clock.advance(1_000);
    await Promise.resolve();
    if (passedMs % 30_000 === 0) await quiet();
  }
  await quiet();
  return end;
}

function takenIds(): string[] {
  return producer.taken.map(({ source }) => source.eventId);
}

describe('the publisher', () => {
  it('sends the events of messages in the order of the journal, keyed by message', async () => {
    await lifecycle.handleMany([accept(1), accept(2), attemptSubmit(1), tookAs(1, 'a')]);
    const events = await all();
    expect(await publisher.apply(events)).toEqual({ statements: [], stopped: [] });
    expect(takenIds()).toEqual(events.map(({ id }) => id));
    expect(producer.taken.map(({ key, headers }) => `${key} ${String(headers['revision'])}`)).toEqual(
      events.map(({ stream, revision }) => `${stream.slice('message-'.length)} ${String(revision)}`),
    );
  });

  it('leaves other streams alone', async () => {
    await lifecycle.handleMany([accept(1)]);
    const [event] = await all();
    if (event === undefined) throw new Error('no event');
    await publisher.apply([{ ...event, stream: 'receipts-main' }]);
    expect(producer.calls).toEqual([]);
  });

  it('cuts what would be too much for one send', async () => {
    await lifecycle.handleMany(
      Array.from({ length: 40 }, (_, index) => accept(index, { reference: 'r'.repeat(50_000) })),
    );
    const events = await all();
    await publisher.apply(events);
    expect(takenIds()).toEqual(events.map(({ id }) => id));
    const octets = producer.calls.map((records) => records.reduce((sum, { value }) => sum + value.length, 0));
    expect(octets.filter((sum) => sum > 512 * 1024)).toEqual([]);
    expect(producer.calls.length).toBeLessThan(6);
  });

  it('waits an hour for its broker with the same records, and goes on', async () => {
    await lifecycle.handleMany([accept(1), accept(2)]);
    const events = await all();
    producer.away = true;
    const applied = publisher.apply(events);
    expect(await passing(applied, HOUR_MS)).toBe('waiting');
    expect(producer.taken).toEqual([]);
    // 250 ms, doubled up to 30 s: about one try each half minute.
    expect(producer.calls.length).toBeGreaterThan(100);
    expect(producer.calls.length).toBeLessThan(135);
    expect(new Set(producer.calls).size).toBe(1);
    expect(publisher.trouble).toContain('ECONNREFUSED');
    producer.away = false;
    expect(await passing(applied, 31_000)).toEqual({ statements: [], stopped: [] });
    expect(takenIds()).toEqual(events.map(({ id }) => id));
    expect(publisher.trouble).toBeNull();
  });

  it('finds the record that is refused for good, tells of it, and sends the others in order', async () => {
    await lifecycle.handleMany(Array.from({ length: 9 }, (_, index) => accept(index)));
    await lifecycle.handleMany([attemptSubmit(4)]);
    const events = await all();
    producer.refuses = ({ key, headers }) => key === messageIdOf(4) && headers['revision'] === '0';
    const { statements, stopped } = await publisher.apply(events);
    const refused = events.find(({ stream }) => stream === `message-${messageIdOf(4)}`);
    expect(stopped).toEqual([]);
    expect(statements).toHaveLength(1);
    expect(statements[0]?.values.slice(1, 5)).toEqual([
      [String(refused?.position)],
      [refused?.stream],
      ['0'],
      [refused?.id],
    ]);
    expect(takenIds()).toEqual(events.map(({ id }) => id).filter((id) => id !== refused?.id));
    expect(errors).toEqual([
      expect.objectContaining({ stream: refused?.stream, position: String(refused?.position) }),
    ]);
    const text = await metrics.render();
    expect(text).toContain('surereach_feed_records_total{end="refused"} 1');
    expect(text).toContain('surereach_feed_records_total{end="acknowledged"} 9');
  });

  it('stops a stream at an event it does not know, for good, and no other', async () => {
    await lifecycle.handleMany([accept(1), accept(2)]);
    await lifecycle.handleMany([attemptSubmit(1), attemptSubmit(2)]);
    const [first, second, third, fourth] = await all();
    if (!first || !second || !third || !fourth) throw new Error('four events were expected');
    const newer = { ...first, metadata: { ...first.metadata, schemaVersion: 2 } };
    const { stopped } = await publisher.apply([newer, second]);
    expect(stopped).toEqual([
      { stream: first.stream, position: first.position, error: expect.stringContaining('version 2') },
    ]);
    expect(await publisher.apply([third, fourth])).toEqual({ statements: [], stopped: [] });
    expect(takenIds()).toEqual([second.id, fourth.id]);
    publisher.reset(0n, new Set([second.stream]));
    await publisher.apply([third, fourth]);
    expect(takenIds()).toEqual([second.id, fourth.id, third.id]);
  });

  it('ends a pause at once when it is stopped', async () => {
    await lifecycle.handleMany([accept(1)]);
    producer.away = true;
    const applied = publisher.apply(await all());
    await quiet();
    publisher.stop();
    await expect(applied).rejects.toThrow(FeedStoppedError);
  });

  it('gives a send that is under way three seconds when it is stopped', async () => {
    await lifecycle.handleMany([accept(1)]);
    producer.silent = true;
    const applied = publisher.apply(await all());
    publisher.stop();
    expect(await passing(applied, 2_000)).toBe('waiting');
    const ended = expect(applied).rejects.toThrow(FeedStoppedError);
    clock.advance(1_500);
    await ended;
  });
});
