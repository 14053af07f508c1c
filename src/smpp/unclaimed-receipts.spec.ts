import { beforeEach, describe, expect, it } from '@jest/globals';
import type { UnclaimedReceipt } from '../../projections/receipt-matching/receipt-matching.queries.js';
import { silentLog } from '../../test/support/connector-recorder.js';
import { GatedJournal } from '../../test/support/gated-journal.js';
import { SeededRandomness, VirtualClock } from '../clock/virtual-clock.js';
import { JournalUnavailableError } from '../journal/journal.errors.js';
import { MemoryJournal } from '../journal/memory/memory-journal.js';
import type { Lease } from '../subscription/leases.js';
import { UnclaimedReceipts } from './unclaimed-receipts.js';

const MINUTES = 60_000;
const WEEK_AND_MARGIN_MS = 7 * 24 * 60 * MINUTES + 10 * MINUTES;

/** Receipts past their time; it forgets those given up only when told to, as a reader behind would. */
class PastTime {
  waiting: UnclaimedReceipt[] = [];
  readonly asked: { before: string; limit: number }[] = [];
  position = 1_000n;

  add(count: number, over: Partial<UnclaimedReceipt> = {}): void {
    for (let index = 0; index < count; index++) {
      const receiptId = String(this.waiting.length).padStart(4, '0');
      const parkedAt = '2026-01-01 00:00:00+00';
      this.waiting.push({
        ...{ receiptId, parkedAt, connector: 'main', smscMessageId: 'x', idKnown: false },
        ...over,
      });
    }
  }

  unclaimedSince(
    before: string,
    after: { readonly receiptId: string } | null,
    limit: number,
  ): Promise<readonly UnclaimedReceipt[]> {
    this.asked.push({ before, limit });
    const behind = this.waiting.filter(({ receiptId }) => receiptId > (after?.receiptId ?? ''));
    return Promise.resolve(behind.slice(0, limit));
  }

  positionOf(): Promise<bigint> {
    return Promise.resolve(this.position);
  }
}

class OneLease {
  isFree = true;
  lease: Lease | null = null;
  released = 0;

  acquire(name: string): Promise<Lease | null> {
    this.lease = this.isFree ? { name, fence: 1n, lost: false } : null;
    return Promise.resolve(this.lease);
  }

  release(): Promise<void> {
    this.released++;
    return Promise.resolve();
  }
}

let past: PastTime;
let leases: OneLease;
let clock: VirtualClock;
let journal: GatedJournal;
let unclaimed: UnclaimedReceipts;

async function givenUp(connector = 'main'): Promise<readonly unknown[]> {
  return (await journal.readStream(`receipts-${connector}`)).map(({ type, data }) =>
    type === 'ReceiptUnclaimed' ? data : type,
  );
}

/** Lets what the timers began come to its end. */
async function pass(byMs: number): Promise<void> {
  clock.advance(byMs);
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

beforeEach(() => {
  past = new PastTime();
  leases = new OneLease();
  clock = new VirtualClock(Date.parse('2026-02-01T00:00:00.000Z'));
  journal = new GatedJournal(new MemoryJournal());
  const randomness = new SeededRandomness(1);
  unclaimed = new UnclaimedReceipts(past, past, journal, leases, clock, randomness, silentLog, 3);
});

describe('receipts that nobody claims', () => {
  it('are given up with the reason, each in the stream of its connector', async () => {
    past.add(1);
    past.add(1, { idKnown: true });
    past.add(1, { connector: 'other', smscMessageId: '' });
    await unclaimed.giveUp();
    expect(await givenUp()).toEqual([
      { receiptId: '0000', connector: 'main', reason: 'unknown-id' },
      { receiptId: '0001', connector: 'main', reason: 'not-taken' },
    ]);
    expect(await givenUp('other')).toEqual([{ receiptId: '0002', connector: 'other', reason: 'no-id' }]);
  });

  it('are looked for after the match window and the margin for early ones', async () => {
    await unclaimed.giveUp();
    const before = new Date(clock.now() - WEEK_AND_MARGIN_MS).toISOString();
    expect(past.asked).toEqual([{ before, limit: 3 }]);
  });

  it('go page by page with short pauses, then rest, from ten minutes after the start', async () => {
    past.add(7);
    unclaimed.start();
    await pass(10 * MINUTES - 1);
    expect(past.asked).toHaveLength(0);
    await pass(1);
    expect(await givenUp()).toHaveLength(3);
    await pass(500);
    expect(await givenUp()).toHaveLength(6);
    await pass(500);
    expect(await givenUp()).toHaveLength(7);
    past.waiting = [];
    past.add(1);
    await pass(10 * MINUTES - 1);
    expect(await givenUp()).toHaveLength(7);
    await pass(1);
    expect(await givenUp()).toHaveLength(8);
    await unclaimed.stop();
    await pass(60 * MINUTES);
    expect(await givenUp()).toHaveLength(8);
  });

  it('are left to the process that has the lease, and are ours once it is free', async () => {
    past.add(1);
    leases.isFree = false;
    await unclaimed.giveUp();
    expect(past.asked).toEqual([]);
    leases.isFree = true;
    await unclaimed.giveUp();
    expect(await givenUp()).toHaveLength(1);
    await unclaimed.stop();
    expect(leases.released).toBe(1);
  });

  it('are not given up by a process that has lost the lease, in the middle of a walk', async () => {
    past.add(5);
    expect(await unclaimed.giveUp()).toBe(true);
    if (leases.lease !== null) leases.lease.lost = true;
    leases.isFree = false;
    expect(await unclaimed.giveUp()).toBe(false);
    expect(await givenUp()).toHaveLength(3);
    await unclaimed.stop();
    expect(leases.released).toBe(0);
  });

  it('wait for a read model that is behind: they may have been matched', async () => {
    past.add(1);
    past.position = -1n;
    expect(await unclaimed.giveUp()).toBe(false);
    expect(past.asked).toEqual([]);
    past.position = 0n;
    await unclaimed.giveUp();
    expect(await givenUp()).toHaveLength(1);
  });

  it('are not given up again by the next walk before the read model knows of it', async () => {
    past.add(1);
    past.position = 0n;
    await unclaimed.giveUp();
    await unclaimed.giveUp();
    expect(await givenUp()).toHaveLength(1);
    past.waiting = [];
    past.add(1, { receiptId: 'another' });
    past.position = 1n;
    await unclaimed.giveUp();
    expect(await givenUp()).toHaveLength(2);
  });

  it('are tried again when they could not be written', async () => {
    past.add(2);
    unclaimed.start();
    journal.failNext(new JournalUnavailableError('away'));
    await pass(10 * MINUTES);
    expect(await givenUp()).toEqual([]);
    await pass(10 * MINUTES);
    expect(await givenUp()).toHaveLength(2);
    await unclaimed.stop();
  });
});
