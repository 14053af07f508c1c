import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { moPart, moSm, moText } from '../../../test/support/inbound-builders.js';
import { DeliverSm, readDeliverSm } from '../pdu/deliver-sm.js';
import { type Arrival, readArrival } from './arrival.js';

const OPTIONS = { connector: 'main', group: 'operator', defaultAlphabet: 'gsm', country: null } as const;

const read = (pdu: DeliverSm): Arrival => readArrival(pdu, OPTIONS);
const contentOf = (pdu: DeliverSm): string | null => read(pdu).contentId;

describe('a deliver_sm from a phone', () => {
  it('is read with its addresses, its octets and every field that came', () => {
    const fields = { service_type: 'CMT', esm_class: 0x08, data_coding: 3, source_addr_npi: 9 };
    expect(read(moText('caf\xe9', fields))).toEqual({
      connector: 'main',
      group: 'operator',
      to: '20414',
      from: '+27831234567',
      sourceAddr: '27831234567',
      kind: 'delivery-acknowledgement',
      alphabet: 'latin1',
      ussd: null,
      evidence: {
        pdu: 'deliver_sm',
        serviceType: 'CMT',
        sourceTon: 1,
        sourceNpi: 9,
        destTon: 3,
        destNpi: 0,
        destAddr: '20414',
        esmClass: 0x08,
        dataCoding: 3,
        headerOctets: 0,
        smscMessageId: null,
      },
      contentId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      octetsHex: '636166e9',
      partOf: null,
    });
  });

  it.each([
    [0x00, 'message'],
    [0x40, 'message'],
    [0x08, 'delivery-acknowledgement'],
    [0x10, 'user-acknowledgement'],
    [0x18, 'abort'],
    [0x1c, 'other'],
  ])('with esm_class %i is of the kind %s', (esm_class, kind) => {
    expect(read(moText('x', { esm_class })).kind).toBe(kind);
  });

  it('is read from message_payload too, and from a data_sm', () => {
    const message_payload = Buffer.from('a'.repeat(300));
    const arrival = read(moSm({ message_payload }));
    expect(arrival.octetsHex).toBe(message_payload.toString('hex'));
    const data = read(moSm({ message_payload: Buffer.from('hi'), service_type: 'WAP' }, 'data_sm'));
    expect(data).toMatchObject({ octetsHex: '6869', evidence: { pdu: 'data_sm', serviceType: 'WAP' } });
  });

  it('names its USSD operation and session', () => {
    const its_session_info = Buffer.from([0x2a, 0x07]);
    expect(read(moText('1', { ussd_service_op: 1, its_session_info })).ussd).toEqual({
      serviceOp: 1,
      session: { number: 42, sequence: 3, isEnd: true },
    });
    expect(read(moText('1', { ussd_service_op: 18 })).ussd).toEqual({
      serviceOp: 18,
      session: null,
    });
  });
});

describe('a part of several', () => {
  it('is recognised by its user data header', () => {
    expect(read(moPart([2, 3], 'two'))).toMatchObject({
      partOf: { reference: { kind: 'udh8', number: 7 }, part: 2, total: 3 },
      evidence: { headerOctets: 6 },
      octetsHex: `050003070302${Buffer.from('two').toString('hex')}`,
    });
  });

  it('is recognised by sar_*, all three of them', () => {
    const sar = { sar_msg_ref_num: 300, sar_total_segments: 3, sar_segment_seqnum: 1 };
    expect(read(moText('one', sar)).partOf).toEqual({
      reference: { kind: 'sar', number: 300 },
      part: 1,
      total: 3,
    });
    const two = { sar_msg_ref_num: 300, sar_segment_seqnum: 1 };
    expect(read(moText('one', two)).partOf).toBeNull();
    expect(read(moText('one', { ...sar, sar_segment_seqnum: 4 })).partOf).toBeNull();
  });

  it('is whole when its header is not announced by esm_class: then these octets are text', () => {
    const short_message = Buffer.from('050003070302414243', 'hex');
    expect(read(moSm({ short_message }))).toMatchObject({ partOf: null, evidence: { headerOctets: 0 } });
  });
});

describe('what makes two arrivals the same', () => {
  it('is all they say, whatever their sequence number and the moment', () => {
    expect(contentOf(moText('YES'))).toBe(contentOf(moText('YES')));
  });

  it.each<[string, DeliverSm]>([
    ['text', moText('NO')],
    ['sender', moText('YES', { source_addr: '27831234568' })],
    ['recipient', moText('YES', { destination_addr: '20415' })],
    ['data_coding', moText('YES', { data_coding: 3 })],
    ['esm_class', moText('YES', { esm_class: 0x10 })],
    ['user_message_reference', moText('YES', { user_message_reference: 5 })],
    ['receipted_message_id', moText('YES', { receipted_message_id: 'abc' })],
    ['sar', moText('YES', { sar_msg_ref_num: 1, sar_total_segments: 2, sar_segment_seqnum: 1 })],
    ['USSD session', moText('YES', { its_session_info: Buffer.from([1, 2]) })],
  ])('is not there when they differ in %s', (_, other) => {
    expect(contentOf(other)).not.toBe(contentOf(moText('YES')));
  });

  it('is the SMSC’s own id where it gives one', () => {
    const named = (text: string, receipted_message_id: string): string | null =>
      contentOf(moText(text, { receipted_message_id }));
    expect(named('a', 'id 1')).toBe(named('b', 'id 1'));
    expect(named('a', 'id 1')).not.toBe(named('a', 'id 2'));
  });

  it('belongs to the SMSC, over whichever of its connectors it comes', () => {
    const from = (connector: string, group: string): string | null =>
      readArrival(moText('YES'), { ...OPTIONS, connector, group }).contentId;
    expect(from('a', 'operator')).toBe(from('b', 'operator'));
    expect(from('a', 'operator')).not.toBe(from('a', 'another'));
  });

  it('is unknowable for USSD without a session number: menus are answered with the same digit', () => {
    expect(contentOf(moText('1', { ussd_service_op: 1 }))).toBeNull();
    expect(contentOf(moText('1', { service_type: 'USSD' }))).toBeNull();
    const its_session_info = Buffer.from([1, 2]);
    expect(contentOf(moText('1', { service_type: 'USSD', its_session_info }))).not.toBeNull();
  });
});

describe('reading', () => {
  it('never throws, whatever octets come', () => {
    const body = fc.uint8Array({ minLength: 13, maxLength: 120 });
    fc.assert(
      fc.property(body, fc.constantFrom(0x05, 0x103), (octets, commandId) => {
        const pdu = Buffer.alloc(16 + octets.length);
        pdu.writeUInt32BE(pdu.length, 0);
        pdu.writeUInt32BE(commandId, 4);
        pdu.set(octets, 16);
        const read = readDeliverSm(pdu, 0, pdu.length);
        if (read instanceof DeliverSm) readArrival(read, { ...OPTIONS, country: 'ZA' });
      }),
      { numRuns: 5_000 },
    );
  });
});
