// Several connectors at once: which way messages go, what an operator can do, and a file that is
// read again under a running service.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { ConnectorPage } from '../../src/smpp/connectors.openapi.js';
import { journalledEvents, violations } from '../support/checker.js';
import { connectorTo, ConnectorsFile } from '../support/connectors-file.js';
import { RunningService } from '../support/service.js';
import { requests, startSmsc } from '../support/smsc.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

interface ConnectorAnswer {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly binds: { readonly wanted: number; readonly up: number };
  readonly submits: number;
}

let database: TestDatabase;
let smscs: Record<'one' | 'two', SmscSimulator>;
let file: ConnectorsFile;
let service: RunningService;

async function start(content: object): Promise<void> {
  file = await ConnectorsFile.create(content);
  service = await RunningService.start({
    databaseUrl: database.url,
    env: { CONNECTORS_FILE: file.path, DEFAULT_FROM: '20414' },
  });
}

async function connector(name: string): Promise<ConnectorAnswer> {
  return service.get<ConnectorAnswer>(`/v1/connectors/${name}`);
}

async function becomes(name: string, state: string): Promise<ConnectorAnswer> {
  return service.eventually<ConnectorAnswer>(
    `/v1/connectors/${name}`,
    `${name} to be ${state}`,
    (answer) => answer.state === state,
  );
}

/** Who carried the submits of this message, in order. */
async function carriers(id: string): Promise<readonly unknown[]> {
  const events = await service.events(id);
  return events.filter(({ type }) => type === 'SubmitAttempted').map(({ data }) => data['connector']);
}

async function metrics(): Promise<string> {
  return (await fetch(`${service.url}/metrics`)).text();
}

function sumOf(text: string, line: RegExp): number {
  return Array.from(text.matchAll(line), ([, value]) => Number(value)).reduce((a, b) => a + b, 0);
}

beforeEach(async () => {
  database = await openTestDatabase();
  smscs = { one: await startSmsc(), two: await startSmsc() };
});

afterEach(async () => {
  await service.stop();
  await file.remove();
  await Promise.all([smscs.one.close(), smscs.two.close()]);
  await database.close();
});

describe('routes', () => {
  beforeEach(async () => {
    await start({
      connectors: { one: connectorTo(smscs.one, { binds: 2 }), two: connectorTo(smscs.two) },
      routes: [
        { name: 'codes', when: { class: 'otp' }, to: ['two', 'one'] },
        { name: 'uganda', when: { country: 'UG' }, to: 'two' },
        { name: 'the rest', to: ['one', 'two'] },
      ],
    });
    await becomes('one', 'bound');
    await becomes('two', 'bound');
  });

  it('carry each message the way that a dry run says', async () => {
    const messages = [
      [{ to: '+254722000000', class: 'otp' }, 'codes', 'two'],
      [{ to: '+256772000000' }, 'uganda', 'two'],
      [{ to: '+254722000010' }, 'the rest', 'one'],
    ] as const;
    for (const [message, route, carrier] of messages) {
      const preview = await service.post('/v1/routes/preview', message);
      expect(preview.body).toMatchObject({ route, connector: carrier });
      const id = await service.send({ ...message, text: 'Your code is 1234.' });
      await service.settled(id);
      expect(await carriers(id)).toEqual([carrier]);
    }
    expect((await connector('one')).binds).toEqual({ mode: 'transceiver', wanted: 2, up: 2 });
  });

  it('a number that is none is refused with its field', async () => {
    const { status, body } = await service.post('/v1/routes/preview', { to: 'nobody' });
    expect([status, body]).toMatchObject([400, { errors: [{ field: 'to' }] }]);
  });

  it('lead elsewhere while a connector is down, and a refusal that may pass sends the message on', async () => {
    smscs.one.change({ rejectShare: 1, rejectStatus: 0x08 });
    const refused = await service.send({ to: '+254722000000', text: 'Hello.' });
    await service.settled(refused);
    expect(await carriers(refused)).toEqual(['one', 'two']);
    await smscs.one.close();
    await becomes('one', 'down');
    const id = await service.send({ to: '+254722000010', text: 'Hello.' });
    expect((await service.settled(id)).status).toBe('delivered');
    expect(await carriers(id)).toEqual(['two']);
  });
});

