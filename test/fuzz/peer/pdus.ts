// Valid PDUs of a peer, as fast-check arbitraries: what the mutations start from. Sequence numbers
// may point at what the other side has asked, which is known only when the PDU is sent.
import fc from 'fast-check';
import { cString, ID, pduOf, RESPONSE, tlv } from './octets.js';

/** Personal text: it must never be seen in a log line of level info or above. */
export const PRIVATE_TEXT = 'PRIVATE-TEXT';

/** Which request of the other side a response answers; `literal` answers nothing in particular. */
export type SequenceRef =
  | { readonly of: 'bind' | 'enquire_link' | 'unbind' }
  | { readonly of: 'submit'; readonly nth: number }
  | { readonly of: 'literal'; readonly value: number };

export interface PduRecipe {
  readonly id: number;
  readonly status: number;
  readonly sequence: SequenceRef;
  readonly body: Buffer;
}

export function cook({ id, status, body }: PduRecipe, sequence: number): Buffer {
  return pduOf(id, status, sequence, body);
}

const octet = fc.integer({ min: 0, max: 255 });
const octets = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((values) => Buffer.from(values));
const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom('', '447700900123', 'SureReach', 'CMT'),
    fc.string({
      minLength: 0,
      maxLength,
      unit: fc.integer({ min: 1, max: 255 }).map((n) => String.fromCharCode(n)),
    }),
  );

const literal: fc.Arbitrary<SequenceRef> = fc
  .oneof(
    fc.integer({ min: 1, max: 40 }),
    fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
    fc.integer({ min: 0, max: 0xffffffff }),
  )
  .map((value) => ({ of: 'literal', value }));
const answered: fc.Arbitrary<SequenceRef> = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 12 }).map((nth) => ({ of: 'submit' as const, nth })) },
  { weight: 1, arbitrary: fc.constantFrom('bind', 'enquire_link', 'unbind').map((of) => ({ of })) },
  { weight: 2, arbitrary: literal },
);
const status = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.constantFrom(1, 2, 3, 4, 5, 8, 0x0b, 0x14, 0x45, 0x58, 0x64, 0xff) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffffffff }) },
);

/** Texts of receipts, most of the form of Appendix B, some with what real SMSCs did to it. */
const receiptText: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('id:', 'ID:', 'id: ', 'msgid:', ''),
    fc.oneof(
      fc.constantFrom('1', '0000012a', '"7"', ''),
      fc.string({
        minLength: 1,
        maxLength: 70,
        unit: fc.constantFrom('0', '1', '9', 'a', 'f', '_', '@', '-'),
      }),
    ),
    fc.constantFrom(' sub:001 dlvrd:001', ' sub:', ''),
    fc.constantFrom(
      ' submit date:2601010000 done date:2601010001',
      ' done date:',
      ' done date:2601010001 DELIVRD',
    ),
    fc.constantFrom(
      ' stat:DELIVRD',
      ' stat:UNDELIV',
      ' stat:',
      ' STAT:enroute',
      ' stat:DELIVRD stat:EXPIRED',
      '',
    ),
    fc.constantFrom(' err:000', ' err: 0', ' err:', ''),
    fc.constantFrom(` text:${PRIVATE_TEXT}`, ` Text:${PRIVATE_TEXT} stat:EXPIRED`, '', ':::::::'),
  )
  .map((parts) => parts.join(''));

const shortMessage = fc.oneof(
  { weight: 4, arbitrary: receiptText.map((value) => Buffer.from(value, 'latin1')) },
  { weight: 1, arbitrary: octets(254) },
  { weight: 1, arbitrary: fc.constant(Buffer.from(PRIVATE_TEXT)) },
);

const receiptTlvs: fc.Arbitrary<Buffer> = fc
  .array(
    fc.oneof(
      text(64).map((id) => tlv(0x001e, cString(id))),
      text(64).map((id) => tlv(0x001e, Buffer.from(id, 'latin1'))),
      octet.map((state) => tlv(0x0427, Buffer.from([state]))),
      octets(4).map((error) => tlv(0x0423, error)),
      receiptText.map((value) => tlv(0x0424, Buffer.from(value, 'latin1'))),
      octets(600).map((value) => tlv(0x0424, value)),
      fc.tuple(fc.integer({ min: 0, max: 0xffff }), octets(40)).map(([tag, value]) => tlv(tag, value)),
      // A length that lies: it reaches beyond the PDU, or stops short of the value.
      fc
        .tuple(
          fc.constantFrom(0x001e, 0x0423, 0x0424, 0x0427),
          octets(8),
          fc.integer({ min: 0, max: 0xffff }),
        )
        .map(([tag, value, claimed]) => tlv(tag, value, claimed)),
    ),
    { maxLength: 4 },
  )
  .map((list) => Buffer.concat(list));

const esmClass = fc.oneof(fc.constantFrom(0, 4, 4, 4, 8, 0x20, 0x40, 0x44), octet);

export const deliverSm: fc.Arbitrary<PduRecipe> = fc
  .record({
    service: text(5),
    source: text(20),
    destination: text(20),
    numbers: fc.tuple(octet, octet, octet, octet),
    esmClass,
    times: fc.tuple(text(16), text(16)),
    coding: octet,
    message: shortMessage,
    tlvs: receiptTlvs,
    sequence: literal,
  })
  .map(
    ({ service, source, destination, numbers, esmClass: esm, times, coding, message, tlvs, sequence }) => ({
      id: ID.deliver_sm,
      status: 0,
      sequence,
      body: Buffer.concat([
        cString(service),
        Buffer.from([numbers[0], numbers[1]]),
        cString(source),
        Buffer.from([numbers[2], numbers[3]]),
        cString(destination),
        Buffer.from([esm, 0, 0]),
        cString(times[0]),
        cString(times[1]),
        Buffer.from([0, 0, coding, 0, message.length]),
        message,
        tlvs,
      ]),
    }),
  );

