import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { submitSm } from '../../../test/support/connector-recorder.js';
import { decodePdu, encodePdu } from '../link.js';
import { UnsendablePduError } from '../smpp.errors.js';
import { dataSmOctets, writeDataSm } from './data-sm.js';
import { type SubmitSm, TLV } from './submit-sm.js';

const octet = fc.integer({ min: 0, max: 255 });
const ascii = (maxLength: number, minLength = 0): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom('0', 'z', '+', ' ', '_'), minLength, maxLength });

function encode(pdu: SubmitSm, sequenceNumber = 1, start = 0): Buffer {
  const out = Buffer.alloc(start + dataSmOctets(pdu), 0xee);
  return out.subarray(start, writeDataSm(out, start, sequenceNumber, pdu));
}

describe('data_sm', () => {
  it('is written octet by octet as npm smpp writes it', () => {
    const submits = fc.record({
      serviceType: ascii(5),
      sourceTon: octet,
      sourceNpi: octet,
      sourceAddr: ascii(20),
      destTon: octet,
      destNpi: octet,
      destAddr: ascii(20, 1),
      // Without 0x40: the package would read a user data header out of random octets.
      esmClass: fc.constantFrom(0, 1, 2, 3, 0x80),
      registeredDelivery: octet,
      dataCoding: fc.constantFrom(0, 1, 2, 3, 4, 8),
      shortMessage: fc.uint8Array({ maxLength: 1000 }).map((octets) => Buffer.from(octets)),
    });
    fc.assert(
      fc.property(submits, fc.integer({ min: 1, max: 0x7fffffff }), fc.nat(40), (fields, sequence, start) => {
        const pdu = { ...submitSm('x').pdu, ...fields };
        const theirs = encodePdu('data_sm', sequence, {
          service_type: pdu.serviceType,
          source_addr_ton: pdu.sourceTon,
          source_addr_npi: pdu.sourceNpi,
          source_addr: pdu.sourceAddr,
          dest_addr_ton: pdu.destTon,
          dest_addr_npi: pdu.destNpi,
          destination_addr: pdu.destAddr,
          esm_class: pdu.esmClass,
          registered_delivery: pdu.registeredDelivery,
          data_coding: pdu.dataCoding,
          message_payload: pdu.shortMessage,
        });
        expect(encode(pdu, sequence, start).toString('hex')).toBe(theirs.toString('hex'));
      }),
    );
  });

  it('carries a relative validity as qos_time_to_live, in seconds', () => {
    const { pdu } = submitSm('x', { validityPeriod: '000001020304000R' });
    expect(decodePdu(encode(pdu))?.fields['qos_time_to_live']).toBe(86_400 + 2 * 3600 + 3 * 60 + 4);
  });

  it('carries the optional parameters of the part behind its text', () => {
    const tlvs = [
      { tag: TLV.sar_msg_ref_num, value: Uint8Array.of(1, 2) },
      { tag: TLV.sar_total_segments, value: Uint8Array.of(3) },
      { tag: TLV.sar_segment_seqnum, value: Uint8Array.of(1) },
    ];
    const { pdu } = submitSm('x', { shortMessage: Buffer.from('one of three'), tlvs });
    expect(decodePdu(encode(pdu))?.fields).toMatchObject({
      message_payload: { message: 'one of three' },
      sar_msg_ref_num: 0x0102,
      sar_total_segments: 3,
      sar_segment_seqnum: 1,
    });
  });

  it('has the text once when the part is in message_payload already', () => {
    const value = Buffer.from('a long text');
    const inPayload = { shortMessage: Buffer.alloc(0), tlvs: [{ tag: TLV.message_payload, value }] };
    expect(encode(submitSm('x', inPayload).pdu)).toEqual(encode(submitSm('x', { shortMessage: value }).pdu));
  });

  it.each<[string, Partial<SubmitSm>]>([
    ['replace_if_present', { replaceIfPresent: true }],
    ['a text beside a message_payload', { tlvs: [{ tag: TLV.message_payload, value: Buffer.from('y') }] }],
    ['a parameter beyond two octets of length', { tlvs: [{ tag: 0x1400, value: Buffer.alloc(65_536) }] }],
    ['an absolute validity', { validityPeriod: '261121010203004+' }],
    ['an address that is too long', { destAddr: '1'.repeat(21) }],
    ['no destination', { destAddr: '' }],
    ['a sender outside ASCII', { sourceAddr: 'Åsa' }],
    ['a payload beyond two octets of length', { shortMessage: Buffer.alloc(65_536) }],
  ])('cannot carry %s, and says so', (_, fields) => {
    expect(() => encode(submitSm('x', fields).pdu)).toThrow(UnsendablePduError);
  });
});
