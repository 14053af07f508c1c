// Receipts that the SMSC gives to whichever session is next, whosever message they are about, as
// SMPPSim does: to another account of ours, to another process, or to a stranger.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SettingsChange } from '../../src/simulators/smsc/outcome/settings.js';
import type { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { journalledEvents, type JournalledEvent, violations } from '../support/checker.js';
import { connectorTo, ConnectorsFile } from '../support/connectors-file.js';
import { PackageEsme } from '../support/package-esme.js';
import { type BatchAnswer, RunningService, slotsDivided } from '../support/service.js';
import { requests, startSmsc } from '../support/smsc.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

const MESSAGES = 200;
const STOLEN_FROM = 20;
const ACCOUNTS = [
  { systemId: 'one', password: 'first' },
  { systemId: 'two', password: 'second' },
];
/** Far above what the receipts need. */
const LONG = { channels: [{ channel: 'sms', fallbackAfter: 600 }, { channel: 'voice' }] };

let database: TestDatabase;
let smsc: SmscSimulator;
let release: (() => Promise<unknown>)[];

beforeEach(async () => {
  database = await openTestDatabase();
  release = [() => database.close()];
});

afterEach(async () => {
  for (const close of release.toReversed()) await close();
});

async function simulate(settings: SettingsChange = {}): Promise<void> {
  smsc = await startSmsc({
    accounts: ACCOUNTS,
    settings: { receiptDelayMs: 50, receiptsToAnyAccount: true, ...settings },
  });
  release.push(() => smsc.close());
}

async function start(env: Readonly<Record<string, string>>): Promise<RunningService> {
  const service = await RunningService.start({ databaseUrl: database.url, env });
  release.push(() => service.stop());
  await service.eventually<{ status: string }>('/health/ready', 'the bind', ({ status }) => status === 'up');
  return service;
}

/** A process with the connectors of this name, each bound to the account that is called so. */
async function startWith(names: readonly string[], more: object = {}): Promise<RunningService> {
  const connectors = ACCOUNTS.filter(({ systemId }) => names.includes(systemId)).map(
    (account): [string, object] => [account.systemId, connectorTo(smsc, { ...account, group: 'operator' })],
  );
  const file = await ConnectorsFile.create({ connectors: Object.fromEntries(connectors), ...more });
  release.push(() => file.remove());
  return start({ CONNECTORS_FILE: file.path });
}

async function history(): Promise<readonly JournalledEvent[]> {
  const events = await journalledEvents(database.url);
  expect(violations({ events, ledger: smsc.ledger(), promised: [] })).toEqual([]);
  return events;
}

/** Every message delivered, each once, submitted once; returns what is in the journal. */
async function allDelivered(service: RunningService): Promise<readonly JournalledEvent[]> {
  const { byStatus, byOutcome } = await service.batchSettled('run', MESSAGES, 45_000);
  expect(byStatus).toEqual({ delivered: MESSAGES });
  expect(byOutcome).toMatchObject({ 'reached-by-sms': MESSAGES });
  const events = await history();
  expect(events.filter(({ type }) => type === 'MessageDelivered')).toHaveLength(MESSAGES);
  expect(events.filter(({ type }) => type === 'ReceiptContradicted')).toEqual([]);
  expect(smsc.counters().submits).toBe(MESSAGES);
  return events;
}

/** How many receipts were answered over another account than that of their submit. */
function crossed(): number {
  const systemOf = new Map<number, string | null>();
  const submittedBy = new Map<string, string>();
  let count = 0;
  for (const entry of smsc.ledger()) {
    if (entry.kind === 'bound') systemOf.set(entry.session, entry.systemId);
    if (entry.kind === 'submit' && entry.messageId !== null) submittedBy.set(entry.messageId, entry.systemId);
    if (entry.kind !== 'delivery-answered' || entry.messageId === null) continue;
    if (submittedBy.get(entry.messageId) !== systemOf.get(entry.session)) count++;
  }
  return count;
}

describe('a receipt that comes to another session than its submit', () => {
  it('is found through another connector of its group', async () => {
    await simulate();
    const service = await startWith(['one', 'two'], { routes: [{ name: 'all', to: 'one' }] });
    await service.eventually<{ state: string }>(
      '/v1/connectors/two',
      'two',
      ({ state }) => state === 'bound',
    );
    await service.upload('run', requests(MESSAGES, 0, LONG));
    const events = await allDelivered(service);
    expect(crossed()).toBeGreaterThan(MESSAGES / 4);
    const delivered = events.filter(({ type }) => type === 'MessageDelivered');
    const through = delivered.map(({ data }) => (data['receipt'] as { connector: string }).connector);
    expect(new Set(through)).toEqual(new Set(['one', 'two']));
  });

  it.each([
    ['another process with the same connector under another account', 'accounts', {}],
    ['another process with another connector of the group', 'files', {}],
    [
      'another process, before the answer to the submit',
      'files',
      { receiptsBeforeResponse: true, receiptLeadMs: 500 },
    ],
  ] as const)('is found by %s', async (_, by, settings) => {
    await simulate(settings);
    const services = [];
    for (const { systemId, password } of ACCOUNTS) {
      const env = { SMPP_HOST: '127.0.0.1', SMPP_PORT: String(smsc.port), SMPP_SYSTEM_ID: systemId };
      services.push(
        by === 'accounts' ? await start({ ...env, SMPP_PASSWORD: password }) : await startWith([systemId]),
      );
    }
    await slotsDivided(database.url, 2);
    const [service] = services;
    if (service === undefined) throw new Error('no service runs');
    await service.upload('run', requests(MESSAGES, 0, LONG));
    await allDelivered(service);
    expect(crossed()).toBeGreaterThan(MESSAGES / 4);
  });
});

describe('a receipt that a stranger takes', () => {
  it('never comes: the deadline decides, each message has one outcome, and nobody is called twice', async () => {
    await simulate();
    const service = await startWith(['one']);
    const stranger = await PackageEsme.bound(smsc.port, 'transceiver', {
      system_id: 'two',
      password: 'second',
    });
    release.push(async () => {
      stranger.destroy();
      await stranger.closed;
    });
    const channels = [{ channel: 'sms', fallbackAfter: 5 }, { channel: 'voice' }];
    // The voice simulator goes by the digit before the last: 0 answers.
    const rows = requests(STOLEN_FROM, 0, { channels }).map((row, n) => ({
      ...row,
      to: `+254722${String(n).padStart(4, '0')}00`,
    }));
    await service.upload('run', rows);
    const { byOutcome }: BatchAnswer = await service.batchSettled('run', STOLEN_FROM, 40_000);
    const stolen = stranger.received.filter(({ command }) => command === 'deliver_sm').length;
    expect(stolen).toBeGreaterThan(STOLEN_FROM / 4);
    expect(byOutcome).toMatchObject({
      'reached-by-sms': STOLEN_FROM - stolen,
      'reached-by-voice': stolen,
    });
    const events = (await journalledEvents(database.url)).map(({ type }) => type);
    expect(events.filter((type) => type === 'MessageDelivered')).toHaveLength(STOLEN_FROM - stolen);
    expect(events.filter((type) => type === 'FallbackDecided')).toHaveLength(stolen);
    expect(events.filter((type) => type === 'VoiceAttempted')).toHaveLength(stolen);
    expect(smsc.counters().submits).toBe(STOLEN_FROM);
  });
});
