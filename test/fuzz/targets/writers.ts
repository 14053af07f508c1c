// What we write: readable by an independent reader field by field, or refused with the status an
// SMSC would give and nothing written around it.
import fc from 'fast-check';
import { writeDeliverResp, writeHeaderOnly } from '../../../src/smpp/pdu/short-pdus.js';
import { MAX_SUBMIT_SM_OCTETS, type SubmitSm, writeSubmitSm } from '../../../src/smpp/pdu/submit-sm.js';
import { UnsendablePduError } from '../../../src/smpp/smpp.errors.js';
import { headerOf, ID, RESPONSE } from '../peer/octets.js';
import { type FuzzTarget, must } from '../target.js';

const octet = fc.integer({ min: 0, max: 255 });
const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.string({
        maxLength,
        unit: fc.integer({ min: 1, max: 127 }).map((n) => String.fromCharCode(n)),
      }),
    },
    { weight: 1, arbitrary: fc.string({ maxLength: maxLength + 2, unit: 'binary' }) },
  );

const submits: fc.Arbitrary<SubmitSm> = fc.record({
  serviceType: text(5),
  sourceTon: octet,
  sourceNpi: octet,
  sourceAddr: text(20),
  destTon: octet,
  destNpi: octet,
  destAddr: text(20),
  esmClass: octet,
  protocolId: octet,
  priorityFlag: octet,
  validityPeriod: fc.oneof(fc.constantFrom('', '000000010000000R', '00000001000000R'), text(16)),
  registeredDelivery: octet,
  dataCoding: octet,
  shortMessage: fc.uint8Array({ maxLength: 258 }).map((octets) => Buffer.from(octets)),
});

/** Without NUL, which ends a C-octet string. */
function isAscii(value: string): boolean {
  return Array.from(value, (letter) => letter.codePointAt(0) ?? 0).every((code) => code > 0 && code < 0x80);
}

function isSendable(pdu: SubmitSm): boolean {
  const texts = [pdu.serviceType, pdu.sourceAddr, pdu.destAddr, pdu.validityPeriod];
  return (
    texts.every(isAscii) &&
    pdu.serviceType.length <= 5 &&
    pdu.sourceAddr.length <= 20 &&
    pdu.destAddr.length >= 1 &&
    pdu.destAddr.length <= 20 &&
    [0, 16].includes(pdu.validityPeriod.length) &&
    pdu.shortMessage.length <= 254
  );
}

function checkSubmit(pdu: SubmitSm, start: number, sequence: number): void {
  const out = Buffer.alloc(start + MAX_SUBMIT_SM_OCTETS + 8, 0x5a);
  let end: number;
  try {
    end = writeSubmitSm(out, start, sequence, pdu);
  } catch (error) {
    must(error instanceof UnsendablePduError, () => `threw ${String(error)}`);
    must(!isSendable(pdu), () => `refused what can be sent: ${error.message}`);
    must(
      out.subarray(start + MAX_SUBMIT_SM_OCTETS).every((each) => each === 0x5a),
      () => 'wrote beyond its room',
    );
    return;
  }
  must(isSendable(pdu), () => 'wrote what no SMSC can read');
  must(
    out.subarray(end).every((each) => each === 0x5a),
    () => 'wrote beyond its end',
  );
  must(
    out.subarray(0, start).every((each) => each === 0x5a),
    () => 'wrote before its start',
  );
  const header = headerOf(out.subarray(start));
  must(
    header.length === end - start && header.id === ID.submit_sm && header.status === 0,
    () => 'a wrong header',
  );
  must(header.sequence === sequence, () => 'another sequence_number');
  must(readBack(out.subarray(start + 16, end)) === expected(pdu), () => 'the SMSC reads something else');
}

function expected(pdu: SubmitSm): string {
  return JSON.stringify([
    pdu.serviceType,
    pdu.sourceTon,
    pdu.sourceNpi,
    pdu.sourceAddr,
    pdu.destTon,
    pdu.destNpi,
    pdu.destAddr,
    pdu.esmClass,
    pdu.protocolId,
    pdu.priorityFlag,
    '',
    pdu.validityPeriod,
    pdu.registeredDelivery,
    0,
    pdu.dataCoding,
    0,
    pdu.shortMessage.toString('hex'),
  ]);
}

/** The body of §4.4.1, field by field: text (t), octet (o), text with its length in front (m). */
function readBack(body: Buffer): string {
  let at = 0;
  const fields: (string | number)[] = [];
  for (const kind of 'tootootooottoooom') {
    if (kind === 't') {
      const end = body.indexOf(0, at);
      fields.push(body.toString('latin1', at, end));
      at = end + 1;
    } else if (kind === 'o') {
      fields.push(body.readUInt8(at));
      at += 1;
    } else {
      const length = body.readUInt8(at);
      fields.push(body.toString('hex', at + 1, at + 1 + length));
      at += 1 + length;
    }
  }
  must(at === body.length, () => `${String(body.length - at)} octets are left over`);
  return JSON.stringify(fields);
}

function checkShort(id: number, status: number, sequence: number, start: number): void {
  const out = Buffer.alloc(start + 24, 0x5a);
  const headerEnd = writeHeaderOnly(out, start, id, status, sequence);
  const read = headerOf(out.subarray(start));
  must(headerEnd === start + 16 && read.length === 16, () => 'a header of another length');
  must(read.id === id && read.status === status && read.sequence === sequence, () => 'another header');
  const end = writeDeliverResp(out, start, RESPONSE_TO_DELIVER, status, sequence);
  must(
    end === start + 17 && headerOf(out.subarray(start)).length === 17 && out[end - 1] === 0,
    () => 'no NUL message_id',
  );
  must(
    out.subarray(end).every((each) => each === 0x5a),
    () => 'wrote beyond its end',
  );
}

const RESPONSE_TO_DELIVER = 0x80000005;
const uint32 = fc.integer({ min: 0, max: 0xffffffff });

export const submitWriterTarget: FuzzTarget = {
  name: 'submit_sm, written',
  input: 'the fields of a submit_sm',
  share: 0.1,
  property: () =>
    fc.property(submits, fc.nat({ max: 600 }), fc.integer({ min: 1, max: 0x7fffffff }), checkSubmit),
};

export const shortWriterTarget: FuzzTarget = {
  name: 'responses, written',
  input: 'a header',
  share: 0.05,
  property: () =>
    fc.property(
      fc.oneof(uint32, fc.constantFrom(RESPONSE, ID.unbind)),
      uint32,
      uint32,
      fc.nat({ max: 50 }),
      checkShort,
    ),
};
