// The answer to cancel_sm and the receipt of the same message race each other over a real link. The
// word that is recorded first stays, the other is kept beside it, and a person is never called.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SystemClock } from '../../src/clock/system-clock.js';
import type { LinkPdu } from '../../src/smpp/link.js';
import { journalledEvents, violations } from '../support/checker.js';
import { type SmscConnection, ScriptedSmsc } from '../support/scripted-smsc.js';
import { type MessageAnswer, RunningService, slotsDivided } from '../support/service.js';
import { openTestDatabase, type TestDatabase } from '../support/test-postgres.js';

const ESME_RCANCELFAIL = 0x11;
const RACES = 60;
/** A guess: 60 of them are more than the way from a receipt to its commit takes on a busy machine. */
const LAG_MS = 2;
const TEXT = 'Your appointment is tomorrow.';

interface CancelledAnswer extends MessageAnswer {
  readonly cancellation: { readonly state: string } | null;
}

/** A cancel_sm that waits for what the test lets its SMSC say. */
class AskedToCancel {
  constructor(
    private readonly asked: SmscConnection,
    private readonly pdu: LinkPdu,
  ) {}

  answer(commandStatus: number): void {
    this.asked.reply(this.pdu, commandStatus === 0 ? {} : { command_status: commandStatus });
  }

  /** Its receipt, over this connection or over that of another process. */
  report(stat: string, over = this.asked): void {
    const { message_id: id, destination_addr, source_addr } = this.pdu.fields;
    over.request('deliver_sm', {
      source_addr: destination_addr,
      destination_addr: source_addr,
      esm_class: 4,
      short_message: Buffer.from(`id:${String(id)} done date:2611210140 stat:${stat} err:000`),
    });
  }

  /** What `say` says leaves as one write, to be read at once. */
  atOnce(say: () => void): void {
    this.asked.socket.cork();
    say();
    this.asked.socket.uncork();
  }
}

let database: TestDatabase;
let smsc: ScriptedSmsc;
let services: RunningService[];
let onCancel: (asked: AskedToCancel, connection: SmscConnection) => void;

beforeEach(async () => {
  database = await openTestDatabase();
  smsc = await ScriptedSmsc.listen();
  smsc.scripts.set('cancel_sm', (connection, pdu) => {
    onCancel(new AskedToCancel(connection, pdu), connection);
  });
  services = [];
});

afterEach(async () => {
  for (const service of services) await service.stop();
  await smsc.close();
  await database.close();
});

async function start(): Promise<RunningService> {
  const env = { SMPP_HOST: '127.0.0.1', SMPP_PORT: String(smsc.port), SMPP_SYSTEM_ID: 'surereach' };
  const service = await RunningService.start({
    databaseUrl: database.url,
    env: { ...env, SMPP_PASSWORD: 'surereach' },
  });
  services.push(service);
  return service;
}

async function submitted(service: RunningService, count: number): Promise<readonly string[]> {
  const phones = Array.from({ length: count }, (_, n) => `+25472200${String(n).padStart(4, '0')}`);
  const ids = await Promise.all(phones.map((to) => service.send({ to, from: '20414', text: TEXT })));
  for (const id of ids) {
    await service.eventually<MessageAnswer>(
      `/v1/messages/${id}`,
      'the submit',
      ({ status }) => status === 'submitted',
    );
  }
  return ids;
}

async function cancel(service: RunningService, id: string): Promise<void> {
  expect((await service.post(`/v1/messages/${id}/cancel`, { reason: 'moved' })).status).toBe(202);
}

/** The event types behind CancelAttempted, when there are `count` of them. */
async function words(service: RunningService, id: string, count: number): Promise<readonly string[]> {
  const events = await service.eventually<readonly { readonly type: string }[]>(
    `/v1/messages/${id}/events`,
    `${String(count)} words about ${id}`,
    (all) => all.length >= 5 + count,
  );
  const types = events.map(({ type }) => type);
  expect(types.slice(0, 5)).toEqual([
    'MessageAccepted',
    'SubmitAttempted',
    'MessageSubmitted',
    'CancelRequested',
    'CancelAttempted',
  ]);
  return types.slice(5);
}

async function nothingBroken(promised: readonly string[]): Promise<void> {
  const events = await journalledEvents(database.url);
  expect(violations({ events, ledger: [], promised })).toEqual([]);
  expect(events.filter(({ type }) => type.startsWith('Voice') || type === 'FallbackDecided')).toEqual([]);
  expect(smsc.received('submit_sm')).toHaveLength(promised.length);
}

