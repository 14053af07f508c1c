import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CommandStatus, HEADER_OCTETS } from './pdu.js';
import { SubmitSm } from './submit-sm.js';

const FIELDS = {
  serviceType: '',
  source: 'SureReach',
  destination: '255700000001',
  esmClass: 0,
  schedule: '',
  validity: '',
  message: Buffer.from('hello'),
  tlvs: Buffer.alloc(0),
};

function read(fields: Partial<typeof FIELDS> = {}): { status: number; submit: SubmitSm } {
  const of = { ...FIELDS, ...fields };
  const text = (value: string): Buffer => Buffer.from(`${value}\0`, 'latin1');
  const pdu = Buffer.concat([
    Buffer.alloc(HEADER_OCTETS),
    text(of.serviceType),
    Buffer.from([5, 0]),
    text(of.source),
    Buffer.from([1, 1]),
    text(of.destination),
    Buffer.from([of.esmClass, 0, 0]),
    text(of.schedule),
    text(of.validity),
    Buffer.from([1, 0, 8, 0, of.message.length]),
    of.message,
    of.tlvs,
  ]);
  const submit = new SubmitSm();
  return { status: submit.read(pdu, 0, pdu.length), submit };
}

function body({ buffer, bodyStart, bodyEnd }: SubmitSm): string {
  return buffer.toString('latin1', bodyStart, bodyEnd);
}

describe('SubmitSm', () => {
  it('reads every field the simulator needs', () => {
    const { status, submit } = read({ validity: '000001000000000R' });
    expect(status).toBe(CommandStatus.ESME_ROK);
    expect(submit).toMatchObject({
      sourceTon: 5,
      sourceNpi: 0,
      source: 'SureReach',
      destinationTon: 1,
      destinationNpi: 1,
      destination: '255700000001',
      registeredDelivery: 1,
      dataCoding: 8,
    });
    expect(body(submit)).toBe('hello');
  });

  it('takes the text from message_payload when short_message is empty', () => {
    const tlvs = Buffer.concat([
      Buffer.from([0x02, 0x04, 0, 2, 0, 1]),
      Buffer.from([0x04, 0x24, 0, 3]),
      Buffer.from('abc'),
    ]);
    const { status, submit } = read({ message: Buffer.alloc(0), tlvs });
    expect(status).toBe(CommandStatus.ESME_ROK);
    expect(body(submit)).toBe('abc');
  });

  it('finds the length of a user data header only where esm_class announces one', () => {
    const message = Buffer.from([5, 0, 3, 9, 2, 1, 0x41]);
    expect(read({ message, esmClass: 0x40 }).submit.headerOctets()).toBe(6);
    expect(read({ message }).submit.headerOctets()).toBe(0);
  });

  it('never takes a header to be longer than the message', () => {
    expect(read({ message: Buffer.from([200, 1]), esmClass: 0x40 }).submit.headerOctets()).toBe(2);
  });

  it.each([
    ['a service_type without end', { serviceType: '1234567' }, CommandStatus.ESME_RINVSERTYP],
    ['a source of 21 characters', { source: 'x'.repeat(21) }, CommandStatus.ESME_RINVSRCADR],
    ['an empty destination', { destination: '' }, CommandStatus.ESME_RINVDSTADR],
    ['a destination of 21 digits', { destination: '1'.repeat(21) }, CommandStatus.ESME_RINVDSTADR],
    ['a destination with a plus', { destination: '+255700000001' }, CommandStatus.ESME_RINVDSTADR],
    ['a schedule that is not 16 characters', { schedule: '1' }, CommandStatus.ESME_RINVSCHED],
    ['a validity that is not 16 characters', { validity: 'garbage' }, CommandStatus.ESME_RINVEXPIRY],
    ['sm_length 255', { message: Buffer.alloc(255) }, CommandStatus.ESME_RINVMSGLEN],
    ['a TLV that runs over the end', { tlvs: Buffer.from([2, 4, 0, 9, 1]) }, CommandStatus.ESME_RINVCMDLEN],
    ['half a TLV header', { tlvs: Buffer.from([2, 4, 0]) }, CommandStatus.ESME_RINVCMDLEN],
    [
      'short_message and message_payload together',
      { tlvs: Buffer.from([0x04, 0x24, 0, 1, 0x41]) },
      CommandStatus.ESME_RINVMSGLEN,
    ],
  ])('refuses %s', (_what, fields, expected) => {
    expect(read(fields).status).toBe(expected);
  });

  it('never throws and never reads beyond the PDU, whatever the octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        const behind = Buffer.from('secret of the next PDU');
        const pdu = Buffer.concat([Buffer.alloc(HEADER_OCTETS), octets, behind]);
        const end = HEADER_OCTETS + octets.length;
        const submit = new SubmitSm();
        const status = submit.read(pdu, 0, end);
        expect(Object.values<number>(CommandStatus)).toContain(status);
        expect(submit.bodyEnd).toBeLessThanOrEqual(end);
        expect(submit.destinationEnd).toBeLessThanOrEqual(end);
      }),
    );
  });
});
