import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodePdu } from '../link.js';
import { DeliverSm, readDeliverSm, TLV_TAG } from './deliver-sm.js';
import { readDeliveryReceipt } from './delivery-receipt.js';

const octet = fc.integer({ min: 0, max: 255 });
const ascii = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.integer({ min: 1, max: 127 }).map((code) => String.fromCharCode(code)), maxLength });

function read(octets: Buffer): DeliverSm {
  const pdu = readDeliverSm(octets, 0, octets.length);
  if (!(pdu instanceof DeliverSm)) throw new Error(`not readable: ${JSON.stringify(pdu)}`);
  return pdu;
}

/** A deliver_sm by hand: header, mandatory fields, text, then whatever stands in `tail`. */
function deliver(shortMessage: string, tail = ''): Buffer {
  const body = Buffer.from('0001013434000101353500040000000000000000', 'hex');
  const text = Buffer.from(shortMessage, 'latin1');
  const octets = Buffer.concat([
    Buffer.alloc(16),
    body,
    Buffer.from([text.length]),
    text,
    Buffer.from(tail, 'hex'),
  ]);
  octets.writeUInt32BE(octets.length, 0);
  octets.writeUInt32BE(5, 4);
  octets.writeUInt32BE(9, 12);
  return octets;
}

describe('deliver_sm', () => {
  it.each([
    ['source_addr', 0x0a],
    ['destination_addr', 0x0b],
  ])('refuses a %s that is longer than any address, and would be kept for good', (field, commandStatus) => {
    const withAddress = (length: number): Buffer =>
      encodePdu('deliver_sm', 1, { [field]: '1'.repeat(length) });
    const longest = withAddress(64);
    expect(readDeliverSm(longest, 0, longest.length)).toBeInstanceOf(DeliverSm);
    const longer = withAddress(65);
    expect(readDeliverSm(longer, 0, longer.length)).toEqual({ commandStatus });
  });

  it('is read as npm smpp wrote it', () => {
    const fields = fc.record({
      service_type: ascii(5),
      source_addr_ton: octet,
      source_addr_npi: octet,
      source_addr: ascii(20),
      dest_addr_ton: octet,
      dest_addr_npi: octet,
      destination_addr: ascii(20),
      esm_class: fc.constantFrom(0, 4, 0x20),
      schedule_delivery_time: fc.constantFrom('', '261121010203004+'),
      data_coding: octet,
      short_message: fc.uint8Array({ maxLength: 254 }).map((octets) => Buffer.from(octets)),
      receipted_message_id: ascii(64),
      message_state: octet,
    });
    fc.assert(
      fc.property(fields, fc.integer({ min: 1, max: 0x7fffffff }), (sent, sequenceNumber) => {
        const pdu = read(encodePdu('deliver_sm', sequenceNumber, sent));
        expect({
          sequenceNumber: pdu.sequenceNumber,
          source_addr_ton: pdu.sourceTon,
          source_addr_npi: pdu.sourceNpi,
          source_addr: pdu.sourceAddr,
          dest_addr_ton: pdu.destTon,
          dest_addr_npi: pdu.destNpi,
          destination_addr: pdu.destAddr,
          esm_class: pdu.esmClass,
          data_coding: pdu.dataCoding,
          short_message: Buffer.from(pdu.shortMessage),
          receipted_message_id: pdu.tlv(TLV_TAG.receipted_message_id)?.toString('latin1'),
          message_state: pdu.tlv(TLV_TAG.message_state)?.[0],
        }).toEqual({
          sequenceNumber,
          source_addr_ton: sent.source_addr_ton,
          source_addr_npi: sent.source_addr_npi,
          source_addr: sent.source_addr,
          dest_addr_ton: sent.dest_addr_ton,
          dest_addr_npi: sent.dest_addr_npi,
          destination_addr: sent.destination_addr,
          esm_class: sent.esm_class,
          data_coding: sent.data_coding,
          short_message: sent.short_message,
          receipted_message_id: `${sent.receipted_message_id}\0`,
          message_state: sent.message_state,
        });
      }),
    );
  });

  it('reads data_sm, whose text stands in message_payload', () => {
    const octets = encodePdu('data_sm', 3, {
      source_addr: '4477',
      destination_addr: '4488',
      esm_class: 4,
      data_coding: 8,
      message_payload: Buffer.from('id:5 stat:DELIVRD'),
    });
    const pdu = read(octets);
    expect(pdu).toMatchObject({
      commandId: 0x103,
      sourceAddr: '4477',
      destAddr: '4488',
      esmClass: 4,
      dataCoding: 8,
    });
    expect(pdu.shortMessage.toString()).toBe('id:5 stat:DELIVRD');
  });

  it('does not see a TLV that reaches beyond the PDU, and keeps those before it', () => {
    const pdu = read(deliver('', '0427000102' + '001e00ff6162'));
    expect(pdu.tlv(TLV_TAG.message_state)).toEqual(Buffer.from([2]));
    expect(pdu.tlv(TLV_TAG.receipted_message_id)).toBeUndefined();
    expect(pdu.tlvs()).toEqual([{ tag: TLV_TAG.message_state, value: Buffer.from([2]) }]);
  });

  it('reads the receipt id to the end of its TLV when the NUL is missing, not into the next TLV', () => {
    const receipt = readDeliveryReceipt(read(deliver('', '001e0003616263' + '0427000102')));
    expect(receipt).toMatchObject({ smscMessageId: 'abc', state: 'delivered' });
  });

  it('refuses a text longer than the PDU', () => {
    const octets = deliver('hello');
    octets[octets.length - 6] = 200;
    expect(readDeliverSm(octets, 0, octets.length)).toEqual({ commandStatus: 0x01 });
  });

  it('refuses every truncation of the mandatory fields without reading the octets behind it', () => {
    const octets = deliver('');
    for (let end = 16; end < octets.length; end++) {
      expect(readDeliverSm(octets, 0, end)).toEqual({ commandStatus: 0x02 });
    }
  });

  it('survives arbitrary octets behind a valid header, receipts included', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(0x05, 0x103), (body, commandId) => {
        const octets = Buffer.concat([Buffer.alloc(16), body]);
        octets.writeUInt32BE(commandId, 4);
        const pdu = readDeliverSm(octets, 0, octets.length);
        if (!(pdu instanceof DeliverSm)) {
          expect([0x01, 0x02]).toContain(pdu.commandStatus);
          return;
        }
        expect(typeof readDeliveryReceipt(pdu).isReceipt).toBe('boolean');
        expect(pdu.tlvs().reduce((sum, tlv) => sum + tlv.value.length, 0)).toBeLessThanOrEqual(body.length);
      }),
      { numRuns: 2000 },
    );
  });
});
