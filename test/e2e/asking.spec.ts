// What is asked of the SMSC, through the whole service and over a real link: cancel_sm, replace_sm,
// query_sm and data_sm, with the simulator's ledger as witness.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEntry } from '../../src/simulators/smsc/record/ledger.js';
import type { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { connectorTo, ConnectorsFile } from '../support/connectors-file.js';
import { RunningService } from '../support/service.js';
import { smppEnv, startSmsc } from '../support/smsc.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

/** No receipt of a test comes within it. */
const LONG_MS = 600_000;

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function post(service: RunningService, path: string, body: object): Promise<Answer> {
  const response = await fetch(service.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

async function submitted(service: RunningService, to: string, more: object = {}): Promise<string> {
  const id = await service.send({ to, from: '20414', text: 'Your appointment is tomorrow.', ...more });
  await service.eventually<{ status: string }>(
    `/v1/messages/${id}`,
    'the submit',
    ({ status }) => status === 'submitted',
  );
  return id;
}

const typesOf = async (service: RunningService, id: string): Promise<string[]> =>
  (await service.events(id)).map(({ type }) => type);

const asksOf = (smsc: SmscSimulator): (RecordedEntry & { kind: 'ask' })[] =>
  smsc.ledger().filter((entry) => entry.kind === 'ask');

describe('asking a transceiver', () => {
  let database: TestDatabase;
  let smsc: SmscSimulator;
  let service: RunningService;

  beforeAll(async () => {
    database = await openTestDatabase();
    smsc = await startSmsc({ settings: { receiptDelayMs: LONG_MS, silentState: 'DELIVRD' } });
    service = await RunningService.start({
      databaseUrl: database.url,
      env: {
        ...smppEnv(smsc),
        SMPP_QUERY_AFTER_SECONDS: '1',
        SMPP_QUERY_EVERY_SECONDS: '1',
        SMPP_REPLACE: 'transmitter',
      },
    });
  });

  afterAll(async () => {
    const exit = await service.stop();
    await smsc.close();
    await database.close();
    expect(exit).toEqual({ code: 0, signal: null });
  });

  it('cancels a message that the SMSC has: nobody is reached and nobody called', async () => {
    const id = await submitted(service, '+254722000000');
    const first = await post(service, `/v1/messages/${id}/cancel`, { reason: 'moved' });
    expect(first).toMatchObject({ status: 202, body: { id, state: 'requested' } });
    const message = await service.settled(id);
    expect(message).toMatchObject({
      status: 'cancelled',
      outcome: 'not-reached',
      reason: 'moved',
      voice: [],
      cancellation: { state: 'done', reason: 'moved' },
    });
    expect(asksOf(smsc)).toContainEqual(
      expect.objectContaining({ command: 'cancel_sm', status: 'ESME_ROK', stat: 'DELETED' }),
    );
    expect(await post(service, `/v1/messages/${id}/cancel`, {})).toMatchObject({
      status: 200,
      body: { state: 'done', status: 'cancelled' },
    });
    expect((await typesOf(service, id)).filter((type) => type === 'MessageCancelled')).toHaveLength(1);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toContain('surereach_asks{connector="default",command="cancel_sm",end="accepted"} 1\n');
  });

  it('cancels and replaces at once what is not submitted yet', async () => {
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const id = await service.send({ to: '+254722000000', from: '20414', text: 'x', sendAt });
    expect(await post(service, `/v1/messages/${id}/replace`, { text: 'y' })).toMatchObject({
      status: 200,
      body: { state: 'done' },
    });
    expect(await post(service, `/v1/messages/${id}/cancel`, {})).toMatchObject({
      status: 200,
      body: { status: 'cancelled', outcome: 'not-reached' },
    });
    expect(await typesOf(service, id)).toEqual([
      'MessageAccepted',
      'MessageScheduled',
      'TextReplaced',
      'MessageCancelled',
    ]);
  });

  it('refuses to cancel what was delivered, and to replace over a transceiver, and says why', async () => {
    smsc.change({ receiptDelayMs: 0 });
    const delivered = await service.send({ to: '+254722000000', from: '20414', text: 'x' });
    await service.settled(delivered);
    smsc.change({ receiptDelayMs: LONG_MS });
    expect(await post(service, `/v1/messages/${delivered}/cancel`, {})).toMatchObject({
      status: 409,
      body: { type: 'urn:surereach:problem:not-changeable', reason: 'already-final' },
    });
    const id = await submitted(service, '+254722000000');
    const refused = await post(service, `/v1/messages/${id}/replace`, { text: 'Another text.' });
    expect(refused).toMatchObject({ status: 409, body: { reason: 'not-carried' } });
    expect(String(refused.body['detail'])).toContain('Table 2-1');
  });

  it('learns by query_sm what no receipt tells', async () => {
    smsc.change({ receiptDelayMs: 0 });
    const id = await service.send({ to: '+254722000009', from: '20414', text: 'x' });
    expect(await service.settled(id)).toMatchObject({ status: 'delivered', outcome: 'reached-by-sms' });
    const delivered = (await service.events(id)).find(({ type }) => type === 'MessageDelivered');
    expect(delivered?.data).toMatchObject({ receipt: { source: 'query' } });
    smsc.change({ receiptDelayMs: LONG_MS });
  });

  it('asks again after a kill, from where it was', async () => {
    // Delivered at once, but no receipt says so, and no query is answered yet.
    smsc.change({ queryStatus: 0x67, receiptDelayMs: 0 });
    const id = await submitted(service, '+254722000009');
    await service.eventually<{ queries: { failure: string | null } | null }>(
      `/v1/messages/${id}`,
      'a query that failed',
      ({ queries }) => queries?.failure?.includes('ESME_RQUERYFAIL') === true,
    );
    const { queries } = await service.get<{ queries: { made: number } }>(`/v1/messages/${id}`);
    await service.kill();
    service = await RunningService.start({
      databaseUrl: database.url,
      env: { ...smppEnv(smsc), SMPP_QUERY_AFTER_SECONDS: '1', SMPP_QUERY_EVERY_SECONDS: '1' },
    });
    // One more may have been made between the look and the kill.
    await service.eventually<{ queries: { made: number } | null }>(
      `/v1/messages/${id}`,
      'further queries',
      ({ queries: now }) => (now?.made ?? 0) >= queries.made + 2,
    );
    smsc.change({ queryStatus: 0 });
    expect(await service.settled(id, 40_000)).toMatchObject({
      status: 'delivered',
      outcome: 'reached-by-sms',
    });
  });
});

describe('asking a transmitter', () => {
  it('replaces a text at the SMSC, and submits with data_sm where that is wanted', async () => {
    const database = await openTestDatabase();
    const smsc = await startSmsc({ settings: { receiptDelayMs: 3_000 } });
    const service = await RunningService.start({
      databaseUrl: database.url,
      env: { ...smppEnv(smsc), SMPP_BIND: 'split', SMPP_REPLACE: 'transmitter', SMPP_SUBMIT_WITH: 'data_sm' },
    });
    try {
      const id = await submitted(service, '+254722000000');
      expect(smsc.ledger()).toContainEqual(expect.objectContaining({ kind: 'submit', command: 'data_sm' }));
      expect(await post(service, `/v1/messages/${id}/replace`, { text: 'It is on Friday.' })).toMatchObject({
        status: 202,
        body: { state: 'requested' },
      });
      expect(await service.settled(id)).toMatchObject({
        status: 'delivered',
        outcome: 'reached-by-sms',
        replacement: { state: 'done', detail: 'by smsc' },
      });
      expect(asksOf(smsc)).toMatchObject([{ command: 'replace_sm', status: 'ESME_ROK' }]);
    } finally {
      await service.stop();
      await smsc.close();
      await database.close();
    }
  });
});

describe('several connectors', () => {
  let database: TestDatabase;
  let smscs: Record<'one' | 'two', SmscSimulator>;
  let file: ConnectorsFile;
  let service: RunningService;

  beforeAll(async () => {
    database = await openTestDatabase();
    const settings = { receiptDelayMs: LONG_MS, silentState: 'DELIVRD' } as const;
    smscs = {
      one: await startSmsc({ settings }),
      two: await startSmsc({
        settings: { ...settings, messageIdFormat: 'hexadecimal', replaceOnTransceiver: true },
        firstMessageId: 255,
      }),
    };
    file = await ConnectorsFile.create({
      connectors: {
        one: connectorTo(smscs.one),
        two: connectorTo(smscs.two, {
          binds: 2,
          submitWith: 'data_sm',
          replace: 'always',
          receipts: { submitIdBase: 'hex', receiptIdBase: 'decimal' },
        }),
      },
      routes: [
        { name: 'uganda', when: { country: 'UG' }, to: 'two' },
        { name: 'the rest', to: 'one' },
      ],
    });
    service = await RunningService.start({
      databaseUrl: database.url,
      env: { CONNECTORS_FILE: file.path },
    });
  });

  afterAll(async () => {
    const exit = await service.stop();
    await file.remove();
    await Promise.all([smscs.one.close(), smscs.two.close()]);
    await database.close();
    expect(exit).toEqual({ code: 0, signal: null });
  });

  it('cancel by the id as that SMSC gave it, at the one that has the message', async () => {
    const id = await submitted(service, '+256772000000');
    expect((await service.events(id)).find(({ type }) => type === 'MessageSubmitted')?.data).toMatchObject({
      connector: 'two',
      parts: [{ smscMessageId: '255', rawSmscMessageId: 'ff' }],
    });
    expect((await post(service, `/v1/messages/${id}/cancel`, {})).status).toBe(202);
    expect(await service.settled(id)).toMatchObject({ status: 'cancelled', outcome: 'not-reached' });
    expect(asksOf(smscs.two)).toMatchObject([{ command: 'cancel_sm', messageId: 'ff', status: 'ESME_ROK' }]);
    expect(asksOf(smscs.one)).toEqual([]);
  });

  it('replace a text where the one that has the message does, and say why where it does not', async () => {
    const allowed = await submitted(service, '+256772000001');
    const forbidden = await submitted(service, '+254722000001');
    for (const id of [allowed, forbidden]) {
      expect((await post(service, `/v1/messages/${id}/replace`, { text: 'At noon.' })).status).toBe(202);
    }
    const replaced = async (id: string, state: string) =>
      service.eventually<{ text: string; replacement: { state: string; detail: string } | null }>(
        `/v1/messages/${id}`,
        `the replacement to be ${state}`,
        ({ replacement }) => replacement?.state === state,
      );
    expect((await replaced(allowed, 'done')).replacement?.detail).toBe('by smsc');
    expect((await replaced(forbidden, 'refused')).replacement?.detail).toContain(
      'connector one does not replace texts',
    );
  });
});
