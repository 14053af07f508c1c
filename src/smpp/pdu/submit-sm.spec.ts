import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodePdu, encodePdu } from '../link.js';
import { UnsendablePduError } from '../smpp.errors.js';
import {
  MAX_SUBMIT_SM_OCTETS,
  readSubmitSmRespMessageId,
  type SubmitSm,
  submitSmRoom,
  TLV,
  type Tlv,
  writeSubmitSm,
} from './submit-sm.js';

const octet = fc.integer({ min: 0, max: 255 });
const asciiUpTo = (maxLength: number, minLength = 0): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.integer({ min: 1, max: 127 }).map((code) => String.fromCharCode(code)),
    minLength,
    maxLength,
  });

const submits: fc.Arbitrary<SubmitSm> = fc.record({
  serviceType: asciiUpTo(5),
  sourceTon: octet,
  sourceNpi: octet,
  sourceAddr: asciiUpTo(20),
  destTon: octet,
  destNpi: octet,
  destAddr: asciiUpTo(20, 1),
  // Without 0x40: the package would read a user data header out of random octets.
  esmClass: fc.constantFrom(0, 1, 2, 3, 0x80),
  protocolId: octet,
  priorityFlag: octet,
  validityPeriod: fc.constantFrom('', '000000043000000R', '261121010203004+'),
  registeredDelivery: octet,
  dataCoding: fc.constantFrom(0, 1, 2, 3, 4, 8, 0x18, 0xf0),
  shortMessage: fc.uint8Array({ maxLength: 254 }).map((octets) => Buffer.from(octets)),
  replaceIfPresent: fc.boolean(),
});

const SUBMIT: SubmitSm = {
  serviceType: '',
  sourceTon: 5,
  sourceNpi: 0,
  sourceAddr: 'SureReach',
  destTon: 1,
  destNpi: 1,
  destAddr: '447700900123',
  esmClass: 0,
  protocolId: 0,
  priorityFlag: 0,
  validityPeriod: '',
  registeredDelivery: 1,
  dataCoding: 0,
  shortMessage: Buffer.from('hello'),
};

function hexOf({ tag, value }: Tlv): string {
  return Buffer.concat([Buffer.from([tag >>> 8, tag, value.length >>> 8, value.length]), value]).toString(
    'hex',
  );
}

function encode(pdu: SubmitSm, sequenceNumber = 1, start = 0): Buffer {
  const out = Buffer.alloc(start + submitSmRoom(pdu), 0xee);
  return out.subarray(start, writeSubmitSm(out, start, sequenceNumber, pdu));
}

