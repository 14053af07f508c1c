// The options of `npm run smsc-simulator -- …`. Every setting is an option too, in kebab case:
// receiptDelayMs is --receipt-delay-ms.
import { parseArgs } from 'node:util';
import { SeededRandomness } from '../../clock/virtual-clock.js';
import { DEFAULT_SETTINGS, SETTING_NAMES, withChange } from './outcome/settings.js';
import { LAST_DIGIT_OUTCOMES } from './outcome/submit-planner.js';
import { DEFAULT_ACCOUNT, type SmscSimulatorOptions } from './smsc-simulator.js';
import { OptionInvalidError } from './smsc-simulator.errors.js';

export const USAGE = `SMSC simulator: SMPP 3.4 to test and measure against.

  --host 127.0.0.1        where SMPP listens
  --port 2775             SMPP port; 0: any free one
  --http-port 2776        control API on 127.0.0.1; 0: any free one
  --account id:password   may be given several times; default ${DEFAULT_ACCOUNT.systemId}:${DEFAULT_ACCOUNT.password}
  --ledger memory         off, memory, or a file to append to
  --ledger-fsync          fsync the file before the answers leave
  --ledger-limit 100000   entries kept in memory
  --first-message-id N    default: from the clock
  --seed N                makes all shares repeatable
  --help

Outcomes by the last digit of the destination, unless --outcomes gives shares:
${LAST_DIGIT_OUTCOMES.map((outcome, digit) => `  ${digit}  ${outcome}`).join('\n')}

Settings, with their defaults:
${SETTING_NAMES.map((name) => `  --${kebab(name)} ${JSON.stringify(DEFAULT_SETTINGS[name as keyof typeof DEFAULT_SETTINGS])}`).join('\n')}
`;

const STRING = { type: 'string' } as const;

/** The options, or 'help'. @throws OptionInvalidError */
export function readCommandLine(args: readonly string[]): SmscSimulatorOptions | 'help' {
  const values = parse(args);
  if (values['help'] === true) return 'help';
  const ledger = text(values['ledger']);
  const firstMessageId = whole(values, 'first-message-id', Number.MAX_SAFE_INTEGER);
  const ledgerLimit = whole(values, 'ledger-limit', 10_000_000);
  const seed = whole(values, 'seed', 0xffffffff);
  return {
    host: text(values['host']) ?? '127.0.0.1',
    port: whole(values, 'port', 65_535) ?? 2775,
    httpPort: whole(values, 'http-port', 65_535) ?? 2776,
    accounts: accounts(values['account']),
    settings: settings(values),
    ledger:
      ledger === undefined || ledger === 'memory'
        ? 'memory'
        : ledger === 'off'
          ? 'off'
          : { file: ledger, fsync: values['ledger-fsync'] === true },
    ...(ledgerLimit === undefined ? {} : { ledgerLimit: Math.max(1, ledgerLimit) }),
    ...(firstMessageId === undefined ? {} : { firstMessageId }),
    ...(seed === undefined ? {} : { randomness: new SeededRandomness(seed) }),
  };
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

function parse(args: readonly string[]): Values {
  try {
    return parseArgs({
      args: [...args],
      options: {
        host: STRING,
        port: STRING,
        'http-port': STRING,
        account: { type: 'string', multiple: true },
        ledger: STRING,
        'ledger-fsync': { type: 'boolean' },
        'ledger-limit': STRING,
        'first-message-id': STRING,
        seed: STRING,
        help: { type: 'boolean' },
        ...Object.fromEntries(SETTING_NAMES.map((name) => [kebab(name), STRING])),
      },
    }).values;
  } catch (error) {
    throw new OptionInvalidError('command line', error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}

function settings(values: Values): Record<string, unknown> {
  const given = SETTING_NAMES.flatMap((name) => {
    const value = text(values[kebab(name)]);
    return value === undefined ? [] : [[name, jsonOrText(value)] as const];
  });
  const change = Object.fromEntries(given);
  withChange(DEFAULT_SETTINGS, change);
  return change;
}

function accounts(given: Values[string]): { systemId: string; password: string }[] {
  if (!Array.isArray(given)) return [DEFAULT_ACCOUNT];
  return given.map((account) => {
    const [systemId = '', ...password] = String(account).split(':');
    if (systemId === '' || password.length === 0) {
      throw new OptionInvalidError('--account', 'must be system_id:password');
    }
    return { systemId, password: password.join(':') };
  });
}

function whole(values: Values, name: string, highest: number): number | undefined {
  const value = text(values[name]);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number > highest) {
    throw new OptionInvalidError(
      `--${name}`,
      `must be a whole number from 0 to ${String(highest)}, not ${value}`,
    );
  }
  return number;
}

function text(value: Values[string]): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
