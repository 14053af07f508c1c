// The voice room from the due call to the durable outcome, over HTTP, with the simulator ringing.
import { afterEach, describe, expect, it } from '@jest/globals';
import { JournalUnavailableError } from '../../src/journal/journal.errors.js';
import { dueForCall, messageIdOf, submittedOnly } from '../support/voice-messages.js';
import { OLD_SECRET, SECRET, VoiceRoom, type VoiceRoomOptions } from '../support/voice-room.js';

const TO = '+254711082880';
const DOWN = new JournalUnavailableError('connection refused');

describe('a voice call', () => {
  let room: VoiceRoom;

  const open = async (options: VoiceRoomOptions = {}): Promise<VoiceRoom> =>
    (room = await VoiceRoom.open(options));
  const outcomeOf = (id: string): string => room.lifecycle.message(id).outcome;
  const ended = (): boolean => room.simulator.ledger.calls.every((call) => call.state === 'ended');
  const statuses = (kind: 'picked-up' | 'final'): (number | null)[] =>
    room.simulator.ledger.calls.flatMap((call) =>
      call.callbacks.filter((callback) => callback.kind === kind).map((callback) => callback.httpStatus),
    );

  afterEach(async () => {
    await room.close();
  });

  it('speaks the message to the person and records that it was answered', async () => {
    await open();
    const id = dueForCall(room.lifecycle, 1, { to: TO, text: 'Your water is cut off.' });
    room.wake();
    await room.until('the call to end', () => outcomeOf(id) === 'reached-by-voice' && ended());
    expect(room.lifecycle.eventsOf(id)).toEqual(['VoiceAttempted', 'VoiceQueued', 'VoiceAnswered']);
    expect(room.simulator.ledger.calls).toMatchObject([
      { number: TO, spokenText: 'Your water is cut off.', label: `${id}.1` },
    ]);
    expect(statuses('final')).toEqual([200]);
  });

  it('speaks any text exactly, but for control characters', async () => {
    await open();
    const text = `<Reject/> Tom & "Jerry" 'n' ]]> &amp; 5 > 3 ñ 😀 ẞ\n\u0000\u0007\u001b[31mred\u007f`;
    const id = dueForCall(room.lifecycle, 1, { text });
    room.wake();
    await room.until('the call to end', () => outcomeOf(id) === 'reached-by-voice' && ended());
    expect(room.simulator.ledger.calls[0]?.spokenText).toBe(
      `<Reject/> Tom & "Jerry" 'n' ]]> &amp; 5 > 3 ñ 😀 ẞ\n[31mred`,
    );
  });

  it('speaks with the voice of the message’s language', async () => {
    await open({ voices: { byLocale: { sw: 'sw-KE-Standard-A' }, otherwise: null } });
    dueForCall(room.lifecycle, 1, { text: 'Habari', locale: 'sw-KE' });
    room.wake();
    await room.until('the call to end', () => room.simulator.ledger.counters.ended === 1);
    expect(room.simulator.ledger.calls[0]).toMatchObject({ spokenText: 'Habari', voice: 'sw-KE-Standard-A' });
  });

  it('understands reports in JSON as well as in forms', async () => {
    await open({ simulator: { callbackFormat: 'json' } });
    const id = dueForCall(room.lifecycle, 1);
    room.wake();
    await room.until('the answer to be recorded', () => outcomeOf(id) === 'reached-by-voice');
    expect(room.lifecycle.eventsOf(id)).toEqual(['VoiceAttempted', 'VoiceQueued', 'VoiceAnswered']);
  });

  it('speaks although the gateway calls back before it answers our request', async () => {
    await open({ simulator: { callbackFirst: true, responseDelayMs: 200 } });
    const id = dueForCall(room.lifecycle, 1);
    room.wake();
    await room.until('the call to end', () => outcomeOf(id) === 'reached-by-voice' && ended());
    expect(room.simulator.ledger.calls[0]?.spokenText).toBe('Your water is cut off.');
    expect(room.lifecycle.commandsOf(id)).toContain('RecordCallAnswered');
  });

  it('records twenty simultaneous copies of every report as one answer', async () => {
    await open({ simulator: { copies: 20 } });
    const id = dueForCall(room.lifecycle, 1);
    room.wake();
    await room.until('the call to end', () => outcomeOf(id) === 'reached-by-voice' && ended());
    expect(statuses('picked-up')).toEqual(Array(20).fill(200));
    expect(statuses('final')).toEqual(Array(20).fill(200));
    expect(room.lifecycle.eventsOf(id)).toEqual(['VoiceAttempted', 'VoiceQueued', 'VoiceAnswered']);
  });

  it.each([
    ['declined', 'declined', 'CALL_REJECTED'],
    ['unreachable', 'unreachable', 'SUBSCRIBER_ABSENT'],
    ['invalid-number', 'invalid-number', 'UNALLOCATED_NUMBER'],
  ] as const)('that ends %s is recorded as failed: %s', async (end, failure, reason) => {
    await open({ simulator: { shares: { [end]: 1 } } });
    const id = dueForCall(room.lifecycle, 1);
    room.wake();
    await room.until('the call to fail', () => outcomeOf(id) === 'not-reached' && ended());
    expect(room.lifecycle.events.at(-1)).toMatchObject({
      type: 'VoiceFailed',
      data: { failure, reason, retryAt: null, sessionId: room.simulator.ledger.calls[0]?.sessionId },
    });
    expect(room.simulator.ledger.counters.requested).toBe(1);
  });

  it('is repeated after busy, as often as the policy allows, each with a session of its own', async () => {
    await open();
    room.simulator.script(TO, [{ end: 'busy' }, { end: 'answered' }]);
    const id = dueForCall(room.lifecycle, 1, { to: TO, maxCalls: 2, retryAfterSeconds: 1 });
    room.wake();
    await room.until('the second call to be answered', () => outcomeOf(id) === 'reached-by-voice' && ended());
    expect(room.lifecycle.eventsOf(id).filter((type) => type !== 'VoiceQueued')).toEqual([
      'VoiceAttempted',
      'VoiceFailed',
      'VoiceAttempted',
      'VoiceAnswered',
    ]);
    expect(room.simulator.ledger.calls.map((call) => call.label)).toEqual([`${id}.1`, `${id}.2`]);
  });

  it.each(['never', 'server-error', 'cut', 'unreadable'] as const)(
    'whose request was answered with "%s" is unknown, is never repeated, and its reports change nothing',
    async (response) => {
      await open({ simulator: { response }, requestTimeoutMs: 300, sessionWaitMs: 500 });
      const id = dueForCall(room.lifecycle, 1, { maxCalls: 3, retryAfterSeconds: 1 });
      room.wake();
      await room.until('the call to end', () => outcomeOf(id) === 'not-reached' && ended());
      for (let polls = 0; polls < 20; polls += 1) room.wake();
      // Another call goes through after it, so the caller has looked for work again.
      room.simulator.configure({ response: 'queued' });
      const other = dueForCall(room.lifecycle, 2, { to: '+254722000111' });
      room.wake();
      await room.until('the other call to end', () => outcomeOf(other) === 'reached-by-voice' && ended());
      expect(room.lifecycle.eventsOf(id)).toEqual(['VoiceAttempted', 'VoiceOutcomeUnknown']);
      expect(room.simulator.ledger.calls.map((call) => call.number)).toEqual([TO, '+254722000111']);
      expect(room.simulator.ledger.counters.repeatedLabels).toBe(0);
      // The phone rang all the same: whoever picked up was hung up on, and the report was let go.
      expect(room.simulator.ledger.calls[0]).toMatchObject({ spokenText: null, problem: 'rejected' });
      expect(statuses('final')[0]).toBe(202);
    },
  );

  it('whose request was never answered still speaks when the gateway hands our label back', async () => {
    await open({ simulator: { response: 'never', echoLabel: true }, requestTimeoutMs: 300 });
    const id = dueForCall(room.lifecycle, 1);
    room.wake();
    await room.until('the call to end', () => ended() && room.simulator.ledger.counters.ended === 1);
    expect(room.simulator.ledger.calls[0]?.spokenText).toBe('Your water is cut off.');
    expect(room.lifecycle.eventsOf(id)).toContain('VoiceAnswered');
    expect(room.simulator.ledger.counters.requested).toBe(1);
  });

  it('that is never reported on becomes unknown at its deadline', async () => {
    await open({ simulator: { shares: { silent: 1 } }, caller: { reportTimeoutMs: 500 } });
    const id = dueForCall(room.lifecycle, 1);
    room.wake();
    await room.until('the deadline', () => outcomeOf(id) === 'not-reached');
    expect(room.lifecycle.events.at(-1)).toMatchObject({
      type: 'VoiceOutcomeUnknown',
      data: { cause: 'no-final-report' },
    });
  });

  it('is reported again by the gateway while the store is down, and recorded once it is back', async () => {
    await open({ simulator: { reportRetries: 100, reportRetryMs: 20 } });
    const id = dueForCall(room.lifecycle, 1);
    let refused = 0;
    room.lifecycle.failWith = (commands) => {
      if (commands === 'load' || commands[0]?.type !== 'RecordCallAnswered' || refused === 3) return null;
      refused += 1;
      return DOWN;
    };
    room.wake();
    await room.until('the call to end', () => outcomeOf(id) === 'reached-by-voice' && ended());
    expect(statuses('final')).toEqual([503, 503, 503, 200]);
    expect(room.lifecycle.eventsOf(id)).toEqual(['VoiceAttempted', 'VoiceQueued', 'VoiceAnswered']);
  });

  it('leaves no number, text, key or secret in the log', async () => {
    await open({ simulator: { shares: { answered: 1, busy: 1, declined: 1 } }, requestTimeoutMs: 300 });
    const ids = Array.from({ length: 20 }, (_, index) =>
      dueForCall(room.lifecycle, index, { text: 'MARKER-TEXT' }),
    );
    room.simulator.script('+254733000999', [{ response: 'cut' }]);
    ids.push(dueForCall(room.lifecycle, 99, { to: '+254733000999', text: 'MARKER-TEXT' }));
    room.wake();
    await room.until(
      'all calls to be requested',
      () => room.simulator.ledger.counters.dialled === ids.length,
    );
    await room.report({ isActive: '0', sessionId: 'unknown', callerNumber: TO });
    await room.report('{', { type: 'application/json' });
    await room.report({ isActive: '0', sessionId: 'unknown' }, { secret: 'a-forged-secret' });
    const log = room.log.join('\n');
    expect(log).toContain('unknown');
    for (const secret of [TO.slice(1), '254733000999', 'MARKER-TEXT', SECRET, OLD_SECRET, 'the-key']) {
      expect(log).not.toContain(secret);
    }
  });
});

