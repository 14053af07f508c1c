import { describe } from '@jest/globals';
import { SystemClock } from '../../src/clock/system-clock.js';
import type { CallResponse } from '../../src/simulators/voice/call-script.js';
import { VoiceSimulator } from '../../src/simulators/voice/voice-simulator.js';
import { AfricasTalkingGateway } from '../../src/voice/africas-talking/africas-talking-gateway.js';
import type { CallRequestOutcome } from '../../src/voice/voice-gateway.js';
import { queuedBySession, ScriptedVoiceGateway } from '../support/scripted-voice-gateway.js';
import { type Situation, voiceGatewayContract, type VoiceGatewayRig } from './voice-gateway.contract.js';

// Longer than a loaded machine needs for an answer, shorter than anybody wants to wait for none.
const REQUEST_TIMEOUT_MS = 2_000;

const RESPONSE: Readonly<Record<Situation, CallResponse>> = {
  'takes-call': 'queued',
  'knows-no-such-number': 'invalid-number',
  'has-no-credit': 'insufficient-credit',
  'does-not-know-us': 'unauthorised',
  'dials-and-never-answers': 'never',
  'dials-and-fails': 'server-error',
  'dials-and-hangs-up-on-us': 'cut',
  'dials-and-talks-nonsense': 'unreadable',
};

async function africasTalking(): Promise<VoiceGatewayRig> {
  const simulator = await VoiceSimulator.listen();
  const settings = { username: 'sandbox', apiKey: 'key', from: '+254711082000' };
  const gateway = new AfricasTalkingGateway(
    { ...settings, baseUrl: simulator.baseUrl, requestTimeoutMs: REQUEST_TIMEOUT_MS },
    new SystemClock(),
  );
  let up = true;
  const goDown = async (): Promise<void> => {
    if (up) await simulator.close();
    up = false;
  };
  return {
    gateway,
    given: (to, situation) => {
      simulator.script(to, [{ end: 'silent', response: RESPONSE[situation] }]);
    },
    goDown,
    dialled: () => simulator.ledger.calls.map((call) => call.number),
    close: goDown,
  };
}

const REFUSAL = { status: 'refused', failure: 'refused-by-gateway', reason: 'scripted', raw: '' } as const;
const UNKNOWN = { status: 'unknown', detail: 'scripted' } as const;

const OUTCOME: Readonly<Record<Exclude<Situation, 'takes-call'>, CallRequestOutcome>> = {
  'knows-no-such-number': { ...REFUSAL, failure: 'invalid-number' },
  'has-no-credit': REFUSAL,
  'does-not-know-us': REFUSAL,
  'dials-and-never-answers': UNKNOWN,
  'dials-and-fails': UNKNOWN,
  'dials-and-hangs-up-on-us': UNKNOWN,
  'dials-and-talks-nonsense': UNKNOWN,
};

function scripted(): Promise<VoiceGatewayRig> {
  const situations = new Map<string, Situation>();
  let up = true;
  const gateway = new ScriptedVoiceGateway((call) => {
    const situation = situations.get(call.to) ?? 'takes-call';
    if (!up) return REFUSAL;
    return situation === 'takes-call' ? queuedBySession(call) : OUTCOME[situation];
  });
  const refuses = (to: string): boolean => {
    const situation = situations.get(to) ?? 'takes-call';
    return situation !== 'takes-call' && OUTCOME[situation].status === 'refused';
  };
  return Promise.resolve({
    gateway,
    given: (to: string, situation: Situation) => {
      situations.set(to, situation);
    },
    goDown: () => {
      up = false;
      return Promise.resolve();
    },
    dialled: () => (up ? gateway.requests.map((call) => call.to).filter((to) => !refuses(to)) : []),
    close: () => Promise.resolve(),
  });
}

describe.each([
  { name: 'Africa’s Talking, against the simulator', open: africasTalking },
  { name: 'a scripted fake', open: scripted },
])('the voice gateway: $name', ({ open }) => {
  voiceGatewayContract(open);
});