describe('figures', () => {
  it('are told of every bind, as the document says and as metrics; a connector that is gone has none', async () => {
    const one = connectorTo(smscs.one, { binds: 2, submitsPerSecond: 50 });
    await start({ connectors: { one, two: connectorTo(smscs.two) } });
    await becomes('two', 'bound');
    await service.eventually<ConnectorAnswer>(
      '/v1/connectors/one',
      'both binds',
      ({ binds }) => binds.up === 2,
    );
    const ids = await Promise.all(
      [0, 1, 2, 3].map((n) => service.send({ to: `+25472200001${String(n)}`, text: 'Hello.' })),
    );
    for (const id of ids) await service.settled(id);

    const { items } = ConnectorPage.parse(await service.get('/v1/connectors'));
    const [first, second] = items;
    expect(items.map(({ name }) => name)).toEqual(['one', 'two']);
    const host = `127.0.0.1:${String(smscs.one.port)}`;
    expect(first?.sessions).toMatchObject([
      { bind: 'transceiver-1', host, state: 'BOUND_TRX', binds: 1, windowInUse: 0 },
      { bind: 'transceiver-2', host, state: 'BOUND_TRX', binds: 1, windowInUse: 0 },
    ]);
    expect(first?.sessions.reduce((sum, { submits }) => sum + submits, 0)).toBe(4);
    expect(first?.sessions.reduce((sum, { delivers }) => sum + delivers, 0)).toBeGreaterThanOrEqual(4);
    expect([first?.rate, second?.rate]).toEqual([
      { contract: 50, now: 50, congestionState: null },
      { contract: null, now: null, congestionState: null },
    ]);

    const before = await metrics();
    for (const line of [
      'bind_up{connector="one",bind="transceiver-2"} 1',
      'bind_state{connector="two",bind="transceiver-1",state="BOUND_TRX"} 1',
      'submit_rate_per_second{connector="one"} 50',
      'submit_rate_contract_per_second{connector="one"} 50',
      'asks{connector="two",command="query_sm",end="not-sent"} 0',
      'messages_quarantined 0',
    ]) {
      expect(before).toContain(`surereach_${line}\n`);
    }
    expect(sumOf(before, /^surereach_bind_submits\{connector="one",bind=".*",end="sent"\} (\d+)$/gm)).toBe(4);
    expect(before).not.toMatch(/submit_rate\w*\{connector="two"/);
    expect(before).not.toContain('surereach_congestion_state{');

    await file.write({ connectors: { one } });
    await service.post('/v1/connectors/reload');
    const after = await metrics();
    expect(after).toContain('surereach_connector_up{connector="one"} 1\n');
    expect(after).not.toMatch(/surereach_\w+\{connector="two"/);
  });
});

describe('an operator', () => {
  beforeEach(async () => {
    await start({
      connectors: { one: connectorTo(smscs.one), two: connectorTo(smscs.two) },
    });
    await becomes('one', 'bound');
    await becomes('two', 'bound');
  });

  it('drains a connector under load: nothing is lost, nothing sent twice, the other carries on', async () => {
    smscs.one.change({ responseDelayMs: 20 });
    const drained = smscs.one
      .entry(() => smscs.one.counters().submits >= 300, 20_000)
      .then(() => service.post('/v1/connectors/one/drain'));
    await service.upload('run', requests(2_000));
    expect((await drained).status).toBe(200);
    await becomes('one', 'drained');
    const submits = smscs.one.counters().submits;
    await service.batchSettled('run', 2_000, 60_000);
    expect(smscs.one.counters().submits).toBe(submits);
    expect(smscs.two.counters().submits).toBeGreaterThan(0);
    expect((await service.post('/v1/connectors/one/resume')).body).toMatchObject({ state: 'bound' });
    const events = await journalledEvents(database.url);
    const ledger = [...smscs.one.ledger(), ...smscs.two.ledger()];
    expect(violations({ events, ledger, promised: [] })).toEqual([]);
    expect(events.filter(({ type }) => type === 'MessageDelivered')).toHaveLength(2_000);
  });

  it('pauses, resumes and rebinds, and is told of a connector that does not exist', async () => {
    expect((await service.post('/v1/connectors/one/pause')).body).toMatchObject({ state: 'paused' });
    const id = await service.send({ to: '+254722000000', text: 'Hello.' });
    await service.settled(id);
    expect(await carriers(id)).toEqual(['two']);
    await service.post('/v1/connectors/one/resume');
    await service.post('/v1/connectors/one/rebind');
    await service.eventually<{ counters: { binds: number } }>(
      '/v1/connectors/one',
      'a second bind',
      ({ counters }) => counters.binds === 2,
    );
    expect((await service.post('/v1/connectors/none/pause')).status).toBe(404);
  });
});

describe('the file', () => {
  it('is read again without touching connectors that did not change; a bad one changes nothing', async () => {
    const one = connectorTo(smscs.one);
    await start({ connectors: { one, gone: connectorTo(smscs.two) } });
    await becomes('one', 'bound');
    await becomes('gone', 'bound');
    const binds = smscs.one.counters().binds;
    await file.write({ connectors: { one: { ...one, windowSize: -1 } } });
    const refused = await service.post('/v1/connectors/reload');
    expect([refused.status, refused.body]).toMatchObject([
      422,
      { faults: [expect.stringContaining('connectors.one.windowSize')] },
    ]);
    expect((await connector('gone')).state).toBe('bound');
    await file.write({ connectors: { one, two: connectorTo(smscs.two, { windowSize: 5 }) } });
    const { body } = await service.post('/v1/connectors/reload');
    expect(body).toEqual({ added: ['two'], changed: [], removed: ['gone'], unchanged: ['one'] });
    await becomes('two', 'bound');
    expect(smscs.one.counters().binds).toBe(binds);
    const id = await service.send({ to: '+254722000000', text: 'Hello.' });
    expect((await service.settled(id)).status).toBe('delivered');
  });
});
