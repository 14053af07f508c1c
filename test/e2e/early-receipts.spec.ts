// Receipts that come before their submit_sm_resp, in a service whose read models nobody fills: what brings
// them is that both went through this process.
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { journalledEvents } from '../support/checker.js';
import { RunningService, slotsDivided } from '../support/service.js';
import { requests, smppEnv, startSmsc } from '../support/smsc.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

const MESSAGES = 20;

let database: TestDatabase;
let smsc: SmscSimulator;
let service: RunningService | undefined;

beforeEach(async () => {
  database = await openTestDatabase();
  smsc = await startSmsc({ settings: { receiptsBeforeResponse: true, receiptLeadMs: 300 } });
});

afterEach(async () => {
  await service?.stop();
  await smsc.close();
  await database.close();
});

it('are brought to their messages when the response comes', async () => {
  const env = { ...smppEnv(smsc), ROLES: 'intake,smpp' };
  service = await RunningService.start({ databaseUrl: database.url, env });
  await slotsDivided(database.url, 1); // what is accepted before waits for the read model
  const ids: string[] = [];
  for (const request of requests(MESSAGES)) ids.push(await service.send(request));
  for (const id of ids) expect(await service.settled(id)).toMatchObject({ status: 'delivered' });
  await service.stop();
  service = undefined;
  const types = (await journalledEvents(database.url)).map(({ type }) => type);
  const count = (wanted: string): number => types.filter((type) => type === wanted).length;
  expect(['ReceiptParked', 'ReceiptMatched', 'MessageSubmitted', 'MessageDelivered'].map(count)).toEqual(
    Array.from({ length: 4 }, () => MESSAGES),
  );
});
