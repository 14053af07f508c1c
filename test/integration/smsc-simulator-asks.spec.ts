// query_sm, cancel_sm, replace_sm and data_sm at the SMSC simulator, spoken by npm `smpp`.
import { describe, expect, it } from '@jest/globals';
import type { SettingsChange } from '../../src/simulators/smsc/outcome/settings.js';
import { type PackageEsme, type PackagePdu, receiptText } from '../support/package-esme.js';
import { simulatedSmsc } from '../support/simulated-smsc.js';

const STATUS = {
  invalidBindStatus: 0x04,
  invalidMessageId: 0x0c,
  cancelFailed: 0x11,
  replaceFailed: 0x13,
  queryFailed: 0x67,
};
const STATE = { enroute: 1, delivered: 2, deleted: 4, undeliverable: 5 };

/** No receipt of a test comes within it. */
const LONG_MS = 60_000;

const { simulate, bound } = simulatedSmsc();

async function withMessage(settings: SettingsChange = {}, to = '255700000000') {
  const simulator = await simulate({ settings: { receiptDelayMs: LONG_MS, ...settings } });
  const esme = await bound(simulator, 'transceiver');
  const id = String((await esme.submit(to, 'the first text'))['message_id']);
  return { simulator, esme, id };
}

const query = (esme: PackageEsme, message_id: string, source_addr = 'SureReach'): Promise<PackagePdu> =>
  esme.request('query_sm', { message_id, source_addr });
const cancel = (esme: PackageEsme, message_id: string, fields = {}): Promise<PackagePdu> =>
  esme.request('cancel_sm', {
    message_id,
    source_addr: 'SureReach',
    destination_addr: '255700000000',
    ...fields,
  });
const replace = (esme: PackageEsme, message_id: string, text: string): Promise<PackagePdu> =>
  esme.request('replace_sm', {
    message_id,
    source_addr: 'SureReach',
    registered_delivery: 1,
    short_message: Buffer.from(text, 'latin1'),
  });

describe('query_sm at the SMSC simulator', () => {
  it('is told that a message is on its way, then how it ended and when', async () => {
    const { simulator, esme, id } = await withMessage();
    expect(await query(esme, id)).toMatchObject({
      command_status: 0,
      message_id: id,
      message_state: STATE.enroute,
      final_date: '',
    });
    simulator.change({ receiptDelayMs: 0 });
    const failed = String((await esme.submit('255700000005', 'x'))['message_id']);
    const answer = await query(esme, failed);
    expect(answer).toMatchObject({ message_state: STATE.undeliverable, error_code: 1 });
    expect(Math.abs(Date.now() - (answer['final_date'] as Date).getTime())).toBeLessThan(5000);
  });

  it('tells the state of a message of which no receipt is ever sent', async () => {
    const { esme, id } = await withMessage({ receiptDelayMs: 0, silentState: 'DELIVRD' }, '255700000009');
    expect(await query(esme, id)).toMatchObject({ message_state: STATE.delivered });
  });

  it('is refused for an unknown id, another sender, and as the settings say', async () => {
    const { simulator, esme, id } = await withMessage();
    expect(await query(esme, 'nobody')).toMatchObject({ command_status: STATUS.queryFailed });
    expect(await query(esme, id, '20414')).toMatchObject({ command_status: STATUS.queryFailed });
    simulator.change({ queryStatus: STATUS.invalidMessageId });
    expect(await query(esme, id)).toMatchObject({ command_status: STATUS.invalidMessageId });
    expect(simulator.counters().asks).toBe(3);
  });
});

