// The read models of messages over a real database: what events come to in rows, whatever happens on the
// way. Receipt matching: receipt-matching.spec.ts.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AwaitingOutcomeQueries } from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import { CallsQueries } from '../../projections/calls/calls.queries.js';
import { MessageStatusQueries } from '../../projections/message-status/message-status.queries.js';
import { SeededRandomness } from '../../src/clock/virtual-clock.js';
import {
  at,
  command,
  receipt,
  RECEIPT_WAIT_SECONDS,
  smsOnly,
  VALIDITY_SECONDS,
} from '../support/message-builders.js';
import {
  accept,
  attemptSubmit,
  cancel,
  messageIdOf,
  recordReceipt,
  recordSubmission,
  tookAs,
} from '../support/message-commands.js';
import { live } from '../support/message-lives.js';
import { polled } from '../support/polled.js';
import { ReadModelRoom } from '../support/read-model-room.js';
import { eventNamed } from '../support/journal-events.js';
import { messageStream } from '../../src/lifecycle/message-stream.js';

const SLOTS = Array.from({ length: 16 }, (_, slot) => slot);
const NUMBERS = Array.from({ length: 60 }, (_, index) => index + 1);

let room: ReadModelRoom;

beforeEach(async () => {
  room = await ReadModelRoom.open();
});
afterEach(async () => {
  await room.close();
});

describe('message status', () => {
  it('tells of each message what became of it, and how far it has read', async () => {
    await room.lifecycle.handleMany([
      ...[accept(1, { batch: 'bills' }), attemptSubmit(1), tookAs(1, '1-1')],
      recordReceipt(1, receipt('delivered')),
      ...[accept(2, { batch: 'bills' }), cancel(2)],
      accept(3),
    ]);
    await room.read();
    const queries = new MessageStatusQueries(room.pool);
    expect(await room.rows('message_status.messages', 'message_id')).toMatchObject([
      {
        message_id: messageIdOf(1),
        to_number: '+27831234567',
        status: 'delivered',
        outcome: 'reached-by-sms',
        batch: 'bills',
        revision: 3n,
      },
      { message_id: messageIdOf(2), status: 'cancelled', uncommon_status: 'cancelled' },
      { message_id: messageIdOf(3), status: 'accepted', uncommon_status: null, batch: null, revision: 0n },
    ]);
    expect(await queries.search({ limit: 10 })).toEqual([
      { messageId: messageIdOf(3), revision: 0n },
      { messageId: messageIdOf(2), revision: 1n },
      { messageId: messageIdOf(1), revision: 3n },
    ]);
    expect(await queries.search({ batch: 'bills', status: 'cancelled', limit: 10 })).toEqual([
      { messageId: messageIdOf(2), revision: 1n },
    ]);
    expect(await queries.search({ to: '+27831234567', limit: 1 })).toEqual([
      { messageId: messageIdOf(3), revision: 0n },
    ]);
    expect(await queries.batchCounts('bills')).toEqual({
      messages: 2,
      byStatus: { delivered: 1, cancelled: 1 },
      byOutcome: { 'reached-by-sms': 1, 'not-reached': 1 },
    });
    expect(await queries.batchCounts('unheard of')).toBeUndefined();
    expect((await queries.totals()).messages).toBe(3);
  });

  it('finds who is in doubt to a number', async () => {
    const unanswered = { part: 1, end: 'unknown' as const, cause: 'link-lost' as const };
    await room.lifecycle.handleMany([
      ...[accept(1), attemptSubmit(1), recordSubmission(1, [unanswered])],
      ...[accept(2), attemptSubmit(2), tookAs(2, '2-1')],
    ]);
    await room.read();
    const queries = new MessageStatusQueries(room.pool);
    expect(await queries.inDoubtTo('+27831234567')).toEqual([messageIdOf(1)]);
    expect(await queries.inDoubtTo('+15550001')).toEqual([]);
  });

  it('counts what a recount would count, however the events were cut into batches', async () => {
    await live(room.lifecycle, NUMBERS, new SeededRandomness(7));
    await room.read({ batchSize: 13 });
    const counts = await room.rows('message_status.counts', 'batch, status, outcome');
    const { rows: recount } = await room.pool.query(
      `select coalesce(batch, '') as batch, status, outcome, count(*) as messages from message_status.messages
       group by 1, 2, 3 order by 1, 2, 3`,
    );
    expect(counts).toEqual(recount);
    expect(counts.length).toBeGreaterThan(8);
  });
});

