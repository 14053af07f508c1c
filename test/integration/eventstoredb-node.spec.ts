// The test node keeps the rules of the server, as the client itself sees them: with and without
// BatchAppend, the two ways in which the client appends.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ANY,
  BACKWARDS,
  END,
  EventStoreDBClient,
  type EventData,
  jsonEvent,
  MaxAppendSizeExceededError,
  NO_STREAM,
  START,
  STREAM_EXISTS,
  StreamDeletedError,
  streamNameFilter,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { uuidOf } from '../../src/clock/ids.js';
import { EventStoreNode } from '../support/eventstore/eventstore-node.js';
import { eventually } from '../support/eventually.js';

function event(name: string, data: Record<string, unknown> = { name }): EventData {
  return jsonEvent({ id: uuidOf(name), type: 'Happened', data });
}

describe.each([
  ['with BatchAppend', true],
  ['with Append alone', false],
])('the test node of EventStoreDB %s', (_, batchAppend) => {
  let node: EventStoreNode;
  let client: EventStoreDBClient;

  beforeAll(async () => {
    node = await EventStoreNode.start({ batchAppend });
    client = EventStoreDBClient.connectionString(node.url.replace('esdb:', 'esdb+discover:'));
  });
  afterAll(async () => {
    await client.dispose();
    node.stop();
  });

  test('appends by the call the client chooses, and tells revision and position', async () => {
    const { nextExpectedRevision, position } = await client.appendToStream('chosen', [
      event('c1'),
      event('c2'),
    ]);
    expect(nextExpectedRevision).toBe(1n);
    expect(position?.commit).toBe(node.log.events.at(-1)?.position);
    expect(node.counts).toEqual(batchAppend ? { unary: 0, batch: 1 } : { unary: 1, batch: 0 });
  });

  test('refuses a wrong revision and says where the stream stands', async () => {
    await client.appendToStream('wrong', [event('w1'), event('w2')], { expectedRevision: NO_STREAM });
    const again = client.appendToStream('wrong', event('w3'), { expectedRevision: 0n });
    await expect(again).rejects.toThrow(WrongExpectedVersionError);
    await expect(again).rejects.toMatchObject({ actualVersion: 1n });
    const absent = client.appendToStream('absent', event('w4'), { expectedRevision: 4n });
    await expect(absent).rejects.toMatchObject({ actualVersion: 'no_stream' });
    const exists = client.appendToStream('absent', event('w4'), { expectedRevision: STREAM_EXISTS });
    await expect(exists).rejects.toThrow(WrongExpectedVersionError);
  });

  test('takes a repeated append at an exact revision for the first one, and part of it for a conflict', async () => {
    const both = [event('r1'), event('r2')];
    const options = { expectedRevision: NO_STREAM } as const;
    const first = await client.appendToStream('repeated', both, options);
    expect(await client.appendToStream('repeated', both, options)).toEqual(first);
    const differing = client.appendToStream('repeated', [event('r1'), event('other')], options);
    await expect(differing).rejects.toThrow(WrongExpectedVersionError);
    const longer = client.appendToStream('repeated', [...both, event('r3')], options);
    await expect(longer).rejects.toThrow(WrongExpectedVersionError);
  });

  test('remembers recent ids when any revision will do', async () => {
    const options = { expectedRevision: ANY } as const;
    const first = await client.appendToStream('any', event('a1'), options);
    expect(await client.appendToStream('any', event('a1'), options)).toEqual(first);
    expect(await client.appendToStream('any', event('a2'), options)).toMatchObject({
      nextExpectedRevision: 1n,
    });
  });

  test('takes a mebibyte in one append and not more', async () => {
    const large = client.appendToStream('large', event('l1', { text: 'x'.repeat(1024 * 1024) }));
    await expect(large).rejects.toThrow(MaxAppendSizeExceededError);
    await expect(large).rejects.toMatchObject({ maxAppendSize: 1024 * 1024 });
    const fits = await client.appendToStream('large', event('l2', { text: 'x'.repeat(1_000_000) }));
    expect(fits.nextExpectedRevision).toBe(0n);
  });

  test('hides a deleted stream and lets it go on; ends a tombstoned one for ever', async () => {
    await client.appendToStream('deleted', [event('d1'), event('d2')]);
    await client.deleteStream('deleted');
    await expect(drain(client.readStream('deleted'))).rejects.toThrow(StreamNotFoundError);
    const again = await client.appendToStream('deleted', event('d3'), { expectedRevision: NO_STREAM });
    expect(again.nextExpectedRevision).toBe(2n);
    await client.tombstoneStream('deleted');
    await expect(client.appendToStream('deleted', event('d4'))).rejects.toThrow(StreamDeletedError);
    await expect(drain(client.readStream('deleted'))).rejects.toThrow(StreamDeletedError);
  });

  test('reads a stream and everything, forwards and backwards, from where it is told', async () => {
    await client.appendToStream('read', [event('f1'), event('f2'), event('f3')]);
    expect(await revisions(client.readStream('read', { fromRevision: 1n }))).toEqual([1n, 2n]);
    expect(await revisions(client.readStream('read', { fromRevision: END, direction: BACKWARDS }))).toEqual([
      2n,
      1n,
      0n,
    ]);
    const everything = await drain(client.readAll({ fromPosition: START }));
    const [newest] = await drain(client.readAll({ fromPosition: END, direction: BACKWARDS, maxCount: 1 }));
    expect(newest?.event?.id).toBe(everything.at(-1)?.event?.id);
    const last = everything.at(-1)?.event?.position ?? { commit: 0n, prepare: 0n };
    expect(await drain(client.readAll({ fromPosition: last }))).toHaveLength(1);
    await expect(drain(client.readStream('never-written'))).rejects.toThrow(StreamNotFoundError);
  });

  test('tells a subscription what its filter lets through, live, and where it stands', async () => {
    const seen: string[] = [];
    const checkpoints: bigint[] = [];
    const told = new Set<() => void>();
    const tell = (): void => {
      for (const one of told) one();
    };
    let caughtUp = false;
    const subscription = client.subscribeToAll({
      fromPosition: END,
      filter: streamNameFilter({
        prefixes: ['live-'],
        checkpointInterval: 1,
        maxSearchWindow: 2,
        checkpointReached: (__, { commit }) => {
          checkpoints.push(commit);
          tell();
          return Promise.resolve();
        },
      }),
    });
    subscription.on('caughtUp', () => {
      caughtUp = true;
      tell();
    });
    subscription.on('data', ({ event: heard }) => {
      seen.push(heard?.streamId ?? '');
      tell();
    });
    const until = (what: string, holds: () => boolean): Promise<void> =>
      eventually(
        (listener) => {
          told.add(listener);
          return () => told.delete(listener);
        },
        what,
        holds,
      );
    await until('the subscription to catch up', () => caughtUp);
    await client.appendToStream('live-1', event('s1'));
    await client.appendToStream('other', [event('s2'), event('s3'), event('s4')]);
    await client.appendToStream('live-2', event('s5'));
    await until('both events', () => seen.length === 2);
    expect(seen).toEqual(['live-1', 'live-2']);
    expect(checkpoints).toHaveLength(2);
    await subscription.unsubscribe();
  });
});

async function drain<T>(read: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of read) found.push(one);
  return found;
}

async function revisions(read: AsyncIterable<{ event?: { revision: bigint } }>): Promise<unknown[]> {
  return (await drain(read)).map((resolved) => resolved.event?.revision);
}
