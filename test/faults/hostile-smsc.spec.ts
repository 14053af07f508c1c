// An SMSC that does everything an SMSC has been seen to do: throttles, forgets to answer, sends
// receipts first, twice and against each other, and drops the link in the middle of the window.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SettingsChange } from '../../src/simulators/smsc/outcome/settings.js';
import type { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { journalledEvents, type JournalledEvent, violations } from '../support/checker.js';
import { RunningService } from '../support/service.js';
import { requests, smppEnv, startSmsc } from '../support/smsc.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

const MESSAGES = 400;

describe('the SMSC misbehaves', () => {
  let database: TestDatabase;
  let smsc: SmscSimulator;
  let service: RunningService;

  beforeEach(async () => {
    database = await openTestDatabase();
    smsc = await startSmsc();
  });

  /** The timeout is far above what a busy machine takes, except where no answer is meant to come. */
  async function start(responseTimeoutSeconds = 20): Promise<void> {
    const env = {
      ...smppEnv(smsc),
      SMPP_WINDOW: '50',
      SMPP_RESPONSE_TIMEOUT_SECONDS: String(responseTimeoutSeconds),
    };
    service = await RunningService.start({ databaseUrl: database.url, env });
  }

  afterEach(async () => {
    await service.stop();
    await smsc.close();
    await database.close();
  });

  async function run(
    change: SettingsChange,
    more: object = {},
    responseTimeoutSeconds?: number,
  ): Promise<readonly JournalledEvent[]> {
    await start(responseTimeoutSeconds);
    smsc.change({ receiptDelayMs: 30, ...change });
    await service.upload('run', requests(MESSAGES, 0, more));
    await service.batchSettled('run', MESSAGES, 45_000);
    const events = await journalledEvents(database.url);
    expect(violations({ events, ledger: smsc.ledger(), promised: [] })).toEqual([]);
    return events;
  }

  function count(events: readonly JournalledEvent[], type: string): number {
    return events.filter((event) => event.type === type).length;
  }

  it('slows down in a throttling storm, delivers everything and recovers', async () => {
    const refused = (): number => {
      const { ESME_RTHROTTLED = 0, ESME_RMSGQFUL = 0 } = smsc.counters().refused;
      return ESME_RTHROTTLED + ESME_RMSGQFUL;
    };
    const over = smsc
      .entry(() => refused() >= 60, 30_000)
      .then(() => smsc.change({ throttleShare: 0, queueFullShare: 0 }));
    const events = await run({ throttleShare: 0.7, queueFullShare: 0.2 });
    await over;
    expect(count(events, 'MessageDelivered')).toBe(MESSAGES);
    expect(count(events, 'SubmitDeferred')).toBeGreaterThanOrEqual(60);
    expect(count(events, 'MessageRejected')).toBe(0);
  });

  it('delivers everything through a storm that never ends', async () => {
    const events = await run({ throttleShare: 0.4, queueFullShare: 0.1 });
    expect(count(events, 'MessageDelivered')).toBe(MESSAGES);
    expect(count(events, 'SubmitDeferred')).toBeGreaterThan(MESSAGES / 2);
    expect(count(events, 'MessageRejected')).toBe(0);
  });

  it('parks receipts that come before the response, and matches them', async () => {
    const events = await run({ receiptsBeforeResponse: true, receiptLeadMs: 500 });
    expect(count(events, 'MessageDelivered')).toBe(MESSAGES);
    expect(count(events, 'ReceiptParked')).toBe(MESSAGES);
    expect(count(events, 'ReceiptMatched')).toBeGreaterThanOrEqual(MESSAGES);
  });

  it('takes repeated receipts once', async () => {
    const events = await run({ duplicateReceipts: 3 });
    expect(count(events, 'MessageDelivered')).toBe(MESSAGES);
    expect(count(events, 'ReceiptContradicted')).toBe(0);
  });

  it('keeps the first final state and records the contradiction', async () => {
    await run({ contradictingReceipts: true });
    await smsc.entry(() => smsc.counters().deliveriesUnacknowledged === 0, 20_000);
    const events = await service.eventually<{ byStatus: Record<string, number> }>(
      '/v1/batches/run',
      'delivered to stay delivered',
      ({ byStatus }) => byStatus['delivered'] === MESSAGES,
    );
    expect(events.byStatus).toEqual({ delivered: MESSAGES });
  });

  it('holds what was never answered, and lets its receipt resolve it', async () => {
    const events = await run(
      { dropResponseShare: 0.2 },
      { channels: [{ channel: 'sms', fallbackAfter: 25 }] },
      1,
    );
    expect(count(events, 'SubmitOutcomeUnknown')).toBeGreaterThan(0);
    expect(count(events, 'MessageDelivered')).toBe(MESSAGES);
    expect(smsc.counters().submits).toBe(MESSAGES);
  });

  it('rebinds after the link was cut in the middle of the window, and sends nothing twice', async () => {
    smsc.change({ responseDelayMs: 20 });
    const cut = smsc.entry(() => smsc.counters().submits >= 150, 20_000).then(() => smsc.disconnect('rst'));
    const events = await run({}, { channels: [{ channel: 'sms', fallbackAfter: 15 }] });
    await cut;
    expect(count(events, 'SubmitOutcomeUnknown')).toBeGreaterThan(0);
    expect(smsc.counters().submits).toBeLessThanOrEqual(MESSAGES);
  });
});
