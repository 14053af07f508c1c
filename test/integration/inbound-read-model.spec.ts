// Messages from phones over a real database: rows, pages, what is overdue, and what answers to what.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InboundQueries } from '../../projections/inbound/inbound.queries.js';
import { MessageStatusQueries } from '../../projections/message-status/message-status.queries.js';
import { SeededRandomness } from '../../src/clock/virtual-clock.js';
import type { InboundCommand } from '../../src/message/conversation.decider.js';
import {
  inboundIdOf,
  PARTS_TIMEOUT_SECONDS,
  PHONE,
  receive,
  receivePart,
  receiveSome,
  SHORT_CODE,
} from '../support/inbound-builders.js';
import { at } from '../support/message-builders.js';
import { accept, attemptSubmit, cancel, messageIdOf, tookAs } from '../support/message-commands.js';
import { ReadModelRoom } from '../support/read-model-room.js';

const PARTIES = { ours: SHORT_CODE, theirs: PHONE };

let room: ReadModelRoom;
let queries: InboundQueries;

beforeEach(async () => {
  room = await ReadModelRoom.open();
  queries = new InboundQueries(room.pool);
});
afterEach(async () => {
  await room.close();
});

async function given(...commands: readonly InboundCommand[]): Promise<void> {
  for (const command of commands) await room.conversations.handle(PARTIES, command);
}

async function pageThrough(limit: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let after = undefined as { receivedAt: string; id: string } | undefined; ;) {
    const page = await queries.search({ limit, after });
    ids.push(...page.map(({ id }) => id));
    after = page.at(-1);
    if (after === undefined) return ids;
  }
}

describe('messages from phones', () => {
  it('are found by id and by search, with their repeats', async () => {
    await given(receive('YES'), receive('YES', 5), receive('NO', 6), receive('YES', 7));
    await room.read();
    expect(await queries.find(inboundIdOf('YES'))).toMatchObject({
      id: inboundIdOf('YES'),
      from: PHONE,
      to: SHORT_CODE,
      text: 'YES',
      repeats: 2,
      receivedAt: at(0),
    });
    expect(await queries.find(inboundIdOf('nobody'))).toBeUndefined();
    const found = async (search: object): Promise<readonly (string | null)[]> =>
      (await queries.search({ limit: 10, ...search })).map(({ text }) => text);
    expect(await found({})).toEqual(['NO', 'YES']);
    expect(await found({ from: PHONE, to: SHORT_CODE, connector: 'main', since: at(6) })).toEqual(['NO']);
    expect(await found({ from: '+27830000000' })).toEqual([]);
    expect(await found({ to: 'other' })).toEqual([]);
    expect(await found({ connector: 'other' })).toEqual([]);
  });

  it('are paged through without a gap or a double, many of them received in one millisecond', async () => {
    await given(...Array.from({ length: 9 }, (_, n) => receive(`text ${String(n)}`, n < 6 ? 1 : 2)));
    await room.read();
    const all = await pageThrough(100);
    expect(new Set(all).size).toBe(9);
    for (const limit of [1, 2, 4]) expect(await pageThrough(limit)).toEqual(all);
  });

  it('come to the same rows however the events were cut into batches, and read twice', async () => {
    await receiveSome(room.conversations, new SeededRandomness(3));
    await room.read({ batchSize: 1_000, models: ['inbound'] });
    const whole = await room.contents();
    expect(whole['inbound.messages']?.length).toBeGreaterThan(0);
    expect(whole['inbound.lacking_parts']?.length).toBeGreaterThan(0);
    for (const batchSize of [1, 7]) {
      await room.forget();
      await room.read({ batchSize, models: ['inbound'] });
      expect(await room.contents()).toEqual(whole);
    }
  });
});

describe('parts that are missing', () => {
  it('are overdue when their time is over, until the message is whole or given up', async () => {
    const overdue = async (seconds: number): Promise<readonly string[]> =>
      (await queries.overdue(at(seconds), 10)).map(({ inboundId }) => inboundId);
    await given(
      receivePart([1, 2], 'one', 0),
      receivePart([1, 3], 'two', 60),
      receivePart([2, 3], 'three', 90),
    );
    await room.read();
    const [one, two] = [inboundIdOf('one', 0), inboundIdOf('two', 60)];
    expect(await overdue(PARTS_TIMEOUT_SECONDS - 1)).toEqual([]);
    expect(await queries.overdue(at(PARTS_TIMEOUT_SECONDS), 10)).toEqual([{ inboundId: one, ...PARTIES }]);
    expect(await overdue(PARTS_TIMEOUT_SECONDS + 60)).toEqual([one, two]);
    await given(
      { type: 'GiveUpParts', at: at(PARTS_TIMEOUT_SECONDS), inboundId: one },
      receivePart([3, 3], 'four', PARTS_TIMEOUT_SECONDS),
    );
    await room.read();
    expect(await overdue(PARTS_TIMEOUT_SECONDS + 60)).toEqual([]);
    expect((await queries.search({ limit: 10 })).map(({ text }) => text).toSorted()).toEqual([
      'one…',
      'twothreefour',
    ]);
  });
});

describe('the message that a phone answers to', () => {
  it('is the last one sent to it by the address it writes to', async () => {
    const to = PHONE;
    const from = SHORT_CODE;
    await room.lifecycle.handleMany([
      ...[accept(1, { to, from }), attemptSubmit(1), tookAs(1, '1-1')],
      ...[accept(2, { to, from }), attemptSubmit(2), tookAs(2, '2-1')],
      ...[accept(3, { to, from: 'Another' }), attemptSubmit(3), tookAs(3, '3-1')],
      ...[accept(4, { to: '+27830000000', from }), attemptSubmit(4), tookAs(4, '4-1')],
      ...[accept(5, { to, from }), cancel(5)],
      accept(6, { to, from }),
    ]);
    await room.read();
    const sent = new MessageStatusQueries(room.pool);
    expect(
      await sent.lastSent([
        { ours: 'nobody', theirs: PHONE },
        PARTIES,
        { ours: from, theirs: '+27839999999' },
        { ours: 'Another', theirs: PHONE },
      ]),
    ).toEqual([null, messageIdOf(2), null, messageIdOf(3)]);
    await given(receive('YES'));
    await room.read();
    expect(await queries.find(inboundIdOf('YES'))).toMatchObject({ inReplyTo: messageIdOf(2) });
  });
});
