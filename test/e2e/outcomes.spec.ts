// The data's way through HTTP, once per outcome, with the built-in simulators as far ends.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningService } from '../support/service.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

describe('a message from request to outcome', () => {
  let database: TestDatabase;
  let service: RunningService;

  beforeAll(async () => {
    database = await openTestDatabase();
    service = await RunningService.start({
      databaseUrl: database.url,
      env: { VOICE_RETRY_SECONDS: '1', VOICE_MAX_CALLS: '2', SIMULATOR_RING_DELAY_MS: '20' },
    });
  });

  afterAll(async () => {
    const exit = await service.stop();
    await database.close();
    expect(exit).toEqual({ code: 0, signal: null });
  });

  async function send(to: string, more: object = {}): Promise<string> {
    return service.send({ to, from: '20414', text: 'Your appointment <is> tomorrow & at 9:30.', ...more });
  }

  async function typesOf(id: string): Promise<string[]> {
    return (await service.events(id)).map(({ type }) => type);
  }

  it('is reached by SMS, and its history says how', async () => {
    const id = await send('+254722000000');
    const message = await service.settled(id);
    expect(message).toMatchObject({
      to: '+254722000000',
      status: 'delivered',
      outcome: 'reached-by-sms',
      reason: null,
    });
    const events = await service.events(id);
    expect(events.map(({ type }) => type)).toEqual([
      'MessageAccepted',
      'SubmitAttempted',
      'MessageSubmitted',
      'MessageDelivered',
    ]);
    expect(events.map(({ revision }) => revision)).toEqual([0, 1, 2, 3]);
  });

  it('is called when the SMS is undeliverable, and hears its text', async () => {
    const id = await send('+254722000005');
    expect(await service.settled(id)).toMatchObject({
      status: 'undelivered',
      outcome: 'reached-by-voice',
      voice: [{ result: 'answered' }],
    });
    expect(await typesOf(id)).toEqual([
      'MessageAccepted',
      'SubmitAttempted',
      'MessageSubmitted',
      'MessageUndelivered',
      'FallbackDecided',
      'VoiceAttempted',
      'VoiceQueued',
      'VoiceAnswered',
    ]);
    const ledger = await voiceLedger();
    const call = ledger.find(({ number }) => number === '+254722000005');
    expect(call?.spokenText).toBe('Your appointment <is> tomorrow & at 9:30.');
  });

  it.each([
    ['6', 'expired'],
    ['7', 'rejected'],
  ])('is called when the receipt says so (number ending in %s: %s)', async (digit, status) => {
    const id = await send(`+25472200000${digit}`);
    expect(await service.settled(id)).toMatchObject({ status, outcome: 'reached-by-voice' });
  });

  it('waits for the final receipt behind an intermediate one', async () => {
    const id = await send('+254722000008');
    await service.settled(id);
    expect(await typesOf(id)).toEqual([
      'MessageAccepted',
      'SubmitAttempted',
      'MessageSubmitted',
      'MessageBuffered',
      'MessageDelivered',
    ]);
  });

  it('is called when no receipt comes within the time its policy gives', async () => {
    const id = await send('+254722000009', {
      channels: [{ channel: 'sms', fallbackAfter: 1 }, { channel: 'voice' }],
    });
    expect(await service.settled(id)).toMatchObject({ status: 'submitted', outcome: 'reached-by-voice' });
    const decided = (await service.events(id)).find(({ type }) => type === 'FallbackDecided');
    expect(decided?.data).toMatchObject({ decision: 'voice', rule: 'no-receipt' });
  });

  it('is not called when its policy is SMS alone', async () => {
    const id = await send('+254722000015', { channels: [{ channel: 'sms' }] });
    expect(await service.settled(id)).toMatchObject({
      status: 'undelivered',
      outcome: 'not-reached',
      voice: [],
    });
  });

  it('is called again when busy, as often as allowed, and then not reached', async () => {
    const id = await send('+254722000065');
    const message = await service.settled(id);
    expect(message.outcome).toBe('not-reached');
    expect(message.voice.map(({ result }) => result)).toEqual(['failed', 'failed']);
    expect(message.reason).toContain('USER_BUSY');
  });

  it('goes in parts when it is long, and is delivered when all of them are', async () => {
    const id = await send('+254722000001', { text: 'Ж'.repeat(150) });
    const message = await service.settled(id);
    expect(message.status).toBe('delivered');
    expect(message.parts.map(({ state }) => state)).toEqual(['reported', 'reported', 'reported']);
  });

  it('waits until sendAt', async () => {
    const sendAt = new Date(Date.now() + 1_500).toISOString();
    const id = await send('+254722000002', { sendAt });
    expect(await service.message(id)).toMatchObject({ status: 'scheduled' });
    await service.settled(id);
    const attempted = (await service.events(id)).find(({ type }) => type === 'SubmitAttempted');
    expect(attempted?.at.localeCompare(sendAt)).toBeGreaterThanOrEqual(0);
  });

  async function voiceLedger(): Promise<readonly { number: string; spokenText: string | null }[]> {
    const [, url] = /Voice gateway .* its ledger at (\S+)/.exec(service.output) ?? [];
    const response = await fetch(String(url));
    return (await response.json()) as { number: string; spokenText: string | null }[];
  }
});