describe('the callback route', () => {
  let room: VoiceRoom;
  const FINAL = { isActive: '0', durationInSeconds: '3.21', hangupCause: 'NORMAL_CLEARING' };

  const open = async (): Promise<VoiceRoom> =>
    (room = await VoiceRoom.open({ simulator: { shares: { silent: 1 } }, sessionWaitMs: 100 }));
  /** A call under way, and its session. */
  const calling = async (): Promise<{ id: string; sessionId: string }> => {
    const id = dueForCall(room.lifecycle, 1);
    room.wake();
    await room.until('the call to be queued', () => room.lifecycle.eventsOf(id).includes('VoiceQueued'));
    return { id, sessionId: room.simulator.ledger.calls[0]?.sessionId ?? '' };
  };

  afterEach(async () => {
    await room.close();
  });

  it('answers a forged secret 404 and changes nothing, whatever the report says', async () => {
    await open();
    const { id, sessionId } = await calling();
    const forged = ['a-forged-callback-secret', SECRET.slice(1), `${SECRET}x`, SECRET.toUpperCase(), '%00'];
    for (const secret of forged) {
      const response = await room.report({ ...FINAL, sessionId }, { secret });
      expect([secret, response.status]).toEqual([secret, 404]);
      expect(await response.text()).not.toContain(SECRET);
    }
    expect(room.lifecycle.commandsOf(id)).toEqual(['AttemptCall', 'RecordCallQueued']);
  });

  it('takes both secrets while one is rotated out', async () => {
    await open();
    const { id, sessionId } = await calling();
    const speak = await room.report({ isActive: '1', sessionId }, { secret: OLD_SECRET });
    expect([speak.status, await speak.text()]).toEqual([200, expect.stringContaining('<Say>Your water')]);
    expect((await room.report({ ...FINAL, sessionId }, { secret: SECRET })).status).toBe(200);
    expect(room.lifecycle.message(id).outcome).toBe('reached-by-voice');
  });

  it('hangs up on unknown sessions and takes their end without recording anything', async () => {
    await open();
    const active = await room.report({ isActive: '1', sessionId: 'ATVId_unknown' });
    expect([active.status, active.headers.get('content-type')]).toEqual([
      200,
      'application/xml; charset=utf-8',
    ]);
    expect(await active.text()).toMatch(/<Response><Reject\/><\/Response>$/);
    expect((await room.report({ ...FINAL, sessionId: 'ATVId_unknown' })).status).toBe(202);
    expect(room.lifecycle.commands).toEqual([]);
    expect(room.log.filter((line) => line.includes('ATVId_unknown'))).toHaveLength(2);
  });

  it('does not speak a message that was never called, nor record anything for it', async () => {
    await open();
    const ids = [messageIdOf(404), submittedOnly(room.lifecycle, 1)];
    // Decided, but due only later.
    ids.push(dueForCall(room.lifecycle, 2, { callAt: '2030-01-01T00:00:00.000Z' }));
    for (const id of ids) {
      const fields = { sessionId: 'forged', clientRequestId: `${id}.1` };
      const active = await room.report({ isActive: '1', ...fields });
      expect(await active.text()).toContain('<Reject/>');
      await room.report({ ...FINAL, ...fields });
    }
    expect(room.lifecycle.events).toEqual([]);
  });

  it('changes nothing when a report is repeated or contradicts the recorded one', async () => {
    await open();
    const { id, sessionId } = await calling();
    const reports = [FINAL, FINAL, { ...FINAL, hangupCause: 'USER_BUSY', durationInSeconds: '0' }];
    for (const report of reports) expect((await room.report({ ...report, sessionId })).status).toBe(200);
    expect(room.lifecycle.eventsOf(id)).toEqual(['VoiceAttempted', 'VoiceQueued', 'VoiceAnswered']);
  });

  it('keeps the numbers of a report out of the event', async () => {
    await open();
    const { sessionId } = await calling();
    await room.report({ ...FINAL, sessionId, callerNumber: TO, destinationNumber: TO, dtmfDigits: '4711' });
    const recorded = room.lifecycle.events.at(-1);
    expect(recorded).toMatchObject({ type: 'VoiceAnswered', data: { durationSeconds: 3.21 } });
    expect(JSON.stringify(recorded)).not.toMatch(/711082880|4711/);
  });

  it.each([
    ['an empty form', '', ''],
    ['a form without a session', 'isActive=1', ''],
    ['a form with a field given twice', 'isActive=1&sessionId=a&sessionId=b', ''],
    ['a form with an unheard-of isActive', 'isActive=yes&sessionId=a', ''],
    ['JSON without a comma', '{"isActive":"1" "sessionId":"a"}', 'application/json'],
    ['a JSON list', '[]', 'application/json'],
    ['JSON null', 'null', 'application/json'],
    ['JSON with the wrong types', '{"isActive":{},"sessionId":[]}', 'application/json'],
    ['JSON that reaches for the prototype', '{"__proto__":{"isActive":"1"}}', 'application/json'],
  ])('answers %s 400, never 500', async (_, body, type) => {
    await open();
    const response = await room.report(body, { type });
    expect(response.status).toBe(400);
    expect(room.lifecycle.commands).toEqual([]);
  });

  it('names the field and the problem in the problem details', async () => {
    await open();
    const response = await room.report({ isActive: 'yes', sessionId: 'a' });
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Unreadable call report',
      status: 400,
      detail: 'isActive: must be 1 (in progress) or 0 (final)',
      errors: [{ field: 'isActive', problem: 'must be 1 (in progress) or 0 (final)' }],
    });
  });

  it('answers 503 with Retry-After while the store is down, to both kinds of report', async () => {
    await open();
    const { sessionId } = await calling();
    room.lifecycle.failWith = () => DOWN;
    for (const isActive of ['0', '1']) {
      const response = await room.report({ ...FINAL, isActive, sessionId });
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    }
  });

  it('answers a final report only after its event is durable', async () => {
    await open();
    const { id, sessionId } = await calling();
    const order: string[] = [];
    const stop = room.lifecycle.onChanged(() => order.push(...room.lifecycle.eventsOf(id).slice(-1)));
    await room.report({ ...FINAL, sessionId }).then(() => order.push('answered 200'));
    stop();
    expect(order).toEqual(['VoiceAnswered', 'answered 200']);
  });
});