describe('submit_sm', () => {
  it('is written octet by octet as npm smpp writes it', () => {
    fc.assert(
      fc.property(
        submits,
        fc.integer({ min: 1, max: 0x7fffffff }),
        fc.nat(40),
        (pdu, sequenceNumber, start) => {
          const theirs = encodePdu('submit_sm', sequenceNumber, {
            service_type: pdu.serviceType,
            source_addr_ton: pdu.sourceTon,
            source_addr_npi: pdu.sourceNpi,
            source_addr: pdu.sourceAddr,
            dest_addr_ton: pdu.destTon,
            dest_addr_npi: pdu.destNpi,
            destination_addr: pdu.destAddr,
            esm_class: pdu.esmClass,
            protocol_id: pdu.protocolId,
            priority_flag: pdu.priorityFlag,
            validity_period: pdu.validityPeriod,
            registered_delivery: pdu.registeredDelivery,
            data_coding: pdu.dataCoding,
            short_message: pdu.shortMessage,
            replace_if_present_flag: pdu.replaceIfPresent === true ? 1 : 0,
          });
          expect(encode(pdu, sequenceNumber, start).toString('hex')).toBe(theirs.toString('hex'));
        },
      ),
    );
  });

  it('carries a user data header that npm smpp reads back', () => {
    const udh = Buffer.from([5, 0, 3, 0x2a, 2, 1]);
    const octets = encode({
      ...SUBMIT,
      esmClass: 0x40,
      dataCoding: 4,
      shortMessage: Buffer.concat([udh, Buffer.from('part')]),
    });
    expect(decodePdu(octets)?.fields).toMatchObject({
      esm_class: 0x40,
      short_message: { udh: [udh.subarray(1)], message: Buffer.from('part') },
    });
  });

  it('carries optional parameters as npm smpp writes them', () => {
    const theirs = encodePdu('submit_sm', 1, {
      source_addr_ton: SUBMIT.sourceTon,
      source_addr: SUBMIT.sourceAddr,
      dest_addr_ton: SUBMIT.destTon,
      dest_addr_npi: SUBMIT.destNpi,
      destination_addr: SUBMIT.destAddr,
      registered_delivery: 1,
      short_message: SUBMIT.shortMessage,
      sar_msg_ref_num: 0xc0a7,
      sar_total_segments: 3,
      sar_segment_seqnum: 1,
    });
    const tlvs = [
      { tag: TLV.sar_msg_ref_num, value: Buffer.from('c0a7', 'hex') },
      { tag: TLV.sar_total_segments, value: Uint8Array.of(3) },
      { tag: TLV.sar_segment_seqnum, value: Uint8Array.of(1) },
    ];
    expect(encode({ ...SUBMIT, tlvs }).toString('hex')).toBe(theirs.toString('hex'));
  });

  it('carries a message_payload of any length beside an empty short_message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (octets) => {
        const tlvs = [{ tag: TLV.message_payload, value: octets }];
        const written = encode({ ...SUBMIT, shortMessage: Buffer.alloc(0), dataCoding: 4, tlvs });
        const fields = decodePdu(written)?.fields;
        expect(fields?.['short_message']).toMatchObject({ message: Buffer.alloc(0) });
        expect(fields?.['message_payload']).toMatchObject({ message: Buffer.from(octets) });
      }),
    );
  });

  it('is read back by npm smpp whatever parameters it has', () => {
    const tlv = fc.record({
      tag: fc.integer({ min: 0x1400, max: 0x3fff }),
      value: fc.uint8Array({ maxLength: 300 }),
    });
    fc.assert(
      fc.property(submits, fc.array(tlv, { maxLength: 5 }), (pdu, tlvs) => {
        const octets = encode({ ...pdu, tlvs });
        expect(octets.length).toBeLessThanOrEqual(submitSmRoom({ ...pdu, tlvs }));
        expect(octets.readUInt32BE(0)).toBe(octets.length);
        expect(octets.toString('hex').endsWith(tlvs.map(hexOf).join(''))).toBe(true);
        expect(decodePdu(octets)?.fields).toMatchObject({ destination_addr: pdu.destAddr });
      }),
    );
  });

  it('needs MAX_SUBMIT_SM_OCTETS of room, and what its parameters take', () => {
    expect(submitSmRoom(SUBMIT)).toBe(MAX_SUBMIT_SM_OCTETS);
    const tlvs = [
      { tag: 0x1400, value: Buffer.alloc(7) },
      { tag: 0x1401, value: Buffer.alloc(0) },
    ];
    expect(submitSmRoom({ ...SUBMIT, tlvs })).toBe(MAX_SUBMIT_SM_OCTETS + 11 + 4);
  });

  it('never needs more room than MAX_SUBMIT_SM_OCTETS without parameters', () => {
    const largest = {
      ...SUBMIT,
      serviceType: 'x'.repeat(5),
      sourceAddr: 'x'.repeat(20),
      destAddr: 'x'.repeat(20),
      validityPeriod: '000000043000000R',
      shortMessage: Buffer.alloc(254),
    };
    expect(encode(largest).length).toBe(MAX_SUBMIT_SM_OCTETS);
  });

  it.each([
    ['a service type of 6 characters', { serviceType: 'sixsix' }, 0x15, 'serviceType'],
    ['a sender of 21 characters', { sourceAddr: 'x'.repeat(21) }, 0x0a, 'sourceAddr'],
    ['a sender outside ASCII', { sourceAddr: 'Åsa' }, 0x0a, 'sourceAddr'],
    ['a destination with a NUL', { destAddr: '44\u00007' }, 0x0b, 'destAddr'],
    ['an empty destination', { destAddr: '' }, 0x0b, 'destAddr'],
    ['a validity period of odd length', { validityPeriod: '0004' }, 0x62, 'validityPeriod'],
    ['a text of 255 octets', { shortMessage: Buffer.alloc(255) }, 0x01, 'shortMessage'],
    [
      'a parameter of 65,536 octets',
      { tlvs: [{ tag: 0x1400, value: Buffer.alloc(65_536) }] },
      0xc2,
      'tlv 0x1400 has 65536 octets',
    ],
    [
      'a payload beside a text',
      { tlvs: [{ tag: TLV.message_payload, value: Buffer.alloc(1) }] },
      0xc1,
      'tlv 0x0424 stands beside a shortMessage',
    ],
  ])('refuses %s before anything is sent', (_what, change, commandStatus, field) => {
    const attempt = (): Buffer => encode({ ...SUBMIT, ...change });
    expect(attempt).toThrow(UnsendablePduError);
    expect(attempt).toThrow(
      expect.objectContaining({ commandStatus, message: expect.stringContaining(field) }),
    );
  });
});

describe('submit_sm_resp', () => {
  it('gives the message_id that npm smpp wrote', () => {
    fc.assert(
      fc.property(asciiUpTo(64), (messageId) => {
        const octets = encodePdu('submit_sm_resp', 1, { message_id: messageId });
        expect(readSubmitSmRespMessageId(octets, 0, octets.length)).toBe(messageId);
      }),
    );
  });

  it('gives an empty message_id when a refusal has no body', () => {
    const octets = encodePdu('submit_sm_resp', 1, { command_status: 0x58 });
    expect(readSubmitSmRespMessageId(octets, 0, octets.length)).toBe('');
  });

  it('takes a message_id without its NUL, and not one octet of the next PDU', () => {
    const octets = Buffer.from(`${'0'.repeat(32)}abc123`, 'latin1');
    expect(readSubmitSmRespMessageId(octets, 16, 35)).toBe('abc');
  });

  it('survives arbitrary octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 600 }), (octets) => {
        expect(readSubmitSmRespMessageId(Buffer.from(octets), 0, octets.length).length).toBeLessThanOrEqual(
          255,
        );
      }),
    );
  });
});
