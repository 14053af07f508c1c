// The journal over EventStoreDB when the node, the link or the leader fails: nothing is lost,
// nothing stands twice, and what is not known is called unknown.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SystemClock } from '../../src/clock/system-clock.js';
import { EventStoreJournal } from '../../src/journal/eventstoredb/eventstore-journal.js';
import {
  AppendOutcomeUnknownError,
  InvalidAppendError,
  JournalUnavailableError,
} from '../../src/journal/journal.errors.js';
import { NO_STREAM, type StreamAppend } from '../../src/journal/journal.js';
import { EventStoreNode } from '../support/eventstore/eventstore-node.js';
import type { ProposedEvent } from '../support/eventstore/stored-log.js';
import { eventually } from '../support/eventually.js';
import { eventNamed, eventsNamed } from '../support/journal-events.js';

const PREFIX = 'ours.';
/** Short, so that a silent node is given up soon; the real ones are seconds. */
const HASTY = { tryTimeoutMs: 200, patienceMs: 1_500 };

let node: EventStoreNode;
let journal: EventStoreJournal;

beforeEach(async () => {
  node = await EventStoreNode.start();
  journal = open(node.url);
});
afterEach(async () => {
  await journal.close();
  node.stop();
});

function open(url: string): EventStoreJournal {
  return new EventStoreJournal({
    url,
    prefix: PREFIX,
    clock: new SystemClock(),
    tuning: HASTY,
    readTimeoutMs: 300,
  });
}

function firstOf(stream: string, count = 2): StreamAppend {
  return { stream, expectedRevision: NO_STREAM, events: eventsNamed(stream, count) };
}

function storedIn(stream: string): number {
  return node.log.read(PREFIX + stream)?.length ?? 0;
}

function foreign(id: string): ProposedEvent {
  const octets = Buffer.from('{}');
  return { id, type: 'Foreign', contentType: 'application/json', data: octets, metadata: octets };
}

describe('an append to EventStoreDB', () => {
  test.each(['lost-before', 'lost-after', 'silent-before', 'silent-after'] as const)(
    'whose first try is %s is there once in the end',
    async (fault) => {
      node.faults.next(fault);
      const [outcome] = await journal.append([firstOf('faulty')]);
      expect(outcome).toMatchObject({ status: 'appended', revision: 1n });
      expect(storedIn('faulty')).toBe(2);
      expect(await journal.append([firstOf('faulty')])).toEqual([outcome]);
    },
  );

  test('that nobody answers is unknown, and repeating it leaves one copy', async () => {
    node.faults.next(...Array.from({ length: 20 }, () => 'silent-after' as const));
    await expect(journal.append([firstOf('silent')])).rejects.toThrow(AppendOutcomeUnknownError);
    expect(storedIn('silent')).toBe(2);
    await journal.close();
    journal = open(node.url);
    while (node.faults.takeAppendFault() !== undefined);
    expect(await journal.append([firstOf('silent')])).toMatchObject([{ status: 'appended', revision: 1n }]);
    expect(storedIn('silent')).toBe(2);
  });

  test('to many streams is unknown as soon as one stream is', async () => {
    node.faults.next('lost-before', ...Array.from({ length: 20 }, () => 'silent-before' as const));
    await expect(journal.append([firstOf('one'), firstOf('two')])).rejects.toThrow(AppendOutcomeUnknownError);
  });

  test('to a node where nobody listens is unavailable: nothing was written', async () => {
    node.stop();
    const nobody = open(node.url);
    await expect(nobody.append([firstOf('nobody')])).rejects.toThrow(JournalUnavailableError);
    await nobody.close();
  });

  test('goes through when the node comes back in time', async () => {
    await journal.append([firstOf('before')]);
    node.stop();
    const underWay = journal.append([firstOf('during')]);
    await node.startAgain();
    expect(await underWay).toMatchObject([{ status: 'appended', revision: 1n }]);
    expect(storedIn('during')).toBe(2);
  });

  test('follows the leader, and so do reads', async () => {
    await journal.append([firstOf('early')]);
    const leader = await EventStoreNode.start({ log: node.log });
    try {
      node.faults.leaderIs = { host: '127.0.0.1', port: leader.port };
      expect(await journal.append([firstOf('led')])).toMatchObject([{ status: 'appended' }]);
      expect(leader.counts.unary).toBe(1);
      expect(await journal.readStream('led')).toHaveLength(2);
    } finally {
      await journal.close();
      leader.stop();
    }
  });

  test('finds a new leader while reading', async () => {
    await journal.append([firstOf('early')]);
    const leader = await EventStoreNode.start({ log: node.log });
    try {
      node.faults.leaderIs = { host: '127.0.0.1', port: leader.port };
      expect(await journal.readAll(0n, 10)).toHaveLength(2);
    } finally {
      await journal.close();
      leader.stop();
    }
  });

  test('keeps the order of its stream also when an earlier one is tried twice', async () => {
    node.faults.next('lost-before');
    const [first, second] = await Promise.all([
      journal.append([firstOf('ordered', 1)]),
      journal.append([{ stream: 'ordered', expectedRevision: 0n, events: [eventNamed('next')] }]),
    ]);
    expect(first).toMatchObject([{ status: 'appended', revision: 0n }]);
    expect(second).toMatchObject([{ status: 'appended', revision: 1n }]);
  });

  test('never shares a call with another: one that breaks takes no other along', async () => {
    await journal.append(Array.from({ length: 5 }, (_, n) => firstOf(`alone-${String(n)}`)));
    expect(node.counts).toEqual({ unary: 5, batch: 0 });
  });

  test('has so many calls under way at most', async () => {
    node.faults.slowMs = 20;
    await journal.close();
    journal = new EventStoreJournal({
      url: node.url,
      prefix: PREFIX,
      clock: new SystemClock(),
      tuning: { inFlight: 3 },
    });
    await journal.append(Array.from({ length: 12 }, (_, n) => firstOf(`bounded-${String(n)}`, 1)));
    expect(node.mostAtOnce).toBe(3);
  });

  test('above a mebibyte is refused before anything of its call is written', async () => {
    const large = eventNamed('large', { text: 'x'.repeat(600_000) });
    const call = journal.append([
      firstOf('small'),
      { stream: 'large', expectedRevision: NO_STREAM, events: [large, { ...large, id: eventNamed('2').id }] },
    ]);
    await expect(call).rejects.toThrow(InvalidAppendError);
    await expect(call).rejects.toThrow('divide it');
    expect(storedIn('small')).toBe(0);
  });

  test('to a tombstoned stream is refused for good', async () => {
    node.log.tombstone(`${PREFIX}ended`);
    await expect(journal.append([firstOf('ended')])).rejects.toThrow(InvalidAppendError);
    expect(await journal.readStream('ended')).toEqual([]);
  });

  test('is refused once the journal is closed, after those under way have ended', async () => {
    node.faults.slowMs = 50;
    const underWay = journal.append([firstOf('closing')]);
    const closed = journal.close();
    await expect(journal.append([firstOf('late')])).rejects.toThrow('closed');
    expect(await underWay).toMatchObject([{ status: 'appended' }]);
    await closed;
  });
});

