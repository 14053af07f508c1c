// Two service processes on one database and one account: they share the work, no message leaves
// twice, and when one is killed the other takes over its share.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { journalledEvents, violations } from '../support/checker.js';
import { RunningService, slotsDivided } from '../support/service.js';
import { requests, smppEnv, startSmsc } from '../support/smsc.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

const MESSAGES = 2_000;

describe('two senders share one database', () => {
  let database: TestDatabase;
  let smsc: SmscSimulator;

  beforeAll(async () => {
    database = await openTestDatabase();
    smsc = await startSmsc({ settings: { receiptDelayMs: 30, responseDelayMs: 40 } });
  });

  afterAll(async () => {
    await smsc.close();
    await database.close();
  });

  it('divides the work, and survives the death of one', async () => {
    const env = { ...smppEnv(smsc), SMPP_WINDOW: '20' };
    const first = await RunningService.start({ databaseUrl: database.url, env });
    const second = await RunningService.start({ databaseUrl: database.url, env });
    // Both have their share of the slots before there is work.
    await second.eventually<{ status: string }>(
      '/health/ready',
      'the second to be ready',
      ({ status }) => status === 'up',
    );
    await slotsDivided(database.url, 2);

    const channels = [{ channel: 'sms', fallbackAfter: 10 }];
    const { accepted } = await first.upload('shared', requests(MESSAGES, 0, { channels }));
    expect(accepted).toBe(MESSAGES);
    await smsc.entry(() => smsc.counters().submits >= MESSAGES / 4, 30_000);
    await second.kill();
    await first.batchSettled('shared', MESSAGES, 60_000);
    await first.stop();

    const events = await journalledEvents(database.url);
    expect(violations({ events, ledger: smsc.ledger(), promised: [] })).toEqual([]);
    const senders = new Set(
      events.flatMap(({ type, data }) => (type === 'SubmitAttempted' ? [data['sender']] : [])),
    );
    expect(senders.size).toBe(2);
  });
});
