import { beforeEach, describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../clock/virtual-clock.js';
import { quiet } from '../../test/support/eventually.js';
import { CALL_DIRECTORY_DEFAULTS, type CallRef, RecentCallDirectory } from './call-directory.js';

const CALL: CallRef = { messageId: 'm-1', attempt: 2 };

describe('the call directory', () => {
  let clock: VirtualClock;
  let stored: Map<string, CallRef>;
  let lookups: string[];
  let outage: Error | null;

  const directory = (settings: Partial<typeof CALL_DIRECTORY_DEFAULTS> = {}): RecentCallDirectory =>
    new RecentCallDirectory(
      (sessionId) => {
        lookups.push(sessionId);
        return outage === null ? Promise.resolve(stored.get(sessionId)) : Promise.reject(outage);
      },
      clock,
      { ...CALL_DIRECTORY_DEFAULTS, ...settings },
    );

  /** What a promise came to; undefined while it is pending. */
  const watched = async <T>(
    promise: Promise<T>,
  ): Promise<() => { value: T } | { error: unknown } | undefined> => {
    let end: { value: T } | { error: unknown } | undefined;
    promise.then(
      (value) => (end = { value }),
      (error: unknown) => (end = { error }),
    );
    await quiet();
    return () => end;
  };

  beforeEach(() => {
    clock = new VirtualClock();
    stored = new Map();
    lookups = [];
    outage = null;
  });

  it('finds a registered session without asking the read model', async () => {
    const calls = directory();
    calls.register('s', CALL.messageId, CALL.attempt);
    expect(await calls.find('s')).toEqual(CALL);
    expect(lookups).toEqual([]);
  });

  it('finds a session of another process in the read model, and remembers it', async () => {
    stored.set('s', CALL);
    const calls = directory();
    expect(await calls.find('s')).toEqual(CALL);
    expect(await calls.find('s')).toEqual(CALL);
    expect(lookups).toEqual(['s']);
  });

  it('waits for a session that is not known yet, and wakes as soon as it is', async () => {
    const calls = directory();
    const [one, two] = [await watched(calls.find('s')), await watched(calls.find('s'))];
    expect([one(), two()]).toEqual([undefined, undefined]);
    calls.register('s', CALL.messageId, CALL.attempt);
    await quiet();
    expect([one(), two()]).toEqual([{ value: CALL }, { value: CALL }]);
  });

  it('finds a session that reaches the read model while it is waited for', async () => {
    const end = await watched(directory().find('s'));
    stored.set('s', CALL);
    clock.advance(CALL_DIRECTORY_DEFAULTS.recheckMs);
    await quiet();
    expect(end()).toEqual({ value: CALL });
  });

  it('gives up at the deadline, and leaves no timer behind', async () => {
    const end = await watched(directory().find('s'));
    for (let passedMs = 0; passedMs < CALL_DIRECTORY_DEFAULTS.waitMs; passedMs += 50) {
      expect(end()).toBeUndefined();
      clock.advance(50);
      await quiet();
    }
    expect(end()).toEqual({ value: undefined });
    const asked = lookups.length;
    clock.advance(60_000);
    await quiet();
    expect(lookups).toHaveLength(asked);
  });

  it('is not upset when a session is registered twice or after it was given up', async () => {
    const calls = directory();
    const end = await watched(calls.find('s'));
    clock.advance(CALL_DIRECTORY_DEFAULTS.waitMs);
    await quiet();
    for (let step = 0; step < 20; step += 1) {
      clock.advance(CALL_DIRECTORY_DEFAULTS.recheckMs);
      await quiet();
    }
    expect(end()).toEqual({ value: undefined });
    calls.register('s', CALL.messageId, CALL.attempt);
    calls.register('s', CALL.messageId, CALL.attempt);
    expect(await calls.find('s')).toEqual(CALL);
  });

  it('survives an outage of the read model that ends in time', async () => {
    const calls = directory();
    const end = await watched(calls.find('s'));
    outage = new Error('connection lost');
    clock.advance(CALL_DIRECTORY_DEFAULTS.recheckMs);
    await quiet();
    outage = null;
    stored.set('s', CALL);
    clock.advance(CALL_DIRECTORY_DEFAULTS.recheckMs);
    await quiet();
    expect(end()).toEqual({ value: CALL });
  });

  it('says that it cannot know when the read model is down, instead of "unknown"', async () => {
    outage = new Error('connection lost');
    await expect(directory().find('s')).rejects.toMatchObject({
      code: 'VOICE_DIRECTORY_UNAVAILABLE',
      retryable: true,
    });
    outage = null;
    const end = await watched(directory().find('s'));
    outage = new Error('connection lost');
    for (let step = 0; step < 20; step += 1) {
      clock.advance(CALL_DIRECTORY_DEFAULTS.recheckMs);
      await quiet();
    }
    expect(end()).toMatchObject({ error: { code: 'VOICE_DIRECTORY_UNAVAILABLE' } });
  });

  it('waits for a bounded number of sessions: a flood of unknown ones costs no memory', async () => {
    const calls = directory({ maxWaiting: 2 });
    const waiting = [await watched(calls.find('a')), await watched(calls.find('b'))];
    expect(await calls.find('c')).toBeUndefined();
    expect(waiting.map((end) => end())).toEqual([undefined, undefined]);
  });

  it('remembers a bounded number of sessions', async () => {
    const calls = directory({ recentCalls: 2, maxWaiting: 0 });
    for (const sessionId of ['a', 'b', 'c']) calls.register(sessionId, sessionId, 1);
    expect(await calls.find('a')).toBeUndefined();
    expect(await calls.find('c')).toEqual({ messageId: 'c', attempt: 1 });
  });
});
