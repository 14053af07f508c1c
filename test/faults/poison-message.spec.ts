// One destination makes the SMSC drop the link whenever it is submitted. With the policy that sends
// again what was in flight, that message must not take the others with it, nor be sent for ever.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { journalledEvents, violations } from '../support/checker.js';
import { RunningService } from '../support/service.js';
import { requests, smppEnv, startSmsc } from '../support/smsc.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

const MESSAGES = 500;
const LOSSES = 3;

/** In the middle of the upload, so that there are messages in flight before and behind it. */
const POISON = { to: '+254720000000', from: '20414', text: 'This one breaks the link.' };

/** Bind, three drops and the pauses between them; the rest is room for a slow machine. */
const DEADLINE_MS = 60_000;

describe('a message breaks the link whenever it is in flight', () => {
  let database: TestDatabase;
  let smsc: SmscSimulator;
  let service: RunningService;

  beforeEach(async () => {
    database = await openTestDatabase();
    smsc = await startSmsc({
      settings: {
        receiptDelayMs: 30,
        responseDelayMs: 20,
        poisonDestinations: [POISON.to.slice(1)],
        disconnectMode: 'rst',
      },
    });
    service = await RunningService.start({
      databaseUrl: database.url,
      env: {
        ...smppEnv(smsc),
        SMPP_WINDOW: '20',
        SMPP_IN_DOUBT: 'resubmit',
        SMPP_RESUBMIT_AFTER_SECONDS: '1',
        SMPP_QUARANTINE_AFTER: String(LOSSES),
      },
    });
  });

  afterEach(async () => {
    await service.stop();
    await smsc.close();
    await database.close();
  });

  const submitsOfPoison = (): number =>
    smsc.ledger().filter((entry) => entry.kind === 'submit' && entry.destination === POISON.to.slice(1))
      .length;

  it('delivers all others, quarantines the one, and sends it again only when it is released', async () => {
    const others = requests(MESSAGES);
    const rows = [...others.slice(0, MESSAGES / 2), POISON, ...others.slice(MESSAGES / 2)];
    await service.upload('poisoned', rows);

    await service.eventually<{ byStatus: Record<string, number> }>(
      '/v1/batches/poisoned',
      'all others to be delivered, and the one in quarantine',
      ({ byStatus }) => byStatus['delivered'] === MESSAGES && byStatus['quarantined'] === 1,
      DEADLINE_MS,
    );
    expect(submitsOfPoison()).toBe(LOSSES);
    const { items } = await service.get<{ items: readonly { id: string; reason: string }[] }>(
      '/v1/messages?status=quarantined',
    );
    expect(items).toMatchObject([{ reason: expect.stringContaining('3 on default (link-lost)') }]);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toContain('surereach_messages_quarantined 1\n');

    // Nothing more of it leaves, and the link stays up for the others.
    await service.upload('afterwards', requests(100, 1));
    await service.batchSettled('afterwards', 100, DEADLINE_MS);
    expect(submitsOfPoison()).toBe(LOSSES);

    smsc.change({ poisonDestinations: [] });
    const released = await fetch(`${service.url}/v1/messages/${items[0]?.id ?? ''}/release`, {
      method: 'POST',
    });
    expect(released.status).toBe(202);
    await service.batchSettled('poisoned', MESSAGES + 1, DEADLINE_MS);
    expect(submitsOfPoison()).toBe(LOSSES + 1);
    await service.stop();

    const events = await journalledEvents(database.url);
    expect(violations({ events, ledger: smsc.ledger(), promised: [] })).toEqual([]);
    const count = (type: string): number => events.filter((event) => event.type === type).length;
    expect([count('MessageQuarantined'), count('MessageReleased')]).toEqual([1, 1]);
    expect(count('MessageDelivered')).toBe(MESSAGES + 101);
    // The drops did meet other messages in flight, or this test proves nothing.
    expect(count('SubmitOutcomeUnknown')).toBeGreaterThan(LOSSES);
  });
});
