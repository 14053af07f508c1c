// What the voice simulator can be told, at its start and while it runs, checked by hand because
// a simulator shares nothing with the service it tests.
import {
  CALL_ENDS,
  CALL_RESPONSES,
  type CallRule,
  type CallScript,
  type CallShares,
  RULES,
} from './call-script.js';

export interface VoiceSimulatorSettings extends CallScript {
  /** Where calls are reported; null: nowhere. */
  readonly callbackUrl: string | null;
  readonly callbackFormat: 'form' | 'json';
  /** Whether clientRequestId comes back in the callbacks. Not confirmed of the real gateway. */
  readonly echoLabel: boolean;
  /** Key that requests must carry; null: any. */
  readonly apiKey: string | null;
  readonly rule: CallRule;
  readonly shares: CallShares;
  /** How long a listener listens. The reported duration follows the text, not this. */
  readonly talkMs: number;
  /** A final report answered 5xx or not at all is sent again this often, this far apart. */
  readonly reportRetries: number;
  readonly reportRetryMs: number;
}

export const SIMULATOR_DEFAULTS: VoiceSimulatorSettings = {
  end: 'answered',
  response: 'queued',
  ringDelayMs: 50,
  responseDelayMs: 0,
  callbackFirst: false,
  copies: 1,
  callbackUrl: null,
  callbackFormat: 'form',
  echoLabel: false,
  apiKey: null,
  rule: 'last-digit',
  shares: { answered: 1 },
  talkMs: 20,
  reportRetries: 3,
  reportRetryMs: 200,
};

/** A setting that cannot be: the message names it, the problem and what would do. */
export class SimulatorSettingError extends Error {
  readonly code = 'VOICE_SIMULATOR_SETTING_INVALID';
}

type Check = (value: unknown) => string | null;

const oneOf =
  (allowed: readonly string[]): Check =>
  (value) =>
    allowed.includes(value as string) ? null : `must be one of ${allowed.join(', ')}`;
const count =
  (least: number, most: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? null
      : `must be a whole number from ${least} to ${most}`;
const flag: Check = (value) => (typeof value === 'boolean' ? null : 'must be true or false');
const textOrNull: Check = (value) =>
  value === null || typeof value === 'string' ? null : 'must be a text or null';
const urlOrNull: Check = (value) =>
  value === null || (typeof value === 'string' && /^https?:/.test(value) && URL.canParse(value))
    ? null
    : 'must be an http(s) URL or null, e.g. http://127.0.0.1:3000/v1/voice/callbacks/<secret>';
const sharesByEnd: Check = (value) => {
  const ends: readonly string[] = CALL_ENDS;
  const weights = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const sound = weights.every(
    ([end, weight]) => ends.includes(end) && typeof weight === 'number' && weight >= 0,
  );
  const some = weights.some(([, weight]) => (weight as number) > 0);
  return sound && some ? null : `must be weights by end (${ends.join(', ')}), one above 0`;
};

const HOUR_MS = 3_600_000;

const SCRIPT_CHECKS: Readonly<Record<keyof CallScript, Check>> = {
  end: oneOf(CALL_ENDS),
  response: oneOf(CALL_RESPONSES),
  ringDelayMs: count(0, HOUR_MS),
  responseDelayMs: count(0, HOUR_MS),
  callbackFirst: flag,
  copies: count(1, 1_000),
};

const SETTING_CHECKS: Readonly<Record<keyof VoiceSimulatorSettings, Check>> = {
  ...SCRIPT_CHECKS,
  callbackUrl: urlOrNull,
  callbackFormat: oneOf(['form', 'json']),
  echoLabel: flag,
  apiKey: textOrNull,
  rule: oneOf(RULES),
  shares: sharesByEnd,
  talkMs: count(0, HOUR_MS),
  reportRetries: count(0, 1_000),
  reportRetryMs: count(0, HOUR_MS),
};

/** @throws SimulatorSettingError */
export function checkedSettings(input: unknown): Partial<VoiceSimulatorSettings> {
  return checked(input, SETTING_CHECKS);
}

/** @throws SimulatorSettingError */
export function checkedScript(input: unknown): Partial<CallScript> {
  return checked(input, SCRIPT_CHECKS);
}

function checked<Shape extends object>(
  input: unknown,
  checks: Readonly<Record<keyof Shape, Check>>,
): Partial<Shape> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new SimulatorSettingError('settings: must be a JSON object');
  }
  for (const [name, value] of Object.entries(input)) {
    if (!Object.hasOwn(checks, name)) {
      throw new SimulatorSettingError(`${name}: is unknown; there are ${Object.keys(checks).join(', ')}`);
    }
    const problem = checks[name as keyof Shape](value);
    if (problem !== null) throw new SimulatorSettingError(`${name}: ${problem}`);
  }
  return input;
}
