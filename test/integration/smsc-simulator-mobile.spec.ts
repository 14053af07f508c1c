// What phones send through the SMSC simulator, read by npm `smpp`.
import { describe, expect, it } from '@jest/globals';
import { OptionInvalidError } from '../../src/simulators/smsc/smsc-simulator.errors.js';
import type { PackagePdu } from '../support/package-esme.js';
import { simulatedSmsc } from '../support/simulated-smsc.js';

const { simulate, bound } = simulatedSmsc();
const PHONE = { source: '255700000000', destination: '15000' };

interface ShortMessage {
  readonly udh?: readonly Buffer[];
  readonly message: string | Buffer;
}

const shortMessage = (pdu: PackagePdu): ShortMessage => pdu['short_message'] as ShortMessage;
const textOf = (pdu: PackagePdu): string => String(shortMessage(pdu).message);

describe('messages from phones of the SMSC simulator', () => {
  it('go out in one deliver_sm when they are short, in the alphabet they need', async () => {
    const simulator = await simulate();
    const esme = await bound(simulator);
    expect(simulator.mobileMessage({ ...PHONE, text: 'STOP' })).toBe(1);
    simulator.mobileMessage({ ...PHONE, text: 'Привет', serviceType: 'CMT', destinationTon: 3 });
    const [plain, cyrillic] = await esme.deliveries(2);
    expect(plain).toMatchObject({
      source_addr: '255700000000',
      destination_addr: '15000',
      esm_class: 0,
      data_coding: 0,
    });
    expect(plain && textOf(plain)).toBe('STOP');
    expect(cyrillic).toMatchObject({ data_coding: 8, service_type: 'CMT', dest_addr_ton: 3 });
    expect(cyrillic && textOf(cyrillic)).toBe('Привет');
  });

  it.each([
    [
      'udh8',
      [Buffer.from([0, 3, 0x2a, 3, 1]), Buffer.from([0, 3, 0x2a, 3, 2]), Buffer.from([0, 3, 0x2a, 3, 3])],
    ],
    [
      'udh16',
      [
        Buffer.from([8, 4, 1, 0x2a, 3, 1]),
        Buffer.from([8, 4, 1, 0x2a, 3, 2]),
        Buffer.from([8, 4, 1, 0x2a, 3, 3]),
      ],
    ],
  ] as const)('are cut into parts with a header of the form %s', async (form, headers) => {
    const simulator = await simulate();
    const esme = await bound(simulator);
    const text = 'abc'.repeat(120);
    expect(simulator.mobileMessage({ ...PHONE, text, form, reference: 0x012a })).toBe(3);
    const parts = await esme.deliveries(3);
    expect(parts.map((part) => shortMessage(part).udh?.[0])).toEqual(headers);
    expect(parts.map(textOf).join('')).toBe(text);
  });

  it('are cut with sar_*, or not cut in message_payload', async () => {
    const simulator = await simulate();
    const esme = await bound(simulator);
    const text = 'x'.repeat(200);
    simulator.mobileMessage({ ...PHONE, text, form: 'sar', reference: 300 });
    simulator.mobileMessage({ ...PHONE, text, form: 'payload' });
    const [first, second, payload] = await esme.deliveries(3);
    const sar = { sar_msg_ref_num: 300, sar_total_segments: 2 };
    expect(first).toMatchObject({ ...sar, sar_segment_seqnum: 1, esm_class: 0 });
    expect(second).toMatchObject({ ...sar, sar_segment_seqnum: 2 });
    expect(payload?.['message_payload']).toEqual({ message: text });
  });

  it('come in the order, as often and as late as the test says', async () => {
    const simulator = await simulate();
    const esme = await bound(simulator);
    const long = { ...PHONE, text: 'abcdef', partOctets: 2 };
    expect(simulator.mobileMessage({ ...long, order: [3, 1], copies: 2, delayMs: 20, gapMs: 5 })).toBe(4);
    expect(esme.received.filter(({ command }) => command === 'deliver_sm')).toEqual([]);
    expect((await esme.deliveries(4)).map(textOf)).toEqual(['ef', 'ef', 'ab', 'ab']);
  });

  it('carry whatever TLVs the test gives them', async () => {
    const simulator = await simulate();
    const esme = await bound(simulator);
    simulator.mobileMessage({ ...PHONE, text: '1', tlvs: { 1281: '12', 1024: 'abcd' } });
    const [ussd] = await esme.deliveries(1);
    expect(ussd).toMatchObject({ ussd_service_op: 0x12, 1024: Buffer.from('abcd', 'hex') });
  });

  it('are refused with the field that is wrong', async () => {
    const simulator = await simulate();
    for (const wrong of [
      {},
      { text: 'a', hex: '61' },
      { text: 'a', copies: 0 },
      { text: 'a', systemId: 'x' },
    ])
      expect(() => simulator.mobileMessage({ ...PHONE, ...wrong })).toThrow(OptionInvalidError);
  });
});

describe('what else the SMSC simulator says', () => {
  it('is that a phone can be reached again, to those that receive', async () => {
    const simulator = await simulate();
    const esme = await bound(simulator, 'receiver');
    await bound(simulator, 'transmitter');
    expect(simulator.alert({ ...PHONE, status: 2 })).toBe(1);
    await esme.until('an alert', () => esme.received.some(({ command }) => command === 'alert_notification'));
    expect(esme.received.at(-1)).toMatchObject({
      source_addr: '255700000000',
      esme_addr: '15000',
      ms_availability_status: 2,
    });
  });

  it('is how busy it is, with every submit_sm_resp', async () => {
    const simulator = await simulate({ settings: { congestionState: 85 } });
    const esme = await bound(simulator);
    const answer = await esme.submit('255700000000', 'x');
    expect(answer).toMatchObject({ command_status: 0, congestion_state: 85 });
    simulator.change({ responseDelayMs: 5 });
    expect(await esme.submit('255700000000', 'y')).toMatchObject({ congestion_state: 85 });
  });
});
