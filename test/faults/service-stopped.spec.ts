// SIGTERM under load: intake closes, the window drains, the link is unbound; no submit is left in
// doubt, and the next start finishes the work.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { journalledEvents, violations } from '../support/checker.js';
import { RunningService } from '../support/service.js';
import { requests, smppEnv, startSmsc } from '../support/smsc.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

const MESSAGES = 1_000;

describe('the service is stopped under load', () => {
  let database: TestDatabase;
  let smsc: SmscSimulator;

  beforeAll(async () => {
    database = await openTestDatabase();
    smsc = await startSmsc({ settings: { receiptDelayMs: 50, responseDelayMs: 20 } });
  });

  afterAll(async () => {
    await smsc.close();
    await database.close();
  });

  it('ends cleanly with nothing in doubt, and the next start goes on', async () => {
    const env = { ...smppEnv(smsc), SMPP_WINDOW: '50' };
    let service = await RunningService.start({ databaseUrl: database.url, env });
    await service.upload('stopped', requests(MESSAGES));
    await smsc.entry(() => smsc.counters().submits >= 200, 30_000);
    expect(await service.stop()).toEqual({ code: 0, signal: null });
    expect(smsc.counters().submits).toBeLessThan(MESSAGES);
    expect(smsc.counters().sessions.open).toBe(0);

    service = await RunningService.start({ databaseUrl: database.url, env });
    await service.eventually<{ byStatus: Record<string, number> }>(
      '/v1/batches/stopped',
      'every message delivered',
      ({ byStatus }) => byStatus['delivered'] === MESSAGES,
      60_000,
    );
    await service.stop();
    const events = await journalledEvents(database.url);
    expect(violations({ events, ledger: smsc.ledger(), promised: [] })).toEqual([]);
    expect(events.filter(({ type }) => type === 'SubmitOutcomeUnknown')).toEqual([]);
    expect(smsc.counters().submits).toBe(MESSAGES);
  });
});