describe('awaiting outcome', () => {
  it('has a row per open message: what it waits for, when, in which lane and slot', async () => {
    await room.lifecycle.handleMany([
      accept(1, { priority: 'high' }),
      ...[accept(2, { priority: 'low', sendAt: at(60) })],
      ...[accept(3), attemptSubmit(3, 1, '12')],
      ...[accept(4), attemptSubmit(4), tookAs(4, '4-1')],
      ...[accept(5), attemptSubmit(5), tookAs(5, '5-1'), recordReceipt(5, receipt('delivered'))],
      ...[accept(6), attemptSubmit(6), tookAs(6, '6-1'), recordReceipt(6, receipt('undeliverable'))],
    ]);
    await room.read();
    const rows = await room.rows<Record<string, unknown>>('awaiting_outcome.messages', 'message_id');
    const instant = (seconds: number): Date => new Date(at(seconds));
    expect(rows).toEqual(
      [
        ...[{ n: 1, waiting_for: 'submit', due: 0, valid: VALIDITY_SECONDS, lane: 0, sender: null }],
        ...[{ n: 2, waiting_for: 'submit', due: 60, valid: VALIDITY_SECONDS, lane: 2, sender: null }],
        ...[{ n: 3, waiting_for: 'response', due: 1, valid: null, lane: 1, sender: '12' }],
        ...[
          { n: 4, waiting_for: 'receipt', due: 1 + RECEIPT_WAIT_SECONDS, valid: null, lane: 1, sender: '1' },
        ],
        ...[{ n: 6, waiting_for: 'fallback', due: 1, valid: null, lane: 1, sender: '1' }],
      ].map(({ n, waiting_for, due, valid, lane, sender }) => ({
        message_id: messageIdOf(n),
        waiting_for,
        due_at: instant(due),
        valid_until: valid === null ? null : instant(valid),
        lane,
        slot: n,
        sender,
        route: waiting_for === 'submit' ? expect.objectContaining({ to: '+27831234567', last: null }) : null,
      })),
    );
  });

  it('moves a message to the lane of suspects when its link was lost, and to nobody’s turn in quarantine', async () => {
    const lose = (attempt: number, seconds: number) =>
      recordSubmission(1, [{ part: 1, end: 'unknown', cause: 'link-lost' }], {
        attempt,
        seconds,
        inDoubtPolicy: { then: 'resubmit', afterSeconds: 60, quarantineAfter: 2 },
      });
    const rows = () => room.rows<Record<string, unknown>>('awaiting_outcome.messages', 'message_id');
    await room.lifecycle.handleMany([accept(1, { priority: 'high' }), attemptSubmit(1)]);
    await room.read();
    await room.lifecycle.handleMany([lose(1, 2)]);
    await room.read();
    expect(await rows()).toMatchObject([{ waiting_for: 'submit', due_at: new Date(at(62)), lane: 3 }]);
    await room.lifecycle.handleMany([attemptSubmit(1, 62), lose(2, 63)]);
    await room.read();
    expect(await rows()).toMatchObject([
      { waiting_for: 'receipt', due_at: new Date(at(1 + RECEIPT_WAIT_SECONDS)) },
    ]);
    expect(await new MessageStatusQueries(room.pool).inDoubtTo('+27831234567')).toEqual([messageIdOf(1)]);
  });

  it('gives out what is due, by lane and slot, the longest waiting first, page by page', async () => {
    await room.lifecycle.handleMany(
      [4, 3, 2, 1].map((number) => accept(number, { at: at(number / 1_000), channels: smsOnly() })),
    );
    await room.read();
    const queries = new AwaitingOutcomeQueries(room.pool);
    const wanted = { lane: 1, slots: SLOTS, now: at(10), after: null, limit: 3 };
    const page = await queries.dueSubmits(wanted);
    expect(page.map(({ messageId }) => messageId)).toEqual([1, 2, 3].map(messageIdOf));
    const rest = await queries.dueSubmits({ ...wanted, after: page.at(-1) ?? null });
    expect(rest.map(({ messageId }) => messageId)).toEqual([messageIdOf(4)]);
    expect(await queries.dueSubmits({ ...wanted, lane: 0 })).toEqual([]);
    expect(await queries.dueSubmits({ ...wanted, now: at(0) })).toEqual([]);
    expect((await queries.dueSubmits({ ...wanted, slots: [2] })).map(({ messageId }) => messageId)).toEqual([
      messageIdOf(2),
    ]);
    expect(await queries.overdue(at(VALIDITY_SECONDS), 10)).toEqual([]);
    expect(await queries.overdue(at(VALIDITY_SECONDS + 1), 10)).toHaveLength(4);
    expect(await queries.depth()).toEqual({ submit: 4 });
  });

  it('tells the submits that a process left behind when it died, and those only', async () => {
    const dead = await room.process('dead', { models: [] });
    const alive = await room.process('alive', { models: [] });
    const [deadSender, aliveSender] = [dead, alive].map(({ leases }) => String(leases.processNumber));
    await room.lifecycle.handleMany([
      ...[accept(1), attemptSubmit(1, 1, deadSender)],
      ...[accept(2), attemptSubmit(2, 1, aliveSender)],
      ...[accept(3), attemptSubmit(3, 1, deadSender), tookAs(3, '3-1')],
    ]);
    await room.read();
    const queries = new AwaitingOutcomeQueries(room.pool);
    expect(await queries.submitsLeftBehind('99', 10)).toEqual([]);
    await dead.leases.stop();
    await polled('the dead one to be known as such', async () => {
      return (await queries.submitsLeftBehind('99', 10)).length > 0;
    });
    expect(await queries.submitsLeftBehind('99', 10)).toEqual([
      { messageId: messageIdOf(1), sender: deadSender },
    ]);
    expect(await queries.submitsLeftBehind(deadSender ?? '', 10)).toEqual([]);
  });
});

