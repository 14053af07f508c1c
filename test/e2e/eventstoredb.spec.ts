// The whole service with its journal in EventStoreDB: the data's way, a restart, and what it says
// when it cannot start so.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventStoreNode } from '../support/eventstore/eventstore-node.js';
import { RunningService } from '../support/service.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

describe('the service with its journal in EventStoreDB', () => {
  let database: TestDatabase;
  let node: EventStoreNode;
  let service: RunningService;

  beforeAll(async () => {
    [database, node] = await Promise.all([openTestDatabase(), EventStoreNode.start()]);
    service = await start(node.url);
  });

  afterAll(async () => {
    const exit = await service.stop();
    node.stop();
    await database.close();
    expect(exit).toEqual({ code: 0, signal: null });
  });

  function start(url: string): Promise<RunningService> {
    return RunningService.start({
      databaseUrl: database.url,
      env: { JOURNAL: 'eventstoredb', EVENTSTORE_URL: url, SIMULATOR_RING_DELAY_MS: '20' },
    });
  }

  function send(to: string): Promise<string> {
    return service.send({ to, from: '20414', text: 'Your appointment is tomorrow at 9:30.' });
  }

  it('reaches a person by SMS, and every event stands in the stream of the message', async () => {
    const id = await send('+254722000000');
    expect(await service.settled(id)).toMatchObject({ status: 'delivered', outcome: 'reached-by-sms' });
    const types = ['MessageAccepted', 'SubmitAttempted', 'MessageSubmitted', 'MessageDelivered'];
    expect((await service.events(id)).map(({ type }) => type)).toEqual(types);
    expect(node.log.read(`surereach.message-${id}`)?.map(({ type }) => type)).toEqual(types);
  });

  it('calls the person whom the SMS did not reach', async () => {
    const id = await send('+254722000005');
    expect(await service.settled(id)).toMatchObject({ status: 'undelivered', outcome: 'reached-by-voice' });
  });

  it('takes in an upload, whole', async () => {
    const rows = Array.from({ length: 300 }, (_, n) => ({
      to: `+25472200${String(n).padStart(3, '0')}0`,
      from: '20414',
      text: 'Your payment is due.',
    }));
    expect(await service.upload('april', rows)).toMatchObject({ accepted: 300 });
    const batch = await service.batchSettled('april', 300, 40_000);
    expect(batch.byOutcome).toMatchObject({ 'reached-by-sms': 300 });
  });

  it('goes on after a crash of the service and one of the node', async () => {
    const before = await send('+254722000010');
    await service.settled(before);
    await service.kill();
    node.stop();
    await node.startAgain();
    service = await start(node.url);
    expect(await service.settled(before)).toMatchObject({ outcome: 'reached-by-sms' });
    const called = await send('+254722000105');
    // The leases of the killed process lapse after 15 s.
    expect(await service.settled(called, 40_000)).toMatchObject({ outcome: 'reached-by-voice' });
    node.stop();
    await node.startAgain();
    const after = await send('+254722000020');
    expect(await service.settled(after)).toMatchObject({ outcome: 'reached-by-sms' });
  });

  it('is ready, and counts what it wrote', async () => {
    const ready = await fetch(`${service.url}/health/ready`);
    expect(ready.status).toBe(200);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    const written = /^surereach_journal_events\w* (\d+)$/m.exec(metrics)?.[1];
    expect(Number(written)).toBeGreaterThan(0);
  });

  it('does not start over a journal that its read models were not made from', async () => {
    const other = await EventStoreNode.start();
    await expect(start(other.url)).rejects.toThrow(/ahead of the journal at EVENTSTORE_URL/);
    other.stop();
  });

  it('says where it looked in vain, without the password', async () => {
    const url = 'esdb://operator:hunter2@127.0.0.1:1?tls=false';
    const refused: unknown = await start(url).catch((error: unknown) => error);
    expect(String(refused)).toContain('EventStoreDB at EVENTSTORE_URL cannot be used');
    expect(String(refused)).not.toContain('hunter2');
    const misspelt: unknown = await start('esdb://operator:hunter2@127.0.0.1:1?tlsVerify=no').catch(
      (error: unknown) => error,
    );
    expect(String(misspelt)).toContain('unknown option');
    expect(String(misspelt)).not.toContain('hunter2');
  });
});
