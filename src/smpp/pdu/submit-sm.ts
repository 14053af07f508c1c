// submit_sm and submit_sm_resp, SMPP 3.4 §4.4: written into and read from shared buffers, field by
// field, because these two make up nearly all of the traffic.
import { UnsendablePduError } from '../smpp.errors.js';
import { COMMAND_ID, HEADER_OCTETS } from './command-id.js';
import { STATUS } from './command-status.js';

/** The fields of a submit_sm that are ours to choose. Text is ASCII without NUL. */
export interface SubmitSm {
  /** At most 5 characters. */
  readonly serviceType: string;
  readonly sourceTon: number;
  readonly sourceNpi: number;
  /** At most 20 characters. */
  readonly sourceAddr: string;
  readonly destTon: number;
  readonly destNpi: number;
  /** 1 to 20 characters. */
  readonly destAddr: string;
  /** 0x40 when shortMessage begins with a user data header (§5.2.12). */
  readonly esmClass: number;
  readonly protocolId: number;
  readonly priorityFlag: number;
  /** Empty: the SMSC's default; otherwise 16 characters (§7.1.1). */
  readonly validityPeriod: string;
  readonly registeredDelivery: number;
  readonly dataCoding: number;
  /** At most 254 octets (§5.2.21), the user data header included. Empty beside a message_payload. */
  readonly shortMessage: Buffer;
  /** §5.2.18: takes the place of an undelivered message of the same addresses and service type. */
  readonly replaceIfPresent?: boolean;
  /** Optional parameters, in this order (§5.3). */
  readonly tlvs?: readonly Tlv[];
}

export interface Tlv {
  /** 16 bits. */
  readonly tag: number;
  /** At most 65,535 octets. */
  readonly value: Uint8Array;
}

/** §5.3.2: the optional parameters that we fill ourselves. */
export const TLV = {
  source_port: 0x020a,
  destination_port: 0x020b,
  sar_msg_ref_num: 0x020c,
  sar_total_segments: 0x020e,
  sar_segment_seqnum: 0x020f,
  message_payload: 0x0424,
} as const;

const MAX_SERVICE_TYPE = 5;
const MAX_ADDRESS = 20;
const VALIDITY_PERIOD = 16;
const MAX_SHORT_MESSAGE_OCTETS = 254;

/** Fields of fixed size (12) and the NULs that end the five strings. */
const FIXED_OCTETS = HEADER_OCTETS + 12 + 5;

/** Tag and length. */
const TLV_HEADER_OCTETS = 4;
const MAX_TLV_VALUE_OCTETS = 0xffff;

/** No submit_sm without optional parameters is larger. */
export const MAX_SUBMIT_SM_OCTETS =
  FIXED_OCTETS + MAX_SERVICE_TYPE + 2 * MAX_ADDRESS + VALIDITY_PERIOD + MAX_SHORT_MESSAGE_OCTETS;

/** The room that writeSubmitSm needs for this PDU; never less than what it writes. */
export function submitSmRoom({ tlvs }: SubmitSm): number {
  let octets = MAX_SUBMIT_SM_OCTETS;
  if (tlvs !== undefined) for (const { value } of tlvs) octets += TLV_HEADER_OCTETS + value.length;
  return octets;
}

/**
 * Writes the PDU at `start` and returns where it ends. `out` must have submitSmRoom of room.
 * @throws UnsendablePduError when a field does not fit; `out` is then undefined from `start` on.
 */
