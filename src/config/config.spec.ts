import { inspect } from 'node:util';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigInvalidError } from './config.errors.js';
import { loadConfig } from './config.js';
import { type Variable, VARIABLES } from './variables.js';
import { renderVariablesTable } from './variables-table.js';

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigInvalidError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'surereach-config-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('knows the price of a part, with its currency or not at all', () => {
    expect(loadConfig({}).message.price).toBeNull();
    const price = { PRICE_PER_PART: '0.0125', PRICE_CURRENCY: 'EUR' };
    expect(loadConfig(price).message.price).toEqual({ perPart: '0.0125', currency: 'EUR' });
    expect(problemsOf({ PRICE_PER_PART: '0.0125' })).toEqual([
      'PRICE_CURRENCY must be set because PRICE_PER_PART is',
    ]);
    expect(problemsOf({ PRICE_PER_PART: '1,25', PRICE_CURRENCY: 'euro' })).toEqual([
      expect.stringMatching(/^PRICE_PER_PART must be an amount with a decimal point/),
      expect.stringMatching(/^PRICE_CURRENCY must be a three-letter currency code/),
    ]);
  });

  it('keeps the journal in PostgreSQL unless told otherwise, and needs to know where EventStoreDB is', () => {
    expect(loadConfig({}).journal).toBe('postgres');
    const url = 'esdb+discover://user:hunter2@one:2113,two:2113?tls=true';
    const config = loadConfig({ JOURNAL: 'eventstoredb', EVENTSTORE_URL: url });
    expect(config.journal).toBe('eventstoredb');
    expect(config.eventStoreUrl?.reveal()).toBe(url);
    expect(JSON.stringify(config)).not.toContain('hunter2');
    expect(problemsOf({ JOURNAL: 'eventstoredb' })).toEqual([
      'EVENTSTORE_URL must be set because JOURNAL is eventstoredb',
    ]);
    expect(problemsOf({ JOURNAL: 'kafka' })).toEqual([
      expect.stringMatching(/^JOURNAL must be one of postgres, eventstoredb, but is "kafka"/),
    ]);
    const wrong = problemsOf({ JOURNAL: 'eventstoredb', EVENTSTORE_URL: 'http://u:hunter2@h' });
    expect(wrong).toEqual([expect.stringMatching(/^EVENTSTORE_URL must be a complete address/)]);
    expect(wrong.join()).not.toContain('hunter2');
    expect(loadConfig({ EVENTSTORE_URL: url }).warnings).toEqual([
      'EVENTSTORE_URL is set, but JOURNAL is postgres: set JOURNAL=eventstoredb to use it',
    ]);
  });

  it('starts with nothing set: embedded database, simulators, every role, no feed', () => {
    const config = loadConfig({});
    expect(config.http).toEqual({ host: '127.0.0.1', port: 3000 });
    expect(config.databaseUrl).toBeNull();
    expect(config.smpp.host).toBeNull();
    expect(config.voice.url).toBeNull();
    expect([...config.roles]).toEqual(['intake', 'smpp', 'projections', 'fallback', 'voice', 'publish']);
    expect(config.kafka).toBeNull();
    expect(config.message).toMatchObject({ maxParts: 10, fallbackAfterSeconds: 86_400, maxCalls: 3 });
    expect(config.warnings).toEqual([]);
  });

  it('accepts the example of every variable', () => {
    const examples = Object.entries<Variable>(VARIABLES).map(([name, variable]) => [name, variable.example]);
    const config = loadConfig(Object.fromEntries(examples) as Record<string, string>);
    expect(config.smpp.tls).toBe(true);
    expect(config.smpp.responseTimeoutMs).toBe(30_000);
    expect(config.message.defaultCountry).toBe('KE');
  });

  it('names every wrong variable at once, with the problem, the value and an example', () => {
    const problems = problemsOf({
      HTTP_PORT: '70000',
      SMPP_BIND: 'both',
      ROLES: 'intake,sms',
      DEFAULT_COUNTRY: 'XX',
    });
    expect(problems).toEqual([
      'HTTP_PORT must be a whole number from 0 to 65535, but is "70000"; for example HTTP_PORT=3000',
      expect.stringContaining('ROLES must be a comma-separated list of intake, smpp'),
      'SMPP_BIND must be one of transceiver, split, but is "both"; for example SMPP_BIND=split',
      expect.stringContaining('DEFAULT_COUNTRY must be a two-letter country code'),
    ]);
  });

  it.each(['12.5', '1e3', '-1', ' 5', '0x10', 'Infinity'])('does not read %j as a whole number', (text) => {
    expect(problemsOf({ SMPP_WINDOW: text })).toHaveLength(1);
  });

  it('takes an empty variable as unset', () => {
    expect(loadConfig({ SMPP_HOST: '', HTTP_PORT: '' }).http.port).toBe(3000);
  });

  it('refuses half an account', () => {
    expect(problemsOf({ SMPP_HOST: 'smsc.example.com', SMPP_SYSTEM_ID: 'acme' })).toEqual([
      'SMPP_PASSWORD must be set because SMPP_HOST is',
    ]);
  });

  it('reads the brokers of the feed, and refuses half an account at them', () => {
    const brokers = { KAFKA_BROKERS: 'one.example.com:9092, [::1]:9093' };
    expect(loadConfig(brokers).kafka).toMatchObject({
      brokers: ['one.example.com:9092', '[::1]:9093'],
      topic: 'surereach.events',
      personalData: 'masked',
      sasl: null,
    });
    for (const wrong of ['one.example.com', 'http://one:9092', 'one:70000', ':9092', '']) {
      expect(problemsOf({ KAFKA_BROKERS: wrong || ',' })[0]).toContain('must be a comma-separated list');
    }
    expect(problemsOf({ KAFKA_TOPIC: 'a b' })[0]).toContain('KAFKA_TOPIC must be a topic name');
    expect(problemsOf({ ...brokers, KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u' })).toEqual([
      'KAFKA_SASL_PASSWORD must be set because KAFKA_SASL_MECHANISM is',
    ]);
  });

  it('never shows a secret: not in problems, not in JSON, not when inspected', () => {
    const environment = { DATABASE_URL: 'postgres://u:hunter2@h/d', SMPP_PASSWORD: 'hunter2' };
    const config = loadConfig(environment);
    expect(config.smpp.password.reveal()).toBe('hunter2');
    expect(
      JSON.stringify(config) + inspect(config, { depth: 9 }) + String(config.smpp.password),
    ).not.toContain('hunter2');
    expect(problemsOf({ DATABASE_URL: 'mysql://hunter2' }).join()).toMatch(
      /^DATABASE_URL must be a complete address/,
    );
    expect(problemsOf({ DATABASE_URL: 'mysql://hunter2' }).join()).not.toContain('hunter2');
  });

  it('reads a secret from the file named by NAME_FILE, without its last line end', () => {
    const file = join(folder, 'password');
    writeFileSync(file, 's3cret\n');
    expect(loadConfig({ SMPP_PASSWORD_FILE: file }).smpp.password.reveal()).toBe('s3cret');
    expect(problemsOf({ SMPP_PASSWORD_FILE: file, SMPP_PASSWORD: 'x' })).toEqual([
      'SMPP_PASSWORD and SMPP_PASSWORD_FILE are both set: keep one of them',
    ]);
    expect(problemsOf({ SMPP_PASSWORD_FILE: join(folder, 'absent') })[0]).toMatch(
      /^SMPP_PASSWORD_FILE names a file that cannot be read/,
    );
  });

  it('warns of a name that is probably misspelt', () => {
    expect(loadConfig({ SMPP_SYSTEMID: 'acme', PATH: '/bin' }).warnings).toEqual([
      'SMPP_SYSTEMID is set but is no variable of this service: is it misspelt?',
    ]);
  });

  it('is frozen', () => {
    const config = loadConfig({});
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.smpp)).toBe(true);
  });

  it('renders one table row per variable', () => {
    const rows = renderVariablesTable().trim().split('\n');
    expect(rows).toHaveLength(Object.keys(VARIABLES).length + 2);
    expect(rows).toContain('| `HTTP_PORT` | `3000` | Port of the HTTP API; 0 takes any free one. |');
  });
});
