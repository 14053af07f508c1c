// The SMSC simulator as a process of its own: how it starts, is controlled over HTTP, and ends.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { RawEsme } from '../support/load/raw-esme.js';
import { PackageEsme } from '../support/package-esme.js';
import { type StartedProcess, startProcess } from '../support/processes.js';

const ENTRY = 'dist/src/simulators/smsc/main.js';

const processes: StartedProcess[] = [];

afterEach(async () => {
  for (const started of processes.splice(0)) await started.kill();
});

async function start(...args: string[]): Promise<StartedProcess> {
  const started = await startProcess(ENTRY, ['--port', '0', '--http-port', '0', ...args]);
  processes.push(started);
  return started;
}

async function request(
  simulator: StartedProcess,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; next: string | null; text: string; json: unknown }> {
  const response = await fetch(`http://127.0.0.1:${String(simulator.number('httpPort'))}${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('ndjson') === false;
  return {
    status: response.status,
    next: response.headers.get('x-ledger-next'),
    text,
    json: isJson ? (JSON.parse(text) as unknown) : undefined,
  };
}

describe('the SMSC simulator as a process', () => {
  it('says its ports on one line when it is ready, and ends on SIGTERM', async () => {
    const simulator = await start();
    expect(simulator.stdout.trim()).toBe(JSON.stringify(simulator.ready));
    expect(Object.keys(simulator.ready)).toEqual(['ready', 'port', 'httpPort']);
    expect(await simulator.stop()).toEqual({ code: 0, signal: null });
  });

  it('ends with the process that started it', async () => {
    const simulator = await start();
    simulator.closeStdin();
    expect(await simulator.exited).toEqual({ code: 0, signal: null });
  });

  it('ends on SIGTERM also while sessions are open and receipts wait', async () => {
    const simulator = await start('--receipt-delay-ms', '60000');
    const esme = await PackageEsme.bound(simulator.number('port'));
    await esme.submit('255700000000', 'x');
    expect(await simulator.stop()).toEqual({ code: 0, signal: null });
    await esme.closed;
  });

  it('refuses an option it does not know, and a port that is taken', async () => {
    await expect(start('--colour', 'red')).rejects.toThrow(/code 2[^]*--colour/);
    const simulator = await start();
    const port = String(simulator.number('port'));
    await expect(startProcess(ENTRY, ['--port', port, '--http-port', '0'])).rejects.toThrow(
      /code 1[^]*EADDRINUSE/,
    );
  });

  it('is steered and read over HTTP', async () => {
    const simulator = await start();
    expect((await request(simulator, 'PATCH', '/settings', { receiptDelayMs: 1 })).json).toMatchObject({
      receiptDelayMs: 1,
      outcomes: 'by-last-digit',
    });
    const script = { destination: '2557', times: 1, status: 0x58 };
    expect((await request(simulator, 'POST', '/scripts', script)).json).toMatchObject(script);
    expect((await request(simulator, 'GET', '/scripts')).json).toMatchObject([{ left: 1 }]);

    const esme = await PackageEsme.bound(simulator.number('port'));
    expect((await esme.submit('255700000000', 'hi')).command_status).toBe(0x58);
    const answer = await esme.submit('255700000000', 'hi');
    await esme.deliveries(1);
    const answered = await request(simulator, 'GET', '/ledger?since=4&waitMs=5000');
    expect(
      answered.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      {
        index: 4,
        kind: 'delivery-answered',
        messageId: answer['message_id'],
        stat: 'DELIVRD',
        status: 'ESME_ROK',
      },
    ]);
    expect(answered.next).toBe('5');
    const all = (await request(simulator, 'GET', '/ledger')).text.trimEnd().split('\n');
    expect(all.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual([
      'bound',
      'submit',
      'submit',
      'delivery-sent',
      'delivery-answered',
    ]);
    expect(JSON.parse(all[2] ?? '')).toMatchObject({
      source: 'SureReach',
      destination: '255700000000',
      shortMessage: '6869',
      messageId: answer['message_id'],
      status: 'ESME_ROK',
      response: 'sent',
      duplicate: false,
    });
    expect((await request(simulator, 'GET', '/counters')).json).toMatchObject({
      submits: 2,
      accepted: 1,
      refused: { ESME_RTHROTTLED: 1 },
      deliveriesAcknowledged: 1,
    });
    expect((await request(simulator, 'GET', '/timings')).json).toMatchObject({
      submitToReceiptAcknowledged: { count: 1 },
      deliverToAcknowledged: { count: 1 },
    });

    await request(simulator, 'POST', '/deliveries', { source: '1', destination: '2', text: 'made up' });
    await esme.deliveries(2);
    const acknowledged = await request(simulator, 'GET', '/ledger?since=6&waitMs=5000');
    expect(acknowledged.text).toContain('delivery-answered');
    await request(simulator, 'POST', '/reset');
    expect((await request(simulator, 'GET', '/counters')).json).toMatchObject({ submits: 0, accepted: 0 });
    expect((await request(simulator, 'GET', '/ledger')).text).toBe('');
    expect((await request(simulator, 'POST', '/disconnect', { mode: 'rst' })).json).toEqual({
      disconnected: 1,
    });
    await esme.closed;
  });

  it('answers a wrong request with what is wrong about it', async () => {
    const simulator = await start();
    const wrong = await request(simulator, 'PATCH', '/settings', { throttleShare: 7 });
    expect(wrong).toMatchObject({ status: 400, json: { field: 'throttleShare' } });
    expect(await request(simulator, 'POST', '/scripts', '{"')).toMatchObject({
      status: 400,
      json: { field: 'body' },
    });
    expect(await request(simulator, 'POST', '/scripts')).toMatchObject({ status: 400 });
    expect(await request(simulator, 'GET', '/ledger?since=x')).toMatchObject({
      status: 400,
      json: { field: 'since' },
    });
    expect(await request(simulator, 'POST', '/deliveries', { source: '1', destination: '2' })).toMatchObject({
      status: 400,
      json: { field: 'text' },
    });
    expect(await request(simulator, 'DELETE', '/counters')).toMatchObject({ status: 404 });
  });

  it('has written to its ledger file every message it ever answered, also after kill -9', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'smsc-simulator-'));
    try {
      const file = join(directory, 'ledger.ndjson');
      const simulator = await start('--ledger', file);
      const esme = await PackageEsme.bound(simulator.number('port'));
      const answered = new Set<unknown>();
      const submits = Array.from({ length: 500 }, (_, n) =>
        esme.submit('255700000009', `text ${String(n)}`).then((answer) => {
          answered.add(answer['message_id']);
          if (answered.size === 100) simulator.signal('SIGKILL');
        }),
      );
      for (const submit of submits) submit.catch(() => undefined);
      await esme.closed;
      expect(await simulator.exited).toMatchObject({ signal: 'SIGKILL' });
      const entries = readFileSync(file, 'utf8').trimEnd().split('\n');
      const written = new Set(entries.map((line) => (JSON.parse(line) as { messageId?: string }).messageId));
      expect(answered.size).toBeGreaterThanOrEqual(100);
      expect([...answered].filter((id) => !written.has(String(id)))).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('agrees with a raw ESME about 20,000 messages with receipts', async () => {
    const simulator = await start('--ledger', 'off', '--receipt-delay-ms', '20');
    const esme = await RawEsme.bind({ port: simulator.number('port'), window: 500, receipts: true });
    const run = await esme.submit(20_000);
    await esme.close();
    expect(run).toMatchObject({ submits: 20_000, accepted: 20_000, receipts: 20_000, refused: {} });
    expect((await request(simulator, 'GET', '/counters')).json).toMatchObject({
      accepted: 20_000,
      duplicated: 0,
      deliveriesAcknowledged: 20_000,
      deliveriesRetried: 0,
    });
    const { submitToReceiptAcknowledged } = (await request(simulator, 'GET', '/timings')).json as {
      submitToReceiptAcknowledged: { count: number; minMs: number };
    };
    expect(submitToReceiptAcknowledged.count).toBe(20_000);
    expect(submitToReceiptAcknowledged.minMs).toBeGreaterThanOrEqual(20);
  });
});
