// What every voice gateway keeps, however it telephones. Run over each adapter by the spec.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallRequest, VoiceGateway } from '../../src/voice/voice-gateway.js';

/** What the far end does with calls to a number. */
export type Situation =
  | 'takes-call'
  | 'knows-no-such-number'
  | 'has-no-credit'
  | 'does-not-know-us'
  | 'dials-and-never-answers'
  | 'dials-and-fails'
  | 'dials-and-hangs-up-on-us'
  | 'dials-and-talks-nonsense';

export interface VoiceGatewayRig {
  readonly gateway: VoiceGateway;
  given(to: string, situation: Situation): void;
  /** Nothing listens any more. */
  goDown(): Promise<void>;
  /** The numbers that were dialled, in any order, once per call. */
  dialled(): readonly string[];
  close(): Promise<void>;
}

const TO = '+254711082880';

const callTo = (to: string, number = 1, attempt = 1): CallRequest => ({
  messageId: `019b7a8c-0000-7000-8000-${String(number).padStart(12, '0')}`,
  attempt,
  to,
});

export function voiceGatewayContract(open: () => Promise<VoiceGatewayRig>): void {
  let rig: VoiceGatewayRig;

  beforeEach(async () => {
    rig = await open();
  });
  afterEach(async () => {
    await rig.close();
  });

  it('has a name for events and metrics', () => {
    expect(rig.gateway.name).toMatch(/^[a-z][a-z-]*$/);
  });

  it('says queued, with the session that the reports will carry', async () => {
    rig.given(TO, 'takes-call');
    const outcome = await rig.gateway.requestCall(callTo(TO));
    expect(outcome).toEqual({ status: 'queued', sessionId: expect.stringMatching(/^[\x21-\x7e]{1,128}$/) });
    expect(rig.dialled()).toEqual([TO]);
  });

  it('gives every call a session of its own, many at once included', async () => {
    rig.given(TO, 'takes-call');
    const calls = Array.from({ length: 50 }, (_, index) => callTo(TO, index));
    const outcomes = await Promise.all(calls.map((call) => rig.gateway.requestCall(call)));
    const sessions = outcomes.map((outcome) =>
      outcome.status === 'queued' ? outcome.sessionId : outcome.status,
    );
    expect(new Set(sessions).size).toBe(50);
    expect(rig.dialled()).toHaveLength(50);
  });

  it('says refused, and why, for a number that does not exist', async () => {
    rig.given(TO, 'knows-no-such-number');
    expect(await rig.gateway.requestCall(callTo(TO))).toMatchObject({
      status: 'refused',
      failure: 'invalid-number',
      reason: expect.stringMatching(/./),
    });
    expect(rig.dialled()).toEqual([]);
  });

  it.each(['has-no-credit', 'does-not-know-us'] as const)(
    'says refused by the gateway when it %s',
    async (situation) => {
      rig.given(TO, situation);
      expect(await rig.gateway.requestCall(callTo(TO))).toMatchObject({
        status: 'refused',
        failure: 'refused-by-gateway',
        reason: expect.stringMatching(/./),
      });
      expect(rig.dialled()).toEqual([]);
    },
  );

  it('says refused when the gateway cannot be reached: nothing was sent', async () => {
    await rig.goDown();
    expect(await rig.gateway.requestCall(callTo(TO))).toMatchObject({
      status: 'refused',
      failure: 'refused-by-gateway',
    });
    expect(rig.dialled()).toEqual([]);
  });

  describe('when the phone may ring', () => {
    it.each([
      'dials-and-never-answers',
      'dials-and-fails',
      'dials-and-hangs-up-on-us',
      'dials-and-talks-nonsense',
    ] as const)('says unknown and asks only once, if the gateway %s', async (situation) => {
      rig.given(TO, situation);
      const outcome = await rig.gateway.requestCall(callTo(TO));
      expect(outcome).toEqual({ status: 'unknown', detail: expect.stringMatching(/./) });
      expect(rig.dialled()).toEqual([TO]);
    });
  });

  it('puts no number into what becomes an event', async () => {
    const situations: readonly Situation[] = [
      'knows-no-such-number',
      'has-no-credit',
      'dials-and-talks-nonsense',
    ];
    for (const [index, situation] of situations.entries()) {
      rig.given(TO, situation);
      const outcome = await rig.gateway.requestCall(callTo(TO, index));
      expect(JSON.stringify(outcome)).not.toContain(TO.slice(-9));
    }
  });
}
