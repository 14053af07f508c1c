// The voice simulator on its own: what it does with bad requests, how it is controlled, and how
// it starts and ends as a process.
import { afterEach, describe, expect, it } from '@jest/globals';
import { VoiceSimulator } from '../../src/simulators/voice/voice-simulator.js';
import { eventually } from '../support/eventually.js';
import { type StartedProcess, startProcess } from '../support/processes.js';

const TO = '+254711082880';
const FORM = { username: 'sandbox', from: '+254711082000', to: TO };

const call = (baseUrl: string, form: Record<string, string> = FORM, apikey = 'key'): Promise<Response> =>
  fetch(`${baseUrl}/call`, { method: 'POST', headers: { apikey }, body: new URLSearchParams(form) });

describe('the voice simulator', () => {
  let simulator: VoiceSimulator;

  const origin = (): string => `http://127.0.0.1:${String(simulator.port)}`;
  const control = (method: string, path: string, body?: string): Promise<Response> =>
    fetch(`${origin()}${path}`, { method, ...(body !== undefined && { body }) });
  const untilEnded = (calls: number): Promise<void> =>
    eventually(
      (listener) => simulator.ledger.onChanged(listener),
      `${String(calls)} calls to end`,
      () => simulator.ledger.counters.ended === calls,
    );

  afterEach(async () => {
    await simulator.close();
  });

  it('queues a call as the real gateway does', async () => {
    simulator = await VoiceSimulator.listen();
    const response = await call(simulator.baseUrl);
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({
      entries: [
        { phoneNumber: TO, status: 'Queued', sessionId: expect.stringMatching(/^ATVId_[0-9a-f]{32}$/) },
      ],
      errorMessage: 'None',
    });
  });

  it('refuses a wrong key, a missing field and a number that is none', async () => {
    simulator = await VoiceSimulator.listen({ settings: { apiKey: 'key' } });
    expect((await call(simulator.baseUrl, FORM, 'other')).status).toBe(401);
    expect((await call(simulator.baseUrl, { ...FORM, to: '' })).status).toBe(400);
    expect(await (await call(simulator.baseUrl, { ...FORM, to: '0711' })).json()).toMatchObject({
      entries: [{ status: 'InvalidPhoneNumber', sessionId: 'None' }],
    });
    expect(simulator.ledger.counters).toMatchObject({ dialled: 0, refused: 1 });
  });

  it('counts labels that are asked for again: a call made twice', async () => {
    simulator = await VoiceSimulator.listen();
    for (const clientRequestId of ['a', 'b', 'a'])
      await call(simulator.baseUrl, { ...FORM, clientRequestId });
    expect(simulator.ledger.counters).toMatchObject({ requested: 3, repeatedLabels: 1 });
  });

  it('goes by the last digit of the number', async () => {
    simulator = await VoiceSimulator.listen({ settings: { ringDelayMs: 0 } });
    for (let digit = 0; digit < 10; digit += 1) {
      await call(simulator.baseUrl, { ...FORM, to: `+25471108288${String(digit)}` });
    }
    await untilEnded(9);
    expect(simulator.ledger.calls.map(({ number, end }) => [number.at(-1), end])).toEqual([
      ['0', 'answered'],
      ['1', 'silent'],
      ['3', 'declined'],
      ['4', 'unreachable'],
      ['5', 'answered'],
      ['6', 'busy'],
      ['7', 'no-answer'],
      ['8', 'invalid-number'],
      ['9', 'answered'],
    ]);
  });

  it('lets scripts for a number go before the rule, the last one for good', async () => {
    simulator = await VoiceSimulator.listen({ settings: { ringDelayMs: 0 } });
    const calls = [{ end: 'busy' }, { end: 'declined' }];
    expect((await control('POST', '/scripts', JSON.stringify({ number: TO, calls }))).status).toBe(200);
    for (let times = 0; times < 3; times += 1) await call(simulator.baseUrl);
    await untilEnded(3);
    expect(simulator.ledger.calls.map(({ end }) => end)).toEqual(['busy', 'declined', 'declined']);
  });

  it('tells its ledger and counters over HTTP, and takes settings, but only ones that can be', async () => {
    simulator = await VoiceSimulator.listen({ settings: { ringDelayMs: 3_600_000 } });
    expect((await control('PATCH', '/settings', '{"ringDelayMs":0}')).status).toBe(200);
    await call(simulator.baseUrl);
    await untilEnded(1);
    expect(await (await control('GET', '/ledger')).json()).toMatchObject([{ number: TO, state: 'ended' }]);
    expect(await (await control('GET', '/counters')).json()).toMatchObject({
      requested: 1,
      dialled: 1,
      ended: 1,
    });
    for (const body of ['{"ringDelayMs":-1}', '{"unheard":1}', '{', 'null', '']) {
      expect([body, (await control('PATCH', '/settings', body)).status]).toEqual([body, 400]);
    }
    for (const body of ['null', '{}', '{"number":"+1","calls":[{"end":"dead"}]}']) {
      expect([body, (await control('POST', '/scripts', body)).status]).toEqual([body, 400]);
    }
    expect((await control('GET', '/elsewhere')).status).toBe(404);
  });

  it('closes at once, calls under way and requests unanswered included', async () => {
    simulator = await VoiceSimulator.listen({ settings: { ringDelayMs: 3_600_000, response: 'never' } });
    const unanswered = call(simulator.baseUrl);
    await eventually(
      (listener) => simulator.ledger.onChanged(listener),
      'the call to be dialled',
      () => simulator.ledger.counters.dialled === 1,
    );
    await Promise.all([expect(unanswered).rejects.toThrow(), simulator.close()]);
    simulator = await VoiceSimulator.listen();
  });
});