describe('calls', () => {
  it('know whose a gateway’s session is', async () => {
    const to = { messageId: messageIdOf(1) };
    await room.lifecycle.handleMany([
      ...[accept(1), attemptSubmit(1), tookAs(1, '1-1')],
      { ...command('DecideFallback', 700, {}), ...to },
      { ...command('AttemptCall', 700, { gateway: 'fake', reportDueAt: at(900) }), ...to },
      { ...command('RecordCallQueued', 701, { attempt: 1, sessionId: 'session 1' }), ...to },
    ]);
    await room.read();
    const queries = new CallsQueries(room.pool);
    expect(await queries.find('session 1')).toEqual({ messageId: messageIdOf(1), attempt: 1 });
    expect(await queries.find('session 2')).toBeUndefined();
  });
});

describe('an event that no read model of this build can read', () => {
  it('stops its own message only, and says where and why', async () => {
    await room.lifecycle.handleMany([accept(1), accept(2)]);
    const metadata = { ...eventNamed('any').metadata, schemaVersion: 2 };
    const event = { ...eventNamed('from the future'), type: 'MessageSubmitted', metadata };
    await room.journal.append([
      { stream: messageStream(messageIdOf(1)), expectedRevision: 0n, events: [event] },
    ]);
    await room.lifecycle.handleMany([cancel(2)]);
    await room.read();
    const rows = await room.rows('message_status.messages', 'message_id');
    expect(rows).toMatchObject([
      { status: 'accepted', revision: 0n },
      { status: 'cancelled', revision: 1n },
    ]);
    const stopped = await room.rows<{ id: string }>('subscription.stopped_streams', 'id');
    expect(stopped).toMatchObject(
      ['awaiting-outcome-v1', 'message-status-v2', 'receipt-matching-v1'].map((id) => ({
        id,
        stream: messageStream(messageIdOf(1)),
        position: '3',
        error: expect.stringContaining('run the build that wrote it'),
      })),
    );
  });
});
