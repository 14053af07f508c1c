// Message ids and receipts of the SMSC simulator, read by npm `smpp`.
import { describe, expect, it } from '@jest/globals';
import { type PackageEsme, type PackagePdu, receiptText } from '../support/package-esme.js';
import { simulatedSmsc } from '../support/simulated-smsc.js';

const STATUS = { rsyserr: 0x08, queueFull: 0x14, permanentlyRefused: 0x65 };
const DEADLINE_MS = 10_000;

const { simulate, bound } = simulatedSmsc();

/** Read with another pattern than the simulator writes with. */
function stat(receipt: PackagePdu): string {
  return /stat:(\w+)/.exec(receiptText(receipt))?.[1] ?? 'none';
}

async function firstReceipt(esme: PackageEsme): Promise<PackagePdu> {
  const [receipt] = await esme.deliveries(1);
  if (receipt === undefined) throw new Error('deliveries(1) resolved without one');
  return receipt;
}

describe('message ids and receipts of the SMSC simulator', () => {
  it('gives every message an id of its own, growing', async () => {
    const esme = await bound(await simulate());
    const answers = await Promise.all([1, 2, 3].map((n) => esme.submit('255700000009', `text ${String(n)}`)));
    const ids = answers.map((answer) => Number(answer['message_id']));
    expect(new Set(ids).size).toBe(3);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });

  it('sends a receipt as in Appendix B, with the TLVs, back the way the message came', async () => {
    const esme = await bound(await simulate());
    const answer = await esme.submit('255700000000', 'a text longer than twenty characters');
    const receipt = await firstReceipt(esme);
    expect(receipt).toMatchObject({
      esm_class: 4,
      source_addr: '255700000000',
      source_addr_ton: 1,
      destination_addr: 'SureReach',
      dest_addr_ton: 5,
      receipted_message_id: answer['message_id'],
      message_state: 2,
    });
    const id = String(answer['message_id']);
    expect(receiptText(receipt)).toMatch(
      new RegExp(
        `^id:${id} sub:001 dlvrd:001 submit date:\\d{10} done date:\\d{10} stat:DELIVRD err:000 text:a text longer than t$`,
      ),
    );
  });

  it.each([
    ['5', ['UNDELIV'], [5]],
    ['6', ['EXPIRED'], [3]],
    ['7', ['REJECTD'], [8]],
    ['8', ['ACCEPTD', 'DELIVRD'], [6, 2]],
  ])('reports the outcome of last digit %s: %j', async (digit, stats, states) => {
    const esme = await bound(await simulate());
    await esme.submit(`25570000000${digit}`, 'x');
    const receipts = await esme.deliveries(stats.length);
    expect(receipts.map((receipt) => stat(receipt))).toEqual(stats);
    expect(receipts.map((receipt) => receipt['message_state'])).toEqual(states);
  });

  it('speaks the dialect "hexadecimal in the response, decimal with zeros in the receipt, no TLVs"', async () => {
    const simulator = await simulate({
      firstMessageId: 2 ** 31 + 10,
      settings: {
        messageIdFormat: 'hexadecimal',
        receiptIdFormat: 'decimal',
        receiptIdDigits: 14,
        receiptTlvs: false,
      },
    });
    const esme = await bound(simulator);
    const answer = await esme.submit('255700000000', 'x');
    expect(answer['message_id']).toBe('8000000a');
    const receipt = await firstReceipt(esme);
    expect(receiptText(receipt)).toMatch(/^id:00002147483658 /);
    expect(receipt).not.toHaveProperty('receipted_message_id');
  });

  it('sends no receipt where none is asked for, and an intermediate one where it is', async () => {
    const simulator = await simulate();
    const esme = await bound(simulator);
    await esme.submit('255700000000', 'none', { registered_delivery: 0 });
    await esme.submit('255700000000', 'failures only', { registered_delivery: 2 });
    await esme.submit('255700000000', 'both', { registered_delivery: 0x11 });
    const receipts = await esme.deliveries(2);
    expect(receipts.map((receipt) => [receipt['esm_class'], stat(receipt)])).toEqual([
      [0x20, 'ENROUTE'],
      [4, 'DELIVRD'],
    ]);
    expect(simulator.counters().scheduled).toBe(0);
  });

  it('repeats only text in the receipt, never the user data header', async () => {
    const esme = await bound(await simulate());
    await esme.submit('255700000000', '\x05\x00\x03\x07\x02\x01part one', { esm_class: 0x40 });
    const receipt = await firstReceipt(esme);
    expect(receiptText(receipt)).toMatch(/text:part one$/);
  });

  it('keeps receipts while no session of the account receives', async () => {
    const simulator = await simulate({
      accounts: [
        { systemId: 'surereach', password: 'surereach' },
        { systemId: 'other', password: 'secret' },
      ],
    });
    const other = await bound(simulator, 'transceiver', { system_id: 'other', password: 'secret' });
    const transmitter = await bound(simulator, 'transmitter');
    const answer = await transmitter.submit('255700000000', 'x');
    const receiver = await bound(simulator, 'receiver');
    const receipt = await firstReceipt(receiver);
    expect(receipt['receipted_message_id']).toBe(answer['message_id']);
    expect([...transmitter.received, ...other.received]).toEqual([]);
  });

  it('shares receipts out over the sessions of an account', async () => {
    const simulator = await simulate();
    const [a, b] = [await bound(simulator), await bound(simulator, 'receiver')];
    for (let n = 0; n < 6; n += 1) await a.submit('255700000000', `text ${String(n)}`);
    expect([(await a.deliveries(3)).length, (await b.deliveries(3)).length]).toEqual([3, 3]);
  });

  it('shares receipts out over the sessions of every account when told so', async () => {
    const simulator = await simulate({
      accounts: [
        { systemId: 'one', password: 'a' },
        { systemId: 'two', password: 'b' },
      ],
      settings: { receiptsToAnyAccount: true },
    });
    const one = await bound(simulator, 'transceiver', { system_id: 'one', password: 'a' });
    for (let n = 0; n < 2; n += 1) await one.submit('255700000000', `alone ${String(n)}`);
    await one.deliveries(2);
    const two = await bound(simulator, 'receiver', { system_id: 'two', password: 'b' });
    for (let n = 0; n < 6; n += 1) await one.submit('255700000000', `text ${String(n)}`);
    expect([(await one.deliveries(5)).length, (await two.deliveries(3)).length]).toEqual([5, 3]);
    two.destroy();
    await simulator.entry((entry) => entry.kind === 'closed', DEADLINE_MS);
    await one.submit('255700000000', 'alone again');
    expect(await one.deliveries(6)).toHaveLength(6);
  });

  it('has no more deliver_sm unanswered than its window', async () => {
    const simulator = await simulate({ settings: { deliverWindow: 2 } });
    const esme = await bound(simulator);
    esme.answerDelivery = () => null;
    for (let n = 0; n < 5; n += 1) await esme.submit('255700000000', `text ${String(n)}`);
    const receipts = await esme.deliveries(2);
    await esme.request('enquire_link');
    expect(esme.received.length).toBe(2);
    expect(simulator.counters()).toMatchObject({ deliveriesUnacknowledged: 2 });
    esme.answerDelivery = () => 0;
    esme.destroy();
    const next = await bound(simulator);
    const again = await next.deliveries(5);
    const ids = (of: typeof receipts): unknown[] => of.map((receipt) => receipt['receipted_message_id']);
    expect(new Set(ids(again)).size).toBe(5);
    expect(ids(again)).toEqual(expect.arrayContaining(ids(receipts)));
  });

  it('sends a receipt again after ESME_RSYSERR, and gives up after a final refusal', async () => {
    const simulator = await simulate({ settings: { receiptRetryDelayMs: 5 } });
    const esme = await bound(simulator);
    const answers = [STATUS.rsyserr, STATUS.queueFull, 0, STATUS.permanentlyRefused];
    esme.answerDelivery = () => answers.shift() ?? 0;
    await esme.submit('255700000000', 'one');
    await esme.deliveries(3);
    await esme.submit('255700000000', 'two');
    await esme.deliveries(4);
    await simulator.entry(
      (entry) => entry.kind === 'delivery-answered' && entry.status === '0x00000065',
      DEADLINE_MS,
    );
    expect(simulator.counters()).toMatchObject({
      deliveriesSent: 4,
      deliveriesAcknowledged: 1,
      deliveriesRetried: 2,
      deliveriesRefused: { ESME_RSYSERR: 1, ESME_RMSGQFUL: 1, '0x00000065': 1 },
      deliveriesWaiting: 0,
      scheduled: 0,
    });
  });

  it('sends a receipt again only after the refusals that it was told to take so', async () => {
    const simulator = await simulate({
      settings: { receiptRetryDelayMs: 5, retriedStatuses: [STATUS.queueFull] },
    });
    const esme = await bound(simulator);
    const answers = [STATUS.queueFull, STATUS.rsyserr];
    esme.answerDelivery = () => answers.shift() ?? 0;
    await esme.submit('255700000000', 'x');
    await esme.deliveries(2);
    await simulator.entry(
      (entry) => entry.kind === 'delivery-answered' && entry.status === 'ESME_RSYSERR',
      DEADLINE_MS,
    );
    expect(simulator.counters()).toMatchObject({ deliveriesSent: 2, deliveriesRetried: 1, scheduled: 0 });
  });

  it('sends a receipt again that was not answered in time', async () => {
    const simulator = await simulate({ settings: { deliverResponseTimeoutMs: 20 } });
    const esme = await bound(simulator);
    let tries = 0;
    esme.answerDelivery = () => (++tries === 1 ? null : 0);
    await esme.submit('255700000000', 'x');
    const [first, second] = await esme.deliveries(2);
    expect(second?.['receipted_message_id']).toBe(first?.['receipted_message_id']);
    expect(second?.sequence_number).not.toBe(first?.sequence_number);
  });

  it('loses unanswered receipts with the link when told so', async () => {
    const simulator = await simulate({ settings: { redeliverUnacknowledged: false } });
    const esme = await bound(simulator);
    esme.answerDelivery = () => null;
    await esme.submit('255700000000', 'x');
    await esme.deliveries(1);
    esme.destroy();
    await simulator.entry((entry) => entry.kind === 'closed', DEADLINE_MS);
    expect(simulator.counters()).toMatchObject({ deliveriesLost: 1, deliveriesWaiting: 0 });
  });
});
