import { describe, expect, it } from '@jest/globals';
import { answeredWith, AskingRoom, QUERY, stateAnswer } from '../../../test/support/asking-room.js';
import { messageIdOf } from '../../../test/support/message-commands.js';
import { ConnectorOptionError } from '../smpp.errors.js';
import { checkQueryOptions } from './asking.options.js';
import { QueryBudget } from './query-budget.js';

const DELIVERED = 2;
const ENROUTE = 1;
const QUERY_FAIL = 0x67;

async function polling(messages = 1, room = new AskingRoom()): Promise<AskingRoom> {
  for (let number = 1; number <= messages; number++) await room.submitted(number);
  await room.start();
  return room;
}

describe('asking for states that no receipt tells', () => {
  it('asks when it is due and not before, with the sender of the submit', async () => {
    const room = await polling();
    await room.pass(29_000);
    expect(room.port.asked).toEqual([]);
    await room.pass(3_000);
    expect(room.port.asked).toEqual([
      { command: 'query_sm', smscMessageId: 'id-1', source: { ton: 5, npi: 0, address: 'SureReach' } },
    ]);
  });

  it('takes a final answer for what a receipt would have said, marked as an answer', async () => {
    const room = await polling();
    await room.pass(33_000);
    await room.port.answer(stateAnswer(DELIVERED, '261121094500000+'));
    expect(room.message(1)).toMatchObject({ status: 'delivered', outcome: 'reached-by-sms' });
    expect(room.messages.events.at(-1)).toMatchObject({
      type: 'MessageDelivered',
      data: { receipt: { source: 'query', smscMessageId: 'id-1', doneDate: expect.any(String) } },
    });
    await room.pass(600_000);
    expect(room.port.asked).toHaveLength(1);
  });

  it('asks again further apart while nothing final is said, and then no more', async () => {
    const room = await polling();
    await room.pass(33_000);
    await room.port.answer(stateAnswer(ENROUTE));
    expect(room.message(1).status).toBe('buffered');
    await room.pass(55_000);
    expect(room.port.asked).toHaveLength(1);
    await room.pass(7_000);
    expect(room.port.asked).toHaveLength(2);
    await room.port.answer(stateAnswer(ENROUTE));
    await room.pass(400_000);
    expect(room.port.asked).toHaveLength(2);
  });

  it.each([
    ['ESME_RQUERYFAIL', answeredWith(QUERY_FAIL), 'ESME_RQUERYFAIL'],
    ['no answer', { end: 'timed-out' } as const, 'no answer'],
    ['a body that cannot be read', answeredWith(0), 'ESME_ROK'],
  ])('counts %s, and gives up with a reason after so many', async (_, end, said) => {
    const room = await polling();
    for (const waitMs of [33_000, 62_000]) {
      await room.pass(waitMs);
      await room.port.answer(end);
    }
    const events = room.messages.eventsOf(messageIdOf(1));
    expect(events.filter((type) => type === 'QueryFailed')).toHaveLength(2);
    expect(room.message(1)).toMatchObject({
      status: 'submitted',
      outcome: 'pending',
      reason: `asked 2 times with query_sm, the last time in vain: ${said}`,
    });
  });

  it('asks so many per second at most', async () => {
    const room = new AskingRoom({ query: { ...QUERY, perSecond: 2 } });
    await polling(20, room);
    await room.pass(32_000);
    const before = room.port.asked.length;
    await room.pass(3_000);
    expect(before).toBeLessThanOrEqual(4);
    expect(room.port.asked.length - before).toBeLessThanOrEqual(6);
    await room.pass(10_000);
    expect(room.port.asked).toHaveLength(20);
  });

  it('asks nothing while the connector has no capacity', async () => {
    const room = await polling();
    room.port.room = 0;
    await room.pass(60_000);
    expect(room.port.asked).toEqual([]);
    expect(room.message(1).query).toMatchObject({ made: 0 });
  });

  it('is off unless the connector says otherwise', async () => {
    const room = await polling(1, new AskingRoom({ query: null }));
    await room.pass(60_000);
    expect(room.port.asked).toEqual([]);
  });

  it('asks once where two processes look, and goes on after one of them is gone', async () => {
    const room = new AskingRoom();
    const other = new AskingRoom({}, { of: room });
    await room.submitted(1);
    room.queries.start();
    other.queries.start();
    await room.pass(35_000);
    expect(room.port.asked.length + other.port.asked.length).toBe(1);
    // Whoever asked dies without an answer; the next query is due by itself.
    await (room.port.asked.length === 1 ? other : room).pass(62_000);
    expect(room.port.asked.length + other.port.asked.length).toBe(2);
  });
});

describe('the settings of queries', () => {
  it.each([
    ['afterSeconds', 0],
    ['everySeconds', Number.NaN],
    ['backoffFactor', 0.5],
    ['maxQueries', 1.5],
    ['perSecond', 0],
  ])('refuse %s = %d by name', (field, value) => {
    const check = (): void => {
      checkQueryOptions({ ...QUERY, [field]: value });
    };
    expect(check).toThrow(ConnectorOptionError);
    expect(check).toThrow(field);
  });

  it('a budget fills up to one second, and a debt is paid off first', () => {
    const budget = new QueryBudget(2, 0);
    expect([budget.take(1, 0), budget.take(3, 0), budget.take(1, 0)]).toEqual([true, true, false]);
    expect([budget.take(1, 1000), budget.available(100_000)]).toEqual([false, 2]);
  });
});