describe('the voice simulator as a process', () => {
  const ENTRY = 'dist/src/simulators/voice/main.js';
  const processes: StartedProcess[] = [];

  const start = async (
    args: readonly string[] = [],
    env: Record<string, string> = {},
  ): Promise<StartedProcess> => {
    const started = await startProcess(ENTRY, args, env);
    processes.push(started);
    return started;
  };

  afterEach(async () => {
    for (const started of processes.splice(0)) await started.kill();
  });

  it('says its port on one line when it is ready, takes calls, and ends on SIGTERM', async () => {
    const simulator = await start(['--settings', '{"ringDelayMs":0}']);
    expect(simulator.stdout).toBe(`${JSON.stringify({ ready: true, port: simulator.number('port') })}\n`);
    const baseUrl = `http://127.0.0.1:${String(simulator.number('port'))}/version1`;
    expect((await call(baseUrl)).status).toBe(201);
    expect(await simulator.stop()).toEqual({ code: 0, signal: null });
  });

  it('ends when its parent goes', async () => {
    const simulator = await start();
    simulator.closeStdin();
    expect(await simulator.exited).toEqual({ code: 0, signal: null });
  });

  it('takes the callback URL from the environment, where no process list shows it', async () => {
    const receiver = await VoiceSimulator.listen();
    try {
      const callbackUrl = `http://127.0.0.1:${String(receiver.port)}/elsewhere`;
      const env = { VOICE_SIMULATOR_CALLBACK_URL: callbackUrl };
      const simulator = await start(['--settings', '{"ringDelayMs":0,"reportRetries":0}'], env);
      const origin = `http://127.0.0.1:${String(simulator.number('port'))}`;
      await call(`${origin}/version1`, { ...FORM, to: '+254711082886' });
      // The callback is answered 404 by the receiver: what counts is that it was sent there.
      await expectSoon(async () => {
        const counters = (await (await fetch(`${origin}/counters`)).json()) as { callbacksFailed: number };
        return counters.callbacksFailed === 1;
      });
    } finally {
      await receiver.close();
    }
  });

  it.each([
    [['--rule', 'by-magic'], 'rule: must be one of'],
    [['--settings', '{"unheard":1}'], 'unheard: is unknown'],
    [['--callback-url', 'nonsense'], 'callbackUrl: must be an http(s) URL'],
    [['--unheard'], '--unheard'],
  ])('does not start with %j, and says why', async (args, why) => {
    await expect(start(args)).rejects.toThrow(why);
  });
});

/** Asks again and again without a pause: every question is a round trip of its own. */
async function expectSoon(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds())) if (performance.now() > deadline) throw new Error('waited 10000 ms in vain');
}
