// The embedded PostgreSQL is killed under the running service: it is started again, requests get
// 503 meanwhile and never 500, and nothing that was promised is lost or sent twice.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { journalledEvents, violations } from '../support/checker.js';
import { RunningService } from '../support/service.js';
import { requests, smppEnv, startSmsc } from '../support/smsc.js';
import { newRunFolder } from '../support/test-postgres.js';

const MESSAGES = 1_000;

describe('PostgreSQL is killed under the service', () => {
  let smsc: SmscSimulator;
  let service: RunningService;
  let folder: string;

  beforeAll(async () => {
    folder = await newRunFolder();
    smsc = await startSmsc({ settings: { receiptDelayMs: 50, responseDelayMs: 10 } });
    service = await RunningService.start({ env: { ...smppEnv(smsc), DATA_DIR: folder, SMPP_WINDOW: '50' } });
  });

  afterAll(async () => {
    await service.stop();
    await smsc.close();
  });

  async function killPostgres(): Promise<void> {
    const text = await readFile(join(folder, 'postgres', 'data', 'postmaster.pid'), 'utf8');
    // SIGQUIT: immediate shutdown without a checkpoint, as after a crash.
    process.kill(Number(text.split('\n')[0]), 'SIGQUIT');
  }

  it('goes on when it is back, and has lost nothing', async () => {
    const channels = [{ channel: 'sms', fallbackAfter: 20 }];
    await service.upload('before', requests(MESSAGES, 0, { channels }));
    await smsc.entry(() => smsc.counters().submits >= MESSAGES / 3, 30_000);
    await killPostgres();

    const promised: string[] = [];
    const statuses = new Set<number>();
    const deadline = performance.now() + 30_000;
    for (let sent = 0; promised.length < 20 && performance.now() < deadline; sent++) {
      const body = JSON.stringify({
        to: '+254722000000',
        from: '20414',
        text: `After the crash ${String(sent)}`,
        channels,
      });
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${service.url}/v1/messages`, { method: 'POST', headers, body });
      statuses.add(response.status);
      const answer = (await response.json()) as { id?: string };
      if (answer.id !== undefined) promised.push(answer.id);
    }
    expect(promised).toHaveLength(20);
    expect([...statuses].filter((status) => status !== 202 && status !== 503)).toEqual([]);

    await service.batchSettled('before', MESSAGES, 60_000);
    for (const id of promised) await service.settled(id, 60_000);
    const url = await databaseUrl();
    const events = await journalledEvents(url);
    expect(violations({ events, ledger: smsc.ledger(), promised })).toEqual([]);
    expect(service.output).toContain('PostgreSQL has ended without being told to; starting it again');
  });

  async function databaseUrl(): Promise<string> {
    const password = (await readFile(join(folder, 'postgres', 'password'), 'utf8')).trim();
    const port = (await readFile(join(folder, 'postgres', 'port'), 'utf8')).trim();
    return `postgres://surereach:${password}@127.0.0.1:${port}/surereach`;
  }
});
