import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodePdu, encodePdu } from '../link.js';
import { UnsendablePduError } from '../smpp.errors.js';
import {
  MAX_SUBMIT_SM_OCTETS,
  readSubmitSmRespMessageId,
  type SubmitSm,
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

function encode(pdu: SubmitSm, sequenceNumber = 1, start = 0): Buffer {
  const out = Buffer.alloc(start + MAX_SUBMIT_SM_OCTETS, 0xee);
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

  it('never needs more room than MAX_SUBMIT_SM_OCTETS', () => {
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