describe('cancel_sm at the SMSC simulator', () => {
  it('deletes a message on its way, says so in a receipt, and sends no other', async () => {
    const { simulator, esme, id } = await withMessage({ receiptDelayMs: 40 }, '255700000000');
    expect(await cancel(esme, id)).toMatchObject({ command_status: 0 });
    const [receipt] = await esme.deliveries(1);
    expect(receipt === undefined ? '' : receiptText(receipt)).toContain(`id:${id} `);
    expect(receipt).toMatchObject({ message_state: STATE.deleted });
    // A later message's receipt comes, the cancelled one's does not.
    await esme.submit('255700000000', 'another');
    await esme.deliveries(2);
    expect(simulator.counters().deliveriesSent).toBe(2);
    expect(await query(esme, id)).toMatchObject({ message_state: STATE.deleted });
  });

  it('is refused when the message has ended, is unknown, or goes to somebody else', async () => {
    const { esme, id } = await withMessage({ receiptDelayMs: 0 });
    expect(await cancel(esme, id)).toMatchObject({ command_status: STATUS.cancelFailed });
    expect(await cancel(esme, 'nobody')).toMatchObject({ command_status: STATUS.invalidMessageId });
    const other = await withMessage();
    expect(await cancel(other.esme, other.id, { destination_addr: '255700000001' })).toMatchObject({
      command_status: STATUS.cancelFailed,
    });
  });

  it('without an id deletes everything on its way between the two addresses, and nothing else', async () => {
    const { simulator, esme } = await withMessage({ receiptOnCancel: false });
    await esme.submit('255700000000', 'a second text');
    const spared = String((await esme.submit('255700000001', 'x'))['message_id']);
    expect(await cancel(esme, '')).toMatchObject({ command_status: 0 });
    const asked = simulator.ledger().find(({ kind }) => kind === 'ask');
    expect(asked).toMatchObject({ command: 'cancel_sm', messageId: '', status: 'ESME_ROK' });
    expect(asked?.kind === 'ask' ? asked.messages.length : 0).toBe(2);
    expect(await query(esme, spared)).toMatchObject({ message_state: STATE.enroute });
  });
});

describe('replace_sm at the SMSC simulator', () => {
  it('takes the new text from a transmitter, and from a transceiver only by the settings', async () => {
    const { simulator, esme, id } = await withMessage({ receiptDelayMs: 200 });
    expect(await replace(esme, id, 'x')).toMatchObject({ command_status: STATUS.invalidBindStatus });
    const transmitter = await bound(simulator, 'transmitter');
    expect(await replace(transmitter, id, 'the second text')).toMatchObject({ command_status: 0 });
    const [receipt] = await esme.deliveries(1);
    expect(receipt === undefined ? '' : receiptText(receipt)).toContain('text:the second text');
    simulator.change({ replaceOnTransceiver: true });
    expect(await replace(esme, id, 'too late')).toMatchObject({ command_status: STATUS.replaceFailed });
    expect(await replace(esme, 'nobody', 'x')).toMatchObject({ command_status: STATUS.invalidMessageId });
  });
});

describe('data_sm at the SMSC simulator', () => {
  it('is a submit: answered with an id, followed by a receipt', async () => {
    const simulator = await simulate();
    const esme = await bound(simulator);
    const answer = await esme.request('data_sm', {
      source_addr: 'SureReach',
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      destination_addr: '255700000000',
      registered_delivery: 1,
      data_coding: 0,
      message_payload: Buffer.from('a text in the payload'),
    });
    expect(answer).toMatchObject({ command: 'data_sm_resp', command_status: 0 });
    const [receipt] = await esme.deliveries(1);
    expect(receipt).toMatchObject({ receipted_message_id: answer['message_id'], message_state: 2 });
    expect(simulator.ledger()).toContainEqual(
      expect.objectContaining({
        kind: 'submit',
        command: 'data_sm',
        shortMessage: Buffer.from('a text in the payload').toString('hex'),
      }),
    );
  });

  it('is refused without a destination', async () => {
    const esme = await bound(await simulate());
    expect(await esme.request('data_sm', { destination_addr: '' })).toMatchObject({ command_status: 0x0b });
  });
});
