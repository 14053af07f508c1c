// kill -9 of the whole service under load, again and again: nothing that was promised is lost,
// nothing is sent twice, what nobody can know is in doubt and says so.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { journalledEvents, violations } from '../support/checker.js';
import { RunningService } from '../support/service.js';
import { requests, smppEnv, startSmsc } from '../support/smsc.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

const MESSAGES = 1_500;

/** After so many submit_sm more the service is killed: in the middle of the work each time. */
const KILL_AFTER_SUBMITS = [100, 250, 400];

describe('the service is killed under load', () => {
  let database: TestDatabase;
  let smsc: SmscSimulator;
  let service: RunningService | undefined;

  beforeAll(async () => {
    database = await openTestDatabase();
    // Slow enough that every kill meets submits and receipts on their way, and that the upload is not held
    // back by it: with a window of 50 below 500 submits a second, so that all kills find work left.
    smsc = await startSmsc({ settings: { receiptDelayMs: 100, responseDelayMs: 150 } });
  });

  afterAll(async () => {
    await service?.kill(); // left behind by a failure, it would keep the run from ending
    await smsc.close();
    await database.close();
  });

  it('loses nothing and sends nothing twice', async () => {
    const env = { ...smppEnv(smsc), SMPP_WINDOW: '50' };
    const channels = [{ channel: 'sms', fallbackAfter: 8 }];
    service = await RunningService.start({ databaseUrl: database.url, env });
    const promised: string[] = [];
    for (const request of requests(20, 0, { channels, reference: 'promised' }))
      promised.push(await service.send(request));
    const { accepted } = await service.upload('killed', requests(MESSAGES, 1, { channels }));
    expect(accepted).toBe(MESSAGES);

    for (const submits of KILL_AFTER_SUBMITS) {
      const from = smsc.counters().submits + submits;
      await smsc.entry(() => smsc.counters().submits >= from, 30_000, smsc.ledger().length);
      await service.kill();
      service = await RunningService.start({ databaseUrl: database.url, env });
    }

    await service.batchSettled('killed', MESSAGES, 60_000);
    for (const id of promised) await service.settled(id);
    await service.stop();
    service = undefined;

    const events = await journalledEvents(database.url);
    expect(violations({ events, ledger: smsc.ledger(), promised })).toEqual([]);
    expect(events.filter(({ type }) => type === 'MessageAccepted')).toHaveLength(MESSAGES + promised.length);
    // The kills did meet submits on their way, or this test proves nothing.
    const lost = events.filter(
      ({ type, data }) => type === 'SubmitOutcomeUnknown' && data['cause'] === 'process-lost',
    );
    expect(lost.length).toBeGreaterThan(0);
  });
});
