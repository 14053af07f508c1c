// A part as data_sm instead of submit_sm, SMPP 3.4 §4.7.1: for SMSCs that take no other form. The
// text stands in message_payload, beside whatever optional parameters the part has. It has no
// priority_flag, protocol_id, replace_if_present and validity_period: the first two are left out, the
// third cannot be, and a relative validity becomes qos_time_to_live (§5.3.2.9).
import { UnsendablePduError } from '../smpp.errors.js';
import { isAsciiText } from './ascii.js';
import { COMMAND_ID, HEADER_OCTETS } from './command-id.js';
import { STATUS } from './command-status.js';
import { type SubmitSm, TLV, type Tlv } from './submit-sm.js';

const TLV_QOS_TIME_TO_LIVE = 0x0017;

/** §4.7.1 allows 64 characters; no SMSC routes more than submit_sm's 20. */
const MAX_ADDRESS = 20;
const MAX_SERVICE_TYPE = 5;

/** A TLV's length stands in two octets (§3.2.4.1). */
const MAX_TLV_VALUE_OCTETS = 0xffff;

const TLV_HEADER_OCTETS = 4;

/** Header, 7 single octets, 3 NULs, qos_time_to_live, and message_payload without its value. */
const FIXED_OCTETS = HEADER_OCTETS + 7 + 3 + TLV_HEADER_OCTETS + 4 + TLV_HEADER_OCTETS;

/** §7.1.1.2: YYMMDDhhmmss000R. Years and months have no fixed length; they count 365 and 30 days. */
const RELATIVE_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)000R$/;
const UNIT_SECONDS = [365 * 86_400, 30 * 86_400, 86_400, 3600, 60, 1];

/** Room that writeDataSm needs for this PDU. */
export function dataSmOctets(pdu: SubmitSm): number {
  let octets = FIXED_OCTETS + MAX_SERVICE_TYPE + 2 * MAX_ADDRESS + pdu.shortMessage.length;
  for (const { value } of pdu.tlvs ?? []) octets += TLV_HEADER_OCTETS + value.length;
  return octets;
}

/**
 * Writes the PDU at `start` and returns where it ends. `out` must have dataSmOctets of room.
 * @throws UnsendablePduError when a field does not fit; `out` is then undefined from `start` on.
 */
export function writeDataSm(out: Buffer, start: number, sequenceNumber: number, pdu: SubmitSm): number {
  if (pdu.replaceIfPresent === true) {
    throw unsendable(STATUS.ESME_RSYSERR, 'replaceIfPresent', 'has no field: use submit_sm');
  }
  let at = start + HEADER_OCTETS;
  at = writeText(out, at, pdu.serviceType, MAX_SERVICE_TYPE, STATUS.ESME_RINVSERTYP, 'serviceType');
  out[at++] = pdu.sourceTon;
  out[at++] = pdu.sourceNpi;
  at = writeText(out, at, pdu.sourceAddr, MAX_ADDRESS, STATUS.ESME_RINVSRCADR, 'sourceAddr');
  out[at++] = pdu.destTon;
  out[at++] = pdu.destNpi;
  if (pdu.destAddr === '') throw unsendable(STATUS.ESME_RINVDSTADR, 'destAddr', 'is empty');
  at = writeText(out, at, pdu.destAddr, MAX_ADDRESS, STATUS.ESME_RINVDSTADR, 'destAddr');
  out[at++] = pdu.esmClass;
  out[at++] = pdu.registeredDelivery;
  out[at++] = pdu.dataCoding;
  const timeToLive = secondsOf(pdu.validityPeriod);
  if (timeToLive !== null) {
    at = out.writeUInt16BE(TLV_QOS_TIME_TO_LIVE, at);
    at = out.writeUInt16BE(4, at);
    at = out.writeUInt32BE(timeToLive, at);
  }
  const { tlvs = [], shortMessage } = pdu;
  // A part that is in message_payload already has no other text.
  const isInPayload = tlvs.some(({ tag }) => tag === TLV.message_payload);
  if (isInPayload && shortMessage.length > 0) {
    throw unsendable(STATUS.ESME_ROPTPARNOTALLWD, 'shortMessage', 'stands beside a message_payload');
  }
  if (!isInPayload) at = writeTlv(out, at, { tag: TLV.message_payload, value: shortMessage });
  for (const tlv of tlvs) at = writeTlv(out, at, tlv);
  out.writeUInt32BE(at - start, start);
  out.writeUInt32BE(COMMAND_ID.data_sm, start + 4);
  out.writeUInt32BE(0, start + 8);
  out.writeUInt32BE(sequenceNumber, start + 12);
  return at;
}

function writeTlv(out: Buffer, start: number, { tag, value }: Tlv): number {
  if (value.length > MAX_TLV_VALUE_OCTETS) {
    const name = tag === TLV.message_payload ? 'shortMessage' : `tlv 0x${tag.toString(16).padStart(4, '0')}`;
    const problem = `has ${String(value.length)} octets, 65535 at most: split it`;
    throw unsendable(STATUS.ESME_RINVMSGLEN, name, problem);
  }
  out.writeUInt16BE(tag, start);
  out.writeUInt16BE(value.length, start + 2);
  out.set(value, start + TLV_HEADER_OCTETS);
  return start + TLV_HEADER_OCTETS + value.length;
}

function secondsOf(validityPeriod: string): number | null {
  if (validityPeriod === '') return null;
  const [, ...digits] = RELATIVE_TIME.exec(validityPeriod) ?? [];
  if (digits.length === 0) {
    throw unsendable(
      STATUS.ESME_RINVEXPIRY,
      'validityPeriod',
      'must be relative (YYMMDDhhmmss000R) or empty: data_sm has no other',
    );
  }
  return digits.reduce((seconds, value, unit) => seconds + Number(value) * (UNIT_SECONDS[unit] ?? 0), 0);
}

function writeText(
  out: Buffer,
  start: number,
  text: string,
  maxLength: number,
  commandStatus: number,
  field: string,
): number {
  if (text.length > maxLength) {
    const problem = `has ${String(text.length)} characters, ${String(maxLength)} at most`;
    throw unsendable(commandStatus, field, problem);
  }
  if (!isAsciiText(text)) {
    throw unsendable(commandStatus, field, 'holds a character that is not ASCII');
  }
  const end = start + out.write(text, start, 'latin1');
  out[end] = 0;
  return end + 1;
}

function unsendable(commandStatus: number, field: string, problem: string): UnsendablePduError {
  return new UnsendablePduError(commandStatus, `data_sm ${field} ${problem}`);
}