describe('reading from EventStoreDB', () => {
  test('passes over what others wrote, however much it is', async () => {
    const start = await journal.head();
    expect(start).toBe(0n);
    const uuids = Array.from({ length: 300 }, (_, n) => foreign(eventNamed(`foreign-${String(n)}`).id));
    node.log.append('others-1', 'no-stream', uuids.slice(0, 100));
    await journal.append([firstOf('mine')]);
    node.log.append('others-2', 'no-stream', uuids.slice(100));
    const events = await journal.readAll(start, 10);
    expect(events.map(({ stream }) => stream)).toEqual(['mine', 'mine']);
    const end = events.at(-1)?.position ?? 0n;
    expect(await journal.head()).toBe(end);
    expect(await open(node.url).head()).toBe(end);
    expect(await journal.readAll(end, 10)).toEqual([]);
    const callsBefore = node.headers.length;
    expect(await journal.readAll(end, 10)).toEqual([]);
    expect(node.headers.length).toBe(callsBefore + 1);
    await journal.append([{ stream: 'mine', expectedRevision: 1n, events: [eventNamed('third')] }]);
    expect(await journal.readAll(end, 10)).toMatchObject([{ stream: 'mine', revision: 2n }]);
    expect(await journal.readAll(start, 2)).toEqual(events);
  });

  test('gives up a node that is silent', async () => {
    node.faults.silentReads = true;
    await expect(journal.readAll(0n, 10)).rejects.toThrow(JournalUnavailableError);
    await expect(journal.readStream('any')).rejects.toThrow('not answered within 300 ms');
  });

  test('gives up a node that refuses, and goes on when it is back', async () => {
    node.faults.unavailable = true;
    await expect(journal.head()).rejects.toThrow(JournalUnavailableError);
    node.faults.unavailable = false;
    expect(await journal.head()).toBe(0n);
  });
});

describe('waiting for appends to EventStoreDB', () => {
  test('goes on after the node was away', async () => {
    let wakes = 0;
    const heard = (what: string): Promise<void> => {
      const before = wakes;
      return eventually(
        (listener) =>
          journal.onAppended(() => {
            wakes += 1;
            listener();
          }),
        what,
        () => wakes > before,
      );
    };
    await heard('a wake-up at the beginning');
    node.stop();
    await node.startAgain();
    node.log.append(`${PREFIX}elsewhere`, 'no-stream', [foreign(eventNamed('elsewhere').id)]);
    await heard('a wake-up after the node was away');
    expect(await journal.readAll(0n, 10)).toHaveLength(1);
  });

  test('is woken although the subscription is never confirmed', async () => {
    node.faults.silentReads = true;
    let woken = false;
    const stop = journal.onAppended(() => {
      woken = true;
    });
    await eventually(
      (listener) => journal.onAppended(listener),
      'a wake-up without a subscription',
      () => woken,
      15_000,
    );
    stop();
    expect(woken).toBe(true);
  });
});
