// Leases between processes, over a real database; and the shares of the senders, which rest on them.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SenderSlots } from '../../src/smpp/sender-slots.js';
import type { Lease } from '../../src/subscription/leases.js';
import { polled } from '../support/polled.js';
import { ReadModelRoom, type ReaderProcess } from '../support/read-model-room.js';

const NAME = 'one-owner';

let room: ReadModelRoom;
let first: ReaderProcess;
let second: ReaderProcess;

beforeEach(async () => {
  room = await ReadModelRoom.open();
  first = await room.process('first', { models: [] });
  second = await room.process('second', { models: [] });
});
afterEach(async () => {
  await room.close();
});

async function acquired(process: ReaderProcess, name = NAME): Promise<Lease> {
  const lease = await process.leases.acquire(name);
  if (lease === null) throw new Error(`${name} is held by another process`);
  return lease;
}

describe('a lease', () => {
  it('has one holder at a time, among any number that ask at once', async () => {
    const all = await Promise.all([
      ...Array.from({ length: 5 }, () => first.leases.acquire(NAME)),
      ...Array.from({ length: 5 }, () => second.leases.acquire(NAME)),
    ]);
    const holders = [all.slice(0, 5), all.slice(5)].map((tries) => tries.some((lease) => lease !== null));
    expect(holders.filter(Boolean)).toHaveLength(1);
  });

  it('is free at once when it was released, and its fence has grown', async () => {
    const lease = await acquired(first);
    expect(await second.leases.acquire(NAME)).toBeNull();
    await first.leases.release(lease);
    expect(lease.lost).toBe(true);
    const next = await acquired(second);
    expect(next.fence).toBeGreaterThan(lease.fence);
    await second.leases.release(next);
    expect((await acquired(first)).fence).toBeGreaterThan(next.fence);
  });

  it('acquired again by its holder has a higher fence, and the earlier one is lost', async () => {
    const lease = await acquired(first);
    const again = await acquired(first);
    expect(again.fence).toBeGreaterThan(lease.fence);
    expect([lease.lost, again.lost]).toEqual([true, false]);
  });

  it('is not taken away by a release that comes too late', async () => {
    const stale = await acquired(first);
    await acquired(first);
    await first.leases.release(stale);
    expect(await second.leases.acquire(NAME)).toBeNull();
  });

  it('of a dead holder is taken at once, long before its time is over', async () => {
    const lease = await acquired(first);
    await first.die(room.pool);
    await polled('the dead holder’s lease', async () => (await second.leases.acquire(NAME)) !== null);
    const next = await acquired(second);
    expect(next.fence).toBeGreaterThan(lease.fence);
  });

  it('is renewed for as long as its holder lives', async () => {
    await acquired(first);
    const heldUntil = async (): Promise<number> => {
      const [row] = await room.rows<{ held_until: Date }>('subscription.leases', 'name');
      return row?.held_until.getTime() ?? 0;
    };
    const before = await heldUntil();
    await polled('the renewal', async () => (await heldUntil()) > before);
    expect(await second.leases.acquire(NAME)).toBeNull();
  });

  it('runs out without renewal, although its holder’s connection lives', async () => {
    const lease = await acquired(first);
    await room.pool.query(`update subscription.leases set held_until = now() - interval '1 second'`);
    await acquired(second);
    await polled('the holder to notice', () => lease.lost);
  });

  it('that another took is known as lost to its holder soon after', async () => {
    const lease = await acquired(first);
    await room.pool.query('update subscription.leases set holder = $1, fence = fence + 1', [
      second.leases.processNumber,
    ]);
    expect(lease.lost).toBe(false);
    await polled('the holder to notice', () => lease.lost);
  });

  it('survives the loss of the connection that keeps it, when nobody wanted it meanwhile', async () => {
    const lease = await acquired(first);
    await first.cutOff(room.pool);
    await polled('the connection to be rebuilt', async () => {
      const { rows } = await room.pool.query<{ kept: boolean }>(
        `select exists (select from pg_locks where locktype = 'advisory' and objid = $1::integer::oid and granted) as kept`,
        [first.leases.processNumber],
      );
      return rows[0]?.kept === true;
    });
    expect(await second.leases.acquire(NAME)).toBeNull();
    expect(lease.lost).toBe(false);
  });

  it('is given back by a process that stops, with everything else it held', async () => {
    const leases = [await acquired(first, 'a'), await acquired(first, 'b')];
    await first.leases.stop();
    expect(leases.map(({ lost }) => lost)).toEqual([true, true]);
    await acquired(second, 'a');
    await acquired(second, 'b');
  });
});

describe('processes', () => {
  it('have numbers that no other has', () => {
    const numbers = [first.leases.processNumber, second.leases.processNumber];
    expect(new Set(numbers).size).toBe(2);
    expect(Math.min(...numbers)).toBeGreaterThan(0);
  });

  it('are counted by a prefix of what they hold, the living only', async () => {
    const { leases } = first;
    expect(await leases.countHolders('sender/')).toBe(0);
    await acquired(first, 'sender/1');
    await acquired(first, 'sender/2');
    await acquired(first, 'sender_slot');
    expect(await leases.countHolders('sender/')).toBe(1);
    const other = await acquired(second, 'sender/3');
    expect(await leases.countHolders('sender/')).toBe(2);
    await second.leases.release(other);
    expect(await leases.countHolders('sender/')).toBe(1);
    await acquired(second, 'sender/3');
    await second.die(room.pool);
    await polled('the dead one not to count', async () => (await leases.countHolders('sender/')) === 1);
  });
});

describe('the shares of the senders', () => {
  const SLOTS = 16;
  let shares: SenderSlots[];
  let changes: number;

  const open = (process: ReaderProcess): SenderSlots => {
    const slots = new SenderSlots(process.leases, process.clock, SLOTS, () => {
      changes += 1;
    });
    shares.push(slots);
    return slots;
  };
  const sizes = (): number[] => shares.map(({ slots }) => slots().length);

  beforeEach(() => {
    shares = [];
    changes = 0;
  });
  afterEach(async () => {
    await Promise.all(shares.map((slots) => slots.stop()));
  });

  it('are everything for one alone, and are told of', async () => {
    open(first).start();
    await polled('all slots', () => sizes()[0] === SLOTS);
    expect([...(shares[0]?.slots() ?? [])].sort((a, b) => a - b)).toEqual(
      Array.from({ length: SLOTS }, (_, slot) => slot),
    );
    expect(changes).toBeGreaterThan(0);
  });

  it('are even between two, and never held by both', async () => {
    const [one, two] = [open(first), open(second)];
    one.start();
    await polled('all slots', () => sizes()[0] === SLOTS);
    two.start();
    await polled('even shares', () => sizes().join() === '8,8');
    expect(new Set([...one.slots(), ...two.slots()]).size).toBe(SLOTS);
  });

  it('go to the other when one stops', async () => {
    const [one, two] = [open(first), open(second)];
    one.start();
    two.start();
    await polled('even shares', () => sizes().join() === '8,8');
    await one.stop();
    expect(one.slots()).toEqual([]);
    await polled('the whole work', () => two.slots().length === SLOTS);
  });

  it('go to the other when one dies, without waiting for its leases to run out', async () => {
    const [one, two] = [open(first), open(second)];
    one.start();
    two.start();
    await polled('even shares', () => sizes().join() === '8,8');
    await first.die(room.pool);
    await polled('the whole work', () => two.slots().length === SLOTS);
  });
});