export function writeSubmitSm(out: Buffer, start: number, sequenceNumber: number, pdu: SubmitSm): number {
  let at = start + HEADER_OCTETS;
  at = writeText(out, at, pdu.serviceType, MAX_SERVICE_TYPE, STATUS.ESME_RINVSERTYP, 'serviceType');
  out[at++] = pdu.sourceTon;
  out[at++] = pdu.sourceNpi;
  at = writeText(out, at, pdu.sourceAddr, MAX_ADDRESS, STATUS.ESME_RINVSRCADR, 'sourceAddr');
  out[at++] = pdu.destTon;
  out[at++] = pdu.destNpi;
  if (pdu.destAddr.length === 0) throw unsendable(STATUS.ESME_RINVDSTADR, 'destAddr', 'is empty');
  at = writeText(out, at, pdu.destAddr, MAX_ADDRESS, STATUS.ESME_RINVDSTADR, 'destAddr');
  out[at++] = pdu.esmClass;
  out[at++] = pdu.protocolId;
  out[at++] = pdu.priorityFlag;
  out[at++] = 0; // schedule_delivery_time: at once
  const validityLength = pdu.validityPeriod.length;
  if (validityLength !== 0 && validityLength !== VALIDITY_PERIOD) {
    throw unsendable(STATUS.ESME_RINVEXPIRY, 'validityPeriod', 'is neither empty nor 16 characters long');
  }
  at = writeText(out, at, pdu.validityPeriod, VALIDITY_PERIOD, STATUS.ESME_RINVEXPIRY, 'validityPeriod');
  out[at++] = pdu.registeredDelivery;
  out[at++] = pdu.replaceIfPresent === true ? 1 : 0;
  out[at++] = pdu.dataCoding;
  out[at++] = 0; // sm_default_msg_id
  const octets = pdu.shortMessage.length;
  if (octets > MAX_SHORT_MESSAGE_OCTETS) {
    throw unsendable(
      STATUS.ESME_RINVMSGLEN,
      'shortMessage',
      `has ${String(octets)} octets, 254 at most: split it, or send it as message_payload`,
    );
  }
  out[at++] = octets;
  out.set(pdu.shortMessage, at);
  at += octets;
  if (pdu.tlvs !== undefined && pdu.tlvs.length > 0) at = writeTlvs(out, at, pdu.tlvs, octets > 0);
  out.writeUInt32BE(at - start, start);
  out.writeUInt32BE(COMMAND_ID.submit_sm, start + 4);
  out.writeUInt32BE(0, start + 8);
  out.writeUInt32BE(sequenceNumber, start + 12);
  return at;
}

function writeTlvs(out: Buffer, start: number, tlvs: readonly Tlv[], hasText: boolean): number {
  let at = start;
  for (const { tag, value } of tlvs) {
    const name = `tlv 0x${tag.toString(16).padStart(4, '0')}`;
    if (value.length > MAX_TLV_VALUE_OCTETS) {
      const problem = `has ${String(value.length)} octets, 65,535 at most`;
      throw unsendable(STATUS.ESME_RINVPARLEN, name, problem);
    }
    // §5.3.2.32: the text stands in one of the two.
    if (tag === TLV.message_payload && hasText) {
      throw unsendable(STATUS.ESME_ROPTPARNOTALLWD, name, 'stands beside a shortMessage: leave one empty');
    }
    out.writeUInt16BE(tag, at);
    out.writeUInt16BE(value.length, at + 2);
    out.set(value, at + TLV_HEADER_OCTETS);
    at += TLV_HEADER_OCTETS + value.length;
  }
  return at;
}

// A loop beats the native string write for so few characters, and checks each on the way.
function writeText(
  out: Buffer,
  start: number,
  text: string,
  maxLength: number,
  commandStatus: number,
  field: string,
): number {
  const length = text.length;
  if (length > maxLength) {
    throw unsendable(commandStatus, field, `has ${String(length)} characters, ${String(maxLength)} at most`);
  }
  let at = start;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0 || code > 0x7f)
      throw unsendable(commandStatus, field, 'holds a character that is not ASCII');
    out[at++] = code;
  }
  out[at++] = 0;
  return at;
}

function unsendable(commandStatus: number, field: string, problem: string): UnsendablePduError {
  return new UnsendablePduError(commandStatus, `submit_sm ${field} ${problem}`);
}

// §5.2.23 allows 64 characters; longer ones are kept so far that a person can recognise them.
export const MAX_MESSAGE_ID = 255;

/**
 * message_id of the submit_sm_resp at octets[start, end). Empty when there is no body, as with
 * most refusals (§4.4.2). A missing NUL at the end is tolerated.
 */
export function readSubmitSmRespMessageId(octets: Buffer, start: number, end: number): string {
  const from = start + HEADER_OCTETS;
  const limit = Math.min(end, from + MAX_MESSAGE_ID);
  let to = from;
  while (to < limit && octets[to] !== 0) to++;
  return to <= from ? '' : octets.toString('latin1', from, to);
}
