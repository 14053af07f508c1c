// Messages from phones through the whole service: SMSC → journal → GET /v1/inbound, whatever happens to
// the service on the way.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';
import { journalledEvents } from '../support/checker.js';
import { RunningService } from '../support/service.js';
import { smppEnv, startSmsc } from '../support/smsc.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

interface Inbound {
  readonly id: string;
  readonly from: string;
  readonly text: string | null;
  readonly parts: number;
  readonly missingParts: readonly number[];
  readonly repeats: number;
  readonly inReplyTo: string | null;
}

interface Page {
  readonly items: readonly Inbound[];
}

const OURS = '20414';
const LONG = 'Kumbuka kuleta kitambulisho chako. '.repeat(12);

describe('a message from a phone', () => {
  let database: TestDatabase;
  let smsc: SmscSimulator;
  let service: RunningService;
  let phones = 0;

  const start = (env: Readonly<Record<string, string>> = {}): Promise<RunningService> =>
    RunningService.start({ databaseUrl: database.url, env: { ...smppEnv(smsc), ...env } });

  beforeAll(async () => {
    database = await openTestDatabase();
    smsc = await startSmsc();
    service = await start();
  });

  afterAll(async () => {
    const exit = await service.stop();
    await smsc.close();
    await database.close();
    expect(exit).toEqual({ code: 0, signal: null });
  });

  /** A number nobody has used in this file. */
  function newPhone(): string {
    phones += 1;
    return `2547220001${String(phones).padStart(2, '0')}`;
  }

  function receivedFrom(
    phone: string,
    what: string,
    holds: (items: readonly Inbound[]) => boolean,
  ): Promise<Page> {
    return service.eventually<Page>(`/v1/inbound?from=%2B${phone}`, what, ({ items }) => holds(items));
  }

  /** Every deliver_sm from index `since` of the ledger on has been answered ESME_ROK. */
  function acknowledged(since: number, delivers: number): Promise<unknown> {
    const answered = (): number =>
      smsc
        .ledger(since)
        .filter(
          ({ kind, ...entry }) =>
            kind === 'delivery-answered' && 'status' in entry && entry.status === 'ESME_ROK',
        ).length;
    return smsc.entry(() => answered() >= delivers, 20_000, since);
  }

  it('is shown with its text and what it answers to', async () => {
    const phone = newPhone();
    const sent = await service.send({ to: `+${phone}`, from: OURS, text: 'Will you come? YES or NO' });
    await service.settled(sent);
    smsc.mobileMessage({ source: phone, destination: OURS, destinationTon: 3, text: 'Ndiyo, asante 👍' });
    const { items } = await receivedFrom(phone, 'the answer', (found) => found.length === 1);
    expect(items).toMatchObject([
      { from: `+${phone}`, text: 'Ndiyo, asante 👍', inReplyTo: sent, parts: 1, repeats: 0 },
    ]);
    expect(await service.get(`/v1/inbound/${String(items[0]?.id)}`)).toEqual(items[0]);
  });

  it.each(['udh8', 'udh16', 'sar'] as const)(
    'of several parts (%s) is one message, in whatever order they come and however often',
    async (form) => {
      const phone = newPhone();
      const order = [3, 1, 3, 2, 1];
      smsc.mobileMessage({ source: phone, destination: OURS, destinationTon: 3, text: LONG, form, order });
      const { items } = await receivedFrom(phone, 'all copies', (found) => found[0]?.repeats === 2);
      expect(items).toMatchObject([{ text: LONG, parts: 3, missingParts: [] }]);
    },
  );

  it('that comes again after the service was killed is shown once', async () => {
    const phone = newPhone();
    const message = { source: phone, destination: OURS, destinationTon: 3, text: 'STOP' };
    const since = smsc.ledger().length;
    smsc.mobileMessage(message);
    await acknowledged(since, 1);
    await service.kill();
    service = await start();
    smsc.mobileMessage(message);
    const { items } = await receivedFrom(phone, 'the repeat', (found) => found[0]?.repeats === 1);
    expect(items).toHaveLength(1);
  });

  it('whose parts come before and after the service was killed is whole', async () => {
    const phone = newPhone();
    const message = { source: phone, destination: OURS, destinationTon: 3, text: LONG };
    const since = smsc.ledger().length;
    smsc.mobileMessage({ ...message, order: [2, 3] });
    await acknowledged(since, 2);
    await service.kill();
    service = await start();
    smsc.mobileMessage({ ...message, order: [1] });
    const { items } = await receivedFrom(phone, 'the message', (found) => found.length === 1);
    expect(items).toMatchObject([{ text: LONG, missingParts: [] }]);
  });

  it('that the SMSC delivers to a service killed before it answered comes again, and is shown once', async () => {
    const phone = newPhone();
    const since = smsc.ledger().length;
    for (let n = 0; n < 40; n++)
      smsc.mobileMessage({ source: phone, destination: OURS, destinationTon: 3, text: `vote ${String(n)}` });
    await smsc.entry(({ kind }) => kind === 'delivery-sent', 20_000, since);
    await service.kill();
    service = await start();
    await acknowledged(since, 40);
    const { items } = await receivedFrom(phone, 'all votes', (found) => found.length === 40);
    expect(new Set(items.map(({ text }) => text)).size).toBe(40);
  });

  it('lacking a part is given up after its time, also by a service started later', async () => {
    await service.stop();
    service = await start({ SMPP_INBOUND_PARTS_SECONDS: '1' });
    const phone = newPhone();
    const since = smsc.ledger().length;
    smsc.mobileMessage({ source: phone, destination: OURS, destinationTon: 3, text: LONG, order: [1, 3] });
    await acknowledged(since, 2);
    await service.kill();
    service = await start();
    const { items } = await receivedFrom(phone, 'the rest', (found) => found.length === 1);
    expect(items).toMatchObject([{ parts: 3, missingParts: [2], text: expect.stringContaining('…') }]);
  });

  it('may follow when the SMSC says that the phone can be reached again: that is recorded', async () => {
    const phone = newPhone();
    // Nothing answers an alert_notification: the message behind it shows that it was read.
    expect(smsc.alert({ source: phone, destination: OURS, status: 0 })).toBe(1);
    smsc.mobileMessage({ source: phone, destination: OURS, destinationTon: 3, text: 'back' });
    await receivedFrom(phone, 'the message behind it', (found) => found.length === 1);
    const events = await journalledEvents(database.url);
    expect(events.filter(({ type }) => type === 'PhoneAvailable')).toMatchObject([
      { data: { availability: 'available', to: OURS, personal: { from: `+${phone}` } } },
    ]);
  });
});
