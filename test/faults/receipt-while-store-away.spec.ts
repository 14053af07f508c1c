// What an SMSC delivers while the store is away comes again, if it is answered with what that SMSC
// takes as "later". This one takes ESME_RMSGQFUL alone, as SMPPSim does; its clock is the test's, so
// that "never again" can be seen.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SystemClock } from '../../src/clock/system-clock.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import type { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { withoutStore } from '../support/absent-store.js';
import { journalledEvents, violations } from '../support/checker.js';
import { RunningService } from '../support/service.js';
import { smppEnv, startSmsc } from '../support/smsc.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

const ESME_RMSGQFUL = 0x14;
const RECEIPT_DELAY_MS = 60_000;
/** SMPPSim's DELAYED_INBOUND_QUEUE_PROCESSING_PERIOD. */
const RETRY_DELAY_MS = 60_000;
const PHONE = '254722000000';

describe('the SMSC delivers while the store is away', () => {
  let database: TestDatabase;
  let smsc: SmscSimulator;
  let clock: VirtualClock;
  let service: RunningService;

  beforeEach(async () => {
    database = await openTestDatabase();
    clock = new VirtualClock(new SystemClock().now());
    smsc = await startSmsc({
      clock,
      settings: {
        receiptDelayMs: RECEIPT_DELAY_MS,
        retriedStatuses: [ESME_RMSGQFUL],
        receiptRetryDelayMs: RETRY_DELAY_MS,
      },
    });
  });

  afterEach(async () => {
    await service.stop();
    await smsc.close();
    await database.close();
  });

  async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    service = await RunningService.start({ databaseUrl: database.url, env: { ...smppEnv(smsc), ...env } });
  }

  async function submitted(fallbackAfter: number): Promise<string> {
    const channels = [{ channel: 'sms', fallbackAfter }, { channel: 'voice' }];
    const id = await service.send({ to: `+${PHONE}`, from: '20414', text: 'It is tomorrow.', channels });
    await service.eventually<{ status: string }>(
      `/v1/messages/${id}`,
      'the submit',
      ({ status }) => status === 'submitted',
    );
    return id;
  }

  /** command_status of every deliver_sm_resp, in order. */
  function answers(): readonly (string | null)[] {
    return smsc.ledger().flatMap((entry) => (entry.kind === 'delivery-answered' ? [entry.status] : []));
  }

  async function answered(count: number): Promise<void> {
    await smsc.entry(() => answers().length >= count, 30_000);
  }

  it('is asked by ESME_RMSGQFUL to come again: the message ends delivered, the answer is kept', async () => {
    await start({ SMPP_TRY_LATER_WITH: 'ESME_RMSGQFUL' });
    const id = await submitted(3_600);
    await withoutStore(database.url, async () => {
      clock.advance(RECEIPT_DELAY_MS);
      smsc.mobileMessage({ source: PHONE, destination: '20414', text: 'Thank you' });
      await answered(2);
      expect(answers()).toEqual(['ESME_RMSGQFUL', 'ESME_RMSGQFUL']);
      // And again: it is still away.
      clock.advance(RETRY_DELAY_MS);
      await answered(4);
      expect(answers().slice(2)).toEqual(['ESME_RMSGQFUL', 'ESME_RMSGQFUL']);
    });
    await ready();
    clock.advance(RETRY_DELAY_MS);
    await answered(6);
    expect(answers().slice(4)).toEqual(['ESME_ROK', 'ESME_ROK']);
    expect(await service.settled(id)).toMatchObject({
      status: 'delivered',
      outcome: 'reached-by-sms',
      voice: [],
    });
    const { items } = await service.eventually<{ items: readonly object[] }>(
      `/v1/inbound?from=%2B${PHONE}`,
      'the answer',
      (page) => page.items.length > 0,
    );
    expect(items).toMatchObject([{ text: 'Thank you', inReplyTo: id, repeats: 0 }]);
    const events = await journalledEvents(database.url);
    expect(events.filter(({ type }) => type === 'MessageDelivered')).toHaveLength(1);
    expect(violations({ events, ledger: smsc.ledger(), promised: [id] })).toEqual([]);
  });

  it('never delivers again after ESME_RSYSERR, the default: the deadline decides', async () => {
    await start();
    const id = await submitted(5);
    await withoutStore(database.url, async () => {
      clock.advance(RECEIPT_DELAY_MS);
      await answered(1);
      expect(answers()).toEqual(['ESME_RSYSERR']);
    });
    clock.advance(10 * RETRY_DELAY_MS);
    expect(await service.settled(id)).toMatchObject({ outcome: 'reached-by-voice' });
    expect(smsc.counters()).toMatchObject({ deliveriesSent: 1, deliveriesRetried: 0 });
    const events = await journalledEvents(database.url);
    expect(violations({ events, ledger: smsc.ledger(), promised: [id] })).toEqual([]);
  });

  function ready(): Promise<unknown> {
    return service.eventually<{ status: string }>(
      '/health/ready',
      'the service to have its store again',
      ({ status }) => status === 'up',
    );
  }
});
