import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../clock/virtual-clock.js';
import { JournalUnavailableError } from '../journal/journal.errors.js';
import { quiet } from '../../test/support/eventually.js';
import { InMemoryDueCalls, InMemoryLifecycle } from '../../test/support/in-memory-lifecycle.js';
import { queuedBySession, ScriptedVoiceGateway } from '../../test/support/scripted-voice-gateway.js';
import { dueForCall, messageIdOf } from '../../test/support/voice-messages.js';
import { type CallDirectory, RecentCallDirectory } from './call-directory.js';
import { Caller, type CallerSettings } from './caller.js';
import type { CallRequestOutcome } from './voice-gateway.js';

const SETTINGS: CallerSettings = {
  maxConcurrentCalls: 10,
  callsPerMinute: 1_000,
  reportTimeoutMs: 300_000,
  pollIntervalMs: 1_000,
  recordRetryMs: 500,
};

describe('the caller', () => {
  let clock: VirtualClock;
  let lifecycle: InMemoryLifecycle;
  let dueCalls: InMemoryDueCalls;
  let gateway: ScriptedVoiceGateway;
  let directory: CallDirectory;
  let callers: Caller[];

  const startCaller = async (settings: Partial<CallerSettings> = {}): Promise<Caller> => {
    const caller = new Caller(lifecycle, gateway, dueCalls, directory, clock, { ...SETTINGS, ...settings });
    callers.push(caller);
    caller.start();
    await quiet();
    return caller;
  };

  /** Lets time pass in steps small enough for every timer's work to happen in its own time. */
  const pass = async (ms: number, stepMs = 100): Promise<void> => {
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      clock.advance(stepMs);
      await quiet();
    }
  };

  const called = (): string[] => gateway.requests.map((call) => call.messageId);
  const dueMany = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => dueForCall(lifecycle, index + 1));

  beforeEach(() => {
    Logger.overrideLogger(false);
    clock = new VirtualClock();
    lifecycle = new InMemoryLifecycle();
    dueCalls = new InMemoryDueCalls(lifecycle);
    gateway = new ScriptedVoiceGateway();
    directory = new RecentCallDirectory(() => Promise.resolve(undefined), clock);
    callers = [];
  });

  afterEach(async () => {
    await Promise.all(callers.map((caller) => caller.stop()));
    Logger.overrideLogger(['fatal', 'error', 'warn', 'log']);
  });

  it('has VoiceAttempted durable before it asks the gateway, and VoiceQueued after', async () => {
    const id = dueForCall(lifecycle, 1, { to: '+254722000111' });
    gateway.answer = (call) => {
      expect(lifecycle.eventsOf(id)).toEqual(['VoiceAttempted']);
      return queuedBySession(call);
    };
    await startCaller();
    expect(gateway.requests).toEqual([{ messageId: id, attempt: 1, to: '+254722000111' }]);
    expect(lifecycle.eventsOf(id)).toEqual(['VoiceAttempted', 'VoiceQueued']);
    expect(await directory.find(`session-${id}-1`)).toEqual({ messageId: id, attempt: 1 });
  });

  it('sets the deadline of the report from the instant of the attempt', async () => {
    const id = dueForCall(lifecycle, 1);
    const dueAt = new Date(clock.now() + SETTINGS.reportTimeoutMs).toISOString();
    await startCaller();
    expect(lifecycle.message(id).voice).toMatchObject({ state: 'calling', reportDueAt: dueAt });
  });

  it('does not call when the decider gives no permission', async () => {
    const id = dueForCall(lifecycle, 1);
    // The read model still shows a call as due that another process has attempted.
    dueCalls.due = () => Promise.resolve([{ messageId: id }]);
    await startCaller();
    await pass(10_000);
    expect(called()).toEqual([id]);
  });

  it('calls once when two callers see the same due call', async () => {
    const ids = dueMany(20);
    await Promise.all([startCaller(), startCaller()]);
    await pass(5_000);
    expect(called().toSorted()).toEqual(ids.toSorted());
  });

  it('does not call when the attempt could not be recorded, and calls once it can', async () => {
    const id = dueForCall(lifecycle, 1);
    lifecycle.failWith = () => new JournalUnavailableError('connection refused');
    await startCaller();
    await pass(3_000);
    expect(called()).toEqual([]);
    lifecycle.failWith = () => null;
    await pass(1_100);
    expect(called()).toEqual([id]);
  });

  it('calls the others when one message cannot be handled', async () => {
    const [poison, ...others] = dueMany(5);
    lifecycle.failWith = (commands) =>
      commands !== 'load' && commands.some((command) => command.messageId === poison)
        ? new Error('unknown event in the stream')
        : null;
    await startCaller();
    expect(called().toSorted()).toEqual(others);
  });

  it('never asks again for a call whose request was not answered', async () => {
    const id = dueForCall(lifecycle, 1);
    gateway.answer = () => ({ status: 'unknown', detail: 'no answer within 10000 ms' });
    await startCaller();
    await pass(600_000, 5_000);
    expect(called()).toEqual([id]);
    expect(lifecycle.eventsOf(id)).toEqual(['VoiceAttempted', 'VoiceOutcomeUnknown']);
    expect(lifecycle.message(id).outcome).toBe('not-reached');
  });

  it('takes a gateway that throws for one that did not answer', async () => {
    const id = dueForCall(lifecycle, 1);
    gateway.answer = () => Promise.reject(new Error('boom'));
    await startCaller();
    expect(lifecycle.eventsOf(id)).toEqual(['VoiceAttempted', 'VoiceOutcomeUnknown']);
  });

  it('records a refusal with the gateway’s word for it', async () => {
    const id = dueForCall(lifecycle, 1);
    gateway.answer = () => ({
      status: 'refused',
      failure: 'invalid-number',
      reason: 'InvalidPhoneNumber',
      raw: '{}',
    });
    await startCaller();
    expect(lifecycle.events.at(-1)).toMatchObject({
      type: 'VoiceFailed',
      data: { attempt: 1, sessionId: null, failure: 'invalid-number', reason: 'InvalidPhoneNumber' },
    });
    await pass(300_000, 5_000);
    expect(called()).toEqual([id]);
  });

  it('calls again when the decider says so, as the second attempt', async () => {
    const id = dueForCall(lifecycle, 1, { retryAfterSeconds: 60 });
    await startCaller();
    await lifecycle.handleMany([
      {
        type: 'RecordCallFailed',
        messageId: id,
        at: clock.isoNow(),
        attempt: 1,
        sessionId: null,
        failure: 'busy',
        reason: 'USER_BUSY',
        raw: '{}',
      },
    ]);
    await pass(59_000, 1_000);
    expect(gateway.requests.map((call) => call.attempt)).toEqual([1]);
    await pass(2_000);
    expect(gateway.requests.map((call) => call.attempt)).toEqual([1, 2]);
  });

  it('closes a call without a final report at its deadline, and not before', async () => {
    const id = dueForCall(lifecycle, 1);
    await startCaller();
    await pass(SETTINGS.reportTimeoutMs - 5_000, 1_000);
    expect(lifecycle.message(id).voice.state).toBe('calling');
    await pass(7_000, 1_000);
    expect(lifecycle.events.at(-1)).toMatchObject({
      type: 'VoiceOutcomeUnknown',
      data: { attempt: 1, cause: 'no-final-report' },
    });
    expect(called()).toEqual([id]);
  });

  it('does not ask to close a call that is not overdue, though the read model says so', async () => {
    const id = dueForCall(lifecycle, 1);
    await startCaller();
    dueCalls.overdueReports = () => Promise.resolve([{ messageId: id }]);
    await pass(5_000);
    expect(lifecycle.commandsOf(id)).toEqual(['AttemptCall', 'RecordCallQueued']);
  });

  it('closes the calls of a process that died after VoiceAttempted, without calling', async () => {
    const id = dueForCall(lifecycle, 1);
    const reportDueAt = new Date(clock.now() + 60_000).toISOString();
    await lifecycle.handleMany([
      { type: 'AttemptCall', messageId: id, at: clock.isoNow(), gateway: 'scripted', reportDueAt },
    ]);
    const caller = await startCaller();
    await pass(62_000, 1_000);
    expect([called(), lifecycle.message(id).voice.state]).toEqual([[], 'unknown']);
    expect(caller.counters()).toMatchObject({ requested: 0, unreported: 1 });
  });

  it('keeps no more requests under way than allowed, and uses every slot that comes free', async () => {
    const ids = dueMany(7);
    const open: ((outcome: CallRequestOutcome) => void)[] = [];
    gateway.answer = () => new Promise((resolve) => open.push(resolve));
    const caller = await startCaller({ maxConcurrentCalls: 3 });
    let ended = 0;
    while (ended < ids.length) {
      expect(gateway.requests.length).toBe(Math.min(ids.length, ended + 3));
      expect(caller.counters().underWay).toBeLessThanOrEqual(3);
      open[ended]?.({ status: 'queued', sessionId: `session-${String(ended)}` });
      ended += 1;
      await pass(100, 50);
    }
    expect(called().toSorted()).toEqual(ids);
  });

  it('lets calls wait when the cap per minute is reached, counts it, and goes on in time', async () => {
    dueMany(10);
    const caller = await startCaller({ callsPerMinute: 4 });
    expect(gateway.requests).toHaveLength(4);
    await pass(59_000, 500);
    expect(gateway.requests).toHaveLength(4);
    expect(caller.counters().capReached).toBeGreaterThan(0);
    await pass(2_000, 500);
    expect(gateway.requests).toHaveLength(8);
  });

  it('does not count against the cap what the decider did not permit', async () => {
    // The read model still shows four calls as due that another caller has placed.
    const rows = dueMany(4).map((messageId) => ({ messageId }));
    const first = await startCaller();
    await first.stop();
    expect(gateway.requests).toHaveLength(4);
    rows.push({ messageId: dueForCall(lifecycle, 9) });
    dueCalls.due = (_, limit) => Promise.resolve(rows.slice(0, limit));
    const second = await startCaller({ callsPerMinute: 1 });
    expect(second.counters()).toMatchObject({ requested: 1, capReached: 0 });
    expect(called().at(-1)).toBe(messageIdOf(9));
  });

  it('spares the calls of others when the gateway refuses one after the other', async () => {
    dueMany(30);
    gateway.answer = () => ({
      status: 'refused',
      failure: 'refused-by-gateway',
      reason: 'InsufficientCredit',
      raw: '',
    });
    const caller = await startCaller({ maxConcurrentCalls: 1 });
    await pass(29_000);
    expect(gateway.requests).toHaveLength(5);
    expect(caller.counters().gatewayAvoided).toBeGreaterThan(0);
    await pass(2_000);
    expect(gateway.requests).toHaveLength(6);
    gateway.answer = queuedBySession;
    await pass(70_000, 500);
    expect(gateway.requests).toHaveLength(30);
  });

  it('tries a failing gateway with one call at a time, however long that takes', async () => {
    dueMany(30);
    gateway.answer = () => ({ status: 'unknown', detail: 'no answer' });
    await startCaller();
    await pass(1_000);
    const beforeTrial = gateway.requests.length;
    const open: ((outcome: CallRequestOutcome) => void)[] = [];
    gateway.answer = () => new Promise((resolve) => open.push(resolve));
    await pass(60_000, 500);
    expect(gateway.requests).toHaveLength(beforeTrial + 1);
    gateway.answer = queuedBySession;
    open[0]?.({ status: 'queued', sessionId: 'trial' });
    await pass(10_000, 500);
    expect(gateway.requests).toHaveLength(30);
  });

  it('does not take bad numbers for a bad gateway', async () => {
    dueMany(30);
    gateway.answer = () => ({ status: 'refused', failure: 'invalid-number', reason: 'bad', raw: '' });
    await startCaller({ maxConcurrentCalls: 1 });
    await pass(5_000, 50);
    expect(gateway.requests).toHaveLength(30);
  });

  it('looks at once when it is woken, but not more than twenty times a second', async () => {
    const caller = await startCaller();
    await pass(200);
    const id = dueForCall(lifecycle, 1);
    caller.wake();
    await quiet();
    expect(called()).toEqual([id]);

    const askedBefore = dueCalls.asked;
    for (let wakes = 0; wakes < 1_000; wakes += 1) {
      clock.advance(1);
      caller.wake();
      await Promise.resolve();
    }
    await quiet();
    expect(dueCalls.asked - askedBefore).toBeLessThanOrEqual(21);
    expect(dueCalls.asked - askedBefore).toBeGreaterThanOrEqual(10);
  });

  it('finishes what is under way when it stops, and begins nothing new', async () => {
    dueMany(4);
    const open: ((outcome: CallRequestOutcome) => void)[] = [];
    gateway.answer = () => new Promise((resolve) => open.push(resolve));
    const caller = await startCaller({ maxConcurrentCalls: 2 });
    let stopped = false;
    const stopping = caller.stop().then(() => (stopped = true));
    await pass(5_000, 500);
    expect([stopped, gateway.requests.length]).toEqual([false, 2]);
    open.forEach((answer, index) => {
      answer({ status: 'queued', sessionId: `session-${String(index)}` });
    });
    await stopping;
    expect(lifecycle.events.filter((event) => event.type === 'VoiceQueued')).toHaveLength(2);
    caller.wake();
    await pass(5_000, 500);
    expect(gateway.requests).toHaveLength(2);
  });

  it('asks the gateway for a call that was permitted while it was told to stop', async () => {
    const id = dueForCall(lifecycle, 1);
    const caller = new Caller(lifecycle, gateway, dueCalls, directory, clock, SETTINGS);
    callers.push(caller);
    caller.start();
    await caller.stop();
    expect(called()).toEqual([id]);
    expect(lifecycle.eventsOf(id)).toEqual(['VoiceAttempted', 'VoiceQueued']);
  });

  it('does not redial when the outcome cannot be recorded: it records it when the store is back', async () => {
    const id = dueForCall(lifecycle, 1);
    lifecycle.failWith = (commands) =>
      commands !== 'load' && commands[0]?.type === 'RecordCallQueued'
        ? new JournalUnavailableError('connection refused')
        : null;
    await startCaller();
    await pass(10_000);
    expect([called(), lifecycle.eventsOf(id)]).toEqual([[id], ['VoiceAttempted']]);
    lifecycle.failWith = () => null;
    await pass(1_000);
    expect([called(), lifecycle.eventsOf(id)]).toEqual([[id], ['VoiceAttempted', 'VoiceQueued']]);
  });

  it('ends its stop although the store is down: the deadline closes the call', async () => {
    const id = dueForCall(lifecycle, 1);
    lifecycle.failWith = (commands) =>
      commands !== 'load' && commands[0]?.type === 'RecordCallQueued'
        ? new JournalUnavailableError('connection refused')
        : null;
    const caller = await startCaller();
    await caller.stop();
    expect(lifecycle.eventsOf(id)).toEqual(['VoiceAttempted']);
  });
});