export const dataSm: fc.Arbitrary<PduRecipe> = fc
  .tuple(text(5), text(64), text(64), esmClass, octet, receiptTlvs, literal)
  .map(([service, source, destination, esm, coding, tlvs, sequence]) => ({
    id: ID.data_sm,
    status: 0,
    sequence,
    body: Buffer.concat([
      cString(service),
      Buffer.from([1, 1]),
      cString(source),
      Buffer.from([1, 1]),
      cString(destination),
      Buffer.from([esm, 0, coding]),
      tlvs,
    ]),
  }));

export const submitSmResp: fc.Arbitrary<PduRecipe> = fc
  .tuple(
    status,
    answered,
    fc.oneof(
      text(64).map(cString),
      text(64).map((id) => Buffer.from(id, 'latin1')),
      octets(300),
    ),
  )
  .map(([code, sequence, body]) => ({ id: RESPONSE + ID.submit_sm, status: code, sequence, body }));

const submitSm: fc.Arbitrary<PduRecipe> = fc
  .tuple(
    fc.constantFrom('447700900120', '447700900121', '447700900128', '447700900129', 'abc', ''),
    octet,
    octet,
    shortMessage,
    receiptTlvs,
    literal,
    fc.constantFrom('', '000000010000000R', 'x'),
  )
  .map(([destination, esm, registered, message, tlvs, sequence, validity]) => ({
    id: ID.submit_sm,
    status: 0,
    sequence,
    body: Buffer.concat([
      Buffer.from([0, 5, 0]),
      cString('SureReach'),
      Buffer.from([1, 1]),
      cString(destination),
      Buffer.from([esm, 0, 0, 0]),
      cString(validity),
      Buffer.from([registered, 0, 0, 0, message.length]),
      message,
      tlvs,
    ]),
  }));

const bind: fc.Arbitrary<PduRecipe> = fc
  .tuple(
    fc.constantFrom(ID.bind_receiver, ID.bind_transmitter, ID.bind_transceiver),
    fc.constantFrom('surereach', 'surereach', 'other', ''),
    fc.constantFrom('surereach', 'wrong'),
    literal,
  )
  .map(([id, systemId, password, sequence]) => ({
    id,
    status: 0,
    sequence,
    body: Buffer.concat([cString(systemId), cString(password), cString(''), Buffer.from([0x34, 0, 0, 0])]),
  }));

const bindResp: fc.Arbitrary<PduRecipe> = fc
  .tuple(
    fc.constantFrom(ID.bind_receiver, ID.bind_transmitter, ID.bind_transceiver),
    status,
    fc.oneof(fc.constant<SequenceRef>({ of: 'bind' }), literal),
    fc.oneof(text(300).map(cString), octets(40)),
  )
  .map(([id, code, sequence, body]) => ({ id: RESPONSE + id, status: code, sequence, body }));

const bodiless = (ids: readonly number[], sequence: fc.Arbitrary<SequenceRef>): fc.Arbitrary<PduRecipe> =>
  fc
    .tuple(fc.constantFrom(...ids), status, sequence, fc.oneof(fc.constant(Buffer.alloc(0)), octets(30)))
    .map(([id, code, ref, body]) => ({ id, status: code, sequence: ref, body }));

const strayResponses = bodiless(
  [
    ID.query_sm,
    ID.deliver_sm,
    ID.unbind,
    ID.replace_sm,
    ID.cancel_sm,
    ID.enquire_link,
    ID.data_sm,
    0x7777,
  ].map((id) => RESPONSE + id),
  answered,
);
const strangeRequests = bodiless(
  [
    0,
    ID.query_sm,
    ID.replace_sm,
    ID.cancel_sm,
    ID.outbind,
    ID.submit_multi,
    ID.alert_notification,
    0x0777,
    0x7fffffff,
  ],
  literal,
);

/** What an SMSC, a good one or a mad one, says to an ESME. */
export const smscPdu: fc.Arbitrary<PduRecipe> = fc.oneof(
  { weight: 6, arbitrary: submitSmResp },
  { weight: 6, arbitrary: deliverSm },
  { weight: 2, arbitrary: dataSm },
  { weight: 3, arbitrary: bodiless([ID.enquire_link], literal) },
  { weight: 2, arbitrary: bodiless([ID.generic_nack], answered) },
  { weight: 1, arbitrary: bindResp },
  { weight: 2, arbitrary: strayResponses },
  { weight: 2, arbitrary: strangeRequests },
  { weight: 1, arbitrary: fc.oneof(bind, submitSm) },
  {
    weight: 1,
    arbitrary: fc.constant({
      id: ID.unbind,
      status: 0,
      sequence: { of: 'literal', value: 9 },
      body: Buffer.alloc(0),
    } satisfies PduRecipe),
  },
);

/** What an ESME, a good one or a mad one, says to an SMSC. */
export const esmePdu: fc.Arbitrary<PduRecipe> = fc.oneof(
  { weight: 8, arbitrary: submitSm },
  { weight: 3, arbitrary: bind },
  { weight: 3, arbitrary: bodiless([ID.enquire_link], literal) },
  { weight: 3, arbitrary: bodiless([RESPONSE + ID.deliver_sm, ID.generic_nack], literal) },
  { weight: 2, arbitrary: strayResponses },
  { weight: 2, arbitrary: strangeRequests },
  { weight: 1, arbitrary: fc.oneof(deliverSm, dataSm, submitSmResp) },
  { weight: 1, arbitrary: bodiless([ID.unbind], literal) },
);