describe('one behind the other', () => {
  const OK = 0;

  it.each([
    ['answer', OK, 'DELIVRD', ['MessageCancelled', 'ReceiptContradicted'], 'cancelled', 'done'],
    ['receipt', OK, 'DELIVRD', ['MessageDelivered', 'CancelRefused'], 'delivered', 'refused'],
    ['answer', OK, 'UNDELIV', ['MessageCancelled', 'ReceiptContradicted'], 'cancelled', 'done'],
    ['receipt', OK, 'UNDELIV', ['MessageUndelivered', 'CancelRefused'], 'undelivered', 'refused'],
    ['answer', ESME_RCANCELFAIL, 'DELIVRD', ['CancelRefused', 'MessageDelivered'], 'delivered', 'refused'],
    ['receipt', ESME_RCANCELFAIL, 'DELIVRD', ['MessageDelivered', 'CancelRefused'], 'delivered', 'refused'],
    // Here both say the same, and the second adds nothing.
    ['answer', OK, 'DELETED', ['MessageCancelled'], 'cancelled', 'done'],
    ['receipt', OK, 'DELETED', ['MessageCancelled'], 'cancelled', 'done'],
  ] as const)(
    'the %s first (cancel_sm_resp %d, %s): %j',
    async (first, commandStatus, stat, expected, status, cancellation) => {
      const service = await start();
      let asked: AskedToCancel | undefined;
      onCancel = (one) => {
        asked = one;
      };
      const [id = ''] = await submitted(service, 1);
      await cancel(service, id);
      await smsc.until('cancel_sm', () => asked !== undefined);
      const say = [() => asked?.answer(commandStatus), () => asked?.report(stat)];
      if (first === 'receipt') say.reverse();
      say[0]?.();
      await words(service, id, 1);
      say[1]?.();
      await words(service, id, expected.length);
      const message = await service.eventually<CancelledAnswer>(
        `/v1/messages/${id}`,
        `${id} to end ${status}`,
        (answer) => answer.status === status && answer.cancellation?.state === cancellation,
      );
      expect(message).toMatchObject({
        outcome: status === 'delivered' ? 'reached-by-sms' : 'not-reached',
        voice: [],
      });
      // An answer that adds nothing leaves no event: it is dealt with when the service has stopped.
      expect(await service.stop()).toEqual({ code: 0, signal: null });
      services.pop();
      const history = (await journalledEvents(database.url)).filter(
        ({ stream }) => stream === `message-${id}`,
      );
      expect(history.map(({ type }) => type).slice(5)).toEqual(expected);
      await nothingBroken([id]);
    },
  );
});

describe('at the same time', () => {
  /** Each message has one final word, and the word that came too late beside it. */
  async function everyRaceIsDecided(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const [service] = services;
      if (service === undefined) throw new Error('no service runs');
      const [winner = '', loser] = await words(service, id, 2);
      expect([winner, loser]).toEqual(
        winner === 'MessageDelivered'
          ? ['MessageDelivered', 'CancelRefused']
          : ['MessageCancelled', 'ReceiptContradicted'],
      );
      const delivered = winner === 'MessageDelivered';
      await service.eventually<CancelledAnswer>(
        `/v1/messages/${id}`,
        `${id} to end ${delivered ? 'delivered' : 'cancelled'}`,
        ({ status, outcome, cancellation }) =>
          status === (delivered ? 'delivered' : 'cancelled') &&
          outcome === (delivered ? 'reached-by-sms' : 'not-reached') &&
          cancellation?.state === (delivered ? 'refused' : 'done'),
      );
      expect(await words(service, id, 2)).toHaveLength(2);
    }
    await nothingBroken(ids);
  }

  it.each([['answer first'], ['receipt first']])('in one write, %s: each race has one end', async (order) => {
    const service = await start();
    const [id, ...others] = await submitted(service, RACES);
    onCancel = (asked) => {
      asked.atOnce(() => {
        if (order === 'answer first') asked.answer(0);
        asked.report('DELIVRD');
        if (order === 'receipt first') asked.answer(0);
      });
    };
    const ids = [id ?? '', ...others];
    await Promise.all(ids.map((each) => cancel(service, each)));
    await everyRaceIsDecided(ids);
  });

  it('through two processes that share the store: the answer at one, the receipt at the other', async () => {
    const first = await start();
    const second = await start();
    await second.eventually<{ status: string }>(
      '/health/ready',
      'the second',
      ({ status }) => status === 'up',
    );
    await slotsDivided(database.url, 2);
    const ids = await submitted(first, RACES);
    const clock = new SystemClock();
    let turn = 0;
    onCancel = (asked, connection) => {
      const other = smsc.connections.find((each) => each !== connection && !each.isClosed);
      asked.report('DELIVRD', other);
      // The later ones lag a little more: somewhere between, both are recorded at the same moment.
      clock.after(turn++ * LAG_MS, () => {
        asked.answer(0);
      });
    };
    await Promise.all(ids.map((id, n) => cancel(n % 2 === 0 ? first : second, id)));
    await everyRaceIsDecided(ids);
    expect(smsc.connections).toHaveLength(2);
  });
});
