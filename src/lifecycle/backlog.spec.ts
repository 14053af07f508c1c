import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../clock/virtual-clock.js';
import type { NewEvent } from '../journal/journal.js';
import { Backlog } from './backlog.js';

function events(type: string, count: number): NewEvent[] {
  const metadata = { correlationId: '', causationId: '', tenantId: 'default', at: '', schemaVersion: 1 };
  return Array.from({ length: count }, () => ({ id: '', type, data: { attempt: 1 }, metadata }));
}

/** Whether turn() let the caller through, after everything that was ready has run. */
async function passes(backlog: Backlog): Promise<{ readonly passed: () => boolean }> {
  let passed = false;
  void backlog.turn().then(() => {
    passed = true;
  });
  await settle();
  return { passed: () => passed };
}

async function settle(): Promise<void> {
  for (let turns = 0; turns < 10; turns++) await Promise.resolve();
}

async function advance(clock: VirtualClock, byMs: number, each: () => void = () => undefined): Promise<void> {
  for (let passedMs = 0; passedMs < byMs; passedMs += 10) {
    each();
    clock.advance(10);
    await settle();
  }
}

describe('Backlog', () => {
  it('lets uploads through while the senders have less than enough', async () => {
    const backlog = new Backlog(new VirtualClock());
    backlog.recorded(events('MessageAccepted', 250));
    expect((await passes(backlog)).passed()).toBe(true);
  });

  it('holds them while the senders have enough and are busy, and lets them go on when they have caught up', async () => {
    const clock = new VirtualClock();
    const backlog = new Backlog(clock);
    backlog.recorded(events('MessageAccepted', 2_000));
    const held = await passes(backlog);
    await advance(clock, 1_000, () => {
      backlog.recorded(events('SubmitAttempted', 10));
    });
    expect(held.passed()).toBe(false);
    backlog.recorded(events('SubmitAttempted', 850));
    await advance(clock, 20);
    expect(held.passed()).toBe(true);
  });

  it('does not hold them when it is the SMSC that is slow', async () => {
    const clock = new VirtualClock();
    const backlog = new Backlog(clock);
    backlog.recorded(events('MessageAccepted', 2_000));
    const held = await passes(backlog);
    await advance(clock, 1_100, () => {
      backlog.recorded(events('SubmitAttempted', 1));
    });
    expect(held.passed()).toBe(true);
  });

  it('counts first attempts only', async () => {
    const clock = new VirtualClock();
    const backlog = new Backlog(clock);
    backlog.recorded(events('MessageAccepted', 2_000));
    backlog.recorded(events('SubmitAttempted', 1_900).map((event) => ({ ...event, data: { attempt: 2 } })));
    expect((await passes(backlog)).passed()).toBe(false);
  });

  it('holds uploads while a reader is far behind, and forgets a reader that no longer reads here', async () => {
    const clock = new VirtualClock();
    const backlog = new Backlog(clock);
    backlog.read('message-status-v1', 0);
    backlog.recorded(events('MessageDelivered', 30_000));
    const held = await passes(backlog);
    const busy = (): void => {
      backlog.recorded(events('SubmitAttempted', 20));
    };
    await advance(clock, 1_000, busy);
    expect(held.passed()).toBe(false);
    await advance(clock, 5_000, busy);
    expect(held.passed()).toBe(true);
  });
});
