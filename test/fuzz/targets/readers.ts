// The readers of PDUs that come from the SMSC: within the PDU's own octets, whatever these say.
import fc from 'fast-check';
import { DeliverSm, readDeliverSm } from '../../../src/smpp/pdu/deliver-sm.js';
import { readDeliveryReceipt } from '../../../src/smpp/pdu/delivery-receipt.js';
import { readSubmitSmRespMessageId } from '../../../src/smpp/pdu/submit-sm.js';
import { decodePdu } from '../../../src/smpp/link.js';
import { headerOf, ID, RESPONSE } from '../peer/octets.js';
import {
  cook,
  dataSm,
  deliverSm,
  PRIVATE_TEXT,
  type PduRecipe,
  smscPdu,
  submitSmResp,
} from '../peer/pdus.js';
import { mutate, type Mutation, mutationsOf } from '../peer/streams.js';
import { type FuzzTarget, must } from '../target.js';

/** Stands around the PDU in its buffer: whoever reads beyond the PDU brings these along. */
const GUARD = Buffer.alloc(300, 0xa7);
const GUARD_TEXT = '\xa7\xa7\xa7\xa7';

/** Fields end in indexes and JSON: PostgreSQL refuses index rows above 2,704 octets. */
const MAX_FIELD = 255;

function inGuards(recipe: PduRecipe, mutations: readonly Mutation[]): readonly [Buffer, number, number] {
  const pdu = mutate(cook(recipe, 7), mutations);
  // What the framer lets through: at least a header, and the length it claims.
  const whole = pdu.length < 16 ? Buffer.concat([pdu, Buffer.alloc(16 - pdu.length)]) : Buffer.from(pdu);
  whole.writeUInt32BE(whole.length, 0);
  return [Buffer.concat([GUARD, whole, GUARD]), GUARD.length, GUARD.length + whole.length];
}

function bounded(value: string | null, what: string): void {
  must((value ?? '').length <= MAX_FIELD, () => `${what} has ${String(value?.length)} characters`);
  must(!(value ?? '').includes('\0'), () => `${what} holds a NUL, which no text column takes`);
}

function checkDeliver(recipe: PduRecipe, mutations: readonly Mutation[]): void {
  const [octets, start, end] = inGuards(recipe, mutations);
  const read = readDeliverSm(octets, start, end);
  if (!(read instanceof DeliverSm)) {
    must(read.commandStatus > 0, () => 'an unreadable deliver_sm is refused with a status that accepts it');
    return;
  }
  must(read.octets.length === end - start, () => 'the PDU has other octets than it came with');
  must(
    read.sequenceNumber === headerOf(octets.subarray(start, end)).sequence,
    () => 'another sequence_number',
  );
  for (const { value } of read.tlvs())
    must(value.length <= end - start, () => 'a TLV is longer than its PDU');
  const texts = [read.sourceAddr, read.destAddr, read.receiptText(70_000), read.tlvText(0x1e) ?? ''];
  must(
    !texts.some((value) => value.includes(GUARD_TEXT) && !within(octets, start, end, value)),
    () => 'read beyond the PDU',
  );
  bounded(read.sourceAddr, 'source_addr');
  bounded(read.destAddr, 'destination_addr');
  must(read.shortMessage.length <= end - start, () => 'the text is longer than its PDU');

  const receipt = readDeliveryReceipt(read);
  if (!receipt.isReceipt) return;
  bounded(receipt.smscMessageId, 'smscMessageId');
  bounded(receipt.networkError, 'networkError');
  bounded(receipt.doneDate, 'doneDate');
  must(
    receipt.raw.length <= 1024 && !/\p{Cc}/u.test(receipt.raw),
    () => 'raw is too long or holds control characters',
  );
  must(
    mutations.length > 0 || !receipt.raw.includes(PRIVATE_TEXT),
    () => 'the person’s text stands in the evidence',
  );
  must(receipt.smscMessageId !== '', () => 'an empty id instead of none');
  must(!receipt.final || receipt.state !== null, () => 'final without a state');
}

function within(octets: Buffer, start: number, end: number, value: string): boolean {
  return octets.subarray(start, end).includes(Buffer.from(value, 'latin1'));
}

function checkResponse(recipe: PduRecipe, mutations: readonly Mutation[]): void {
  const [octets, start, end] = inGuards(recipe, mutations);
  const id = readSubmitSmRespMessageId(octets, start, end);
  bounded(id, 'message_id');
  must(
    octets.toString('latin1', start + 16, end).startsWith(id),
    () => 'message_id is not what the body begins with',
  );
}

/** npm smpp reads what we do not write by hand (bind responses): whatever comes, it must not throw or hang. */
function checkPackage(recipe: PduRecipe, mutations: readonly Mutation[]): void {
  const [octets, start, end] = inGuards(recipe, mutations);
  const read = decodePdu(octets.subarray(start, end));
  must(
    read === null || read.sequenceNumber === headerOf(octets.subarray(start, end)).sequence,
    () => 'another number',
  );
}

const isBindResp = ({ id }: PduRecipe): boolean =>
  [ID.bind_receiver, ID.bind_transmitter, ID.bind_transceiver].some((bind) => id === RESPONSE + bind);

export const deliverTarget: FuzzTarget = {
  name: 'deliver_sm, data_sm, receipts',
  input: 'a PDU with up to 3 mutations',
  share: 0.35,
  property: () => fc.property(fc.oneof(deliverSm, dataSm), mutationsOf, checkDeliver),
};

export const responseTarget: FuzzTarget = {
  name: 'submit_sm_resp',
  input: 'a PDU with up to 3 mutations',
  share: 0.1,
  property: () => fc.property(submitSmResp, mutationsOf, checkResponse),
};

export const packageTarget: FuzzTarget = {
  name: 'rare PDUs (npm smpp as codec)',
  input: 'a PDU with up to 3 mutations',
  share: 0.05,
  property: () => fc.property(fc.oneof(smscPdu.filter(isBindResp), smscPdu), mutationsOf, checkPackage),
};
