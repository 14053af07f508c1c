import { describe, expect, it } from '@jest/globals';
import {
  type Phase,
  type SessionTimers,
  startTimers,
  stepTimers,
  type TimerAction,
  type TimerEvent,
  timersDueAtMs,
} from './session-timers.js';

const LIMITS = {
  connectTimeoutMs: 100,
  bindTimeoutMs: 200,
  enquireLinkIntervalMs: 1000,
  responseTimeoutMs: 300,
  inactivityTimeoutMs: 5000,
  partialPduTimeoutMs: 50,
  unbindTimeoutMs: 70,
};

/** Steps through the events and gives the last state with every action on the way. */
function run(...events: readonly TimerEvent[]): { timers: SessionTimers; actions: readonly TimerAction[] } {
  let timers = startTimers(0);
  const actions: TimerAction[] = [];
  for (const event of events) {
    const [next, action] = stepTimers(timers, event, LIMITS);
    timers = next;
    if (action !== null) actions.push(action);
  }
  return { timers, actions };
}

const entered = (phase: Phase, atMs: number): TimerEvent => ({ kind: 'entered', phase, atMs });
const tick = (atMs: number): TimerEvent => ({ kind: 'tick', atMs });
const heard = (atMs: number, traffic = 1): TimerEvent => ({
  kind: 'received',
  atMs,
  pdus: 1,
  traffic,
  partial: false,
});
const octets = (atMs: number): TimerEvent => ({ kind: 'received', atMs, pdus: 0, traffic: 0, partial: true });

describe('session timers', () => {
  it.each([
    ['connecting', [], 100, 'connect-timeout'],
    ['binding', [entered('binding', 10)], 210, 'bind-timeout'],
    ['unbinding', [entered('unbinding', 10)], 80, 'unbind-timeout'],
  ])('give up %s when its time is over, not before', (_phase, events, dueAtMs, cause) => {
    expect(timersDueAtMs(run(...events).timers, LIMITS)).toBe(dueAtMs);
    expect(run(...events, tick(dueAtMs - 1)).actions).toEqual([]);
    expect(run(...events, tick(dueAtMs)).actions).toEqual([{ do: 'close', cause }]);
  });

  it('ask a silent SMSC whether it lives, once, and give it up when nothing follows', () => {
    const bound = [entered('bound', 0), tick(1000), tick(1100), tick(1299)];
    expect(run(...bound).actions).toEqual([{ do: 'enquire' }]);
    expect(run(...bound, tick(1300)).actions).toEqual([
      { do: 'enquire' },
      { do: 'close', cause: 'enquire-link-unanswered' },
    ]);
  });

  it('take any PDU as a proof of life', () => {
    const { timers, actions } = run(entered('bound', 0), tick(1000), heard(1200, 1), tick(1300));
    expect(actions).toEqual([{ do: 'enquire' }]);
    expect(timersDueAtMs(timers, LIMITS)).toBe(2200);
  });

  it('do not take octets that complete no PDU as a proof of life', () => {
    const { actions } = run(entered('bound', 0), octets(990), tick(1000), octets(1030), tick(1040));
    expect(actions).toEqual([{ do: 'enquire' }, { do: 'close', cause: 'partial-pdu' }]);
  });

  it('give a PDU that began its own time to end, however many ended before it in the same octets', () => {
    const chunk: TimerEvent = { kind: 'received', atMs: 40, pdus: 3, traffic: 3, partial: true };
    expect(run(entered('bound', 0), octets(10), chunk, tick(89)).actions).toEqual([]);
    expect(run(entered('bound', 0), octets(10), chunk, tick(90)).actions).toEqual([
      { do: 'close', cause: 'partial-pdu' },
    ]);
  });

  it('leave a session without traffic, for which enquire_link does not count', () => {
    const events: TimerEvent[] = [entered('bound', 0)];
    for (let atMs = 900; atMs < 5000; atMs += 900) events.push(heard(atMs, 0));
    expect(run(...events, tick(4999)).actions).toEqual([]);
    expect(run(...events, tick(5000)).actions).toEqual([{ do: 'leave' }]);
    expect(run(...events, { kind: 'submitted', atMs: 4600 }, tick(5000)).actions).toEqual([]);
  });

  it('unbind when what is owed does not come in time', () => {
    expect(run(entered('bound', 0), entered('leaving', 100), tick(400)).actions).toEqual([{ do: 'unbind' }]);
  });
});
