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
  /** At most 254 octets (§5.2.21), the user data header included. */
  readonly shortMessage: Buffer;
}

const MAX_SERVICE_TYPE = 5;
const MAX_ADDRESS = 20;
const VALIDITY_PERIOD = 16;
const MAX_SHORT_MESSAGE_OCTETS = 254;

/** Fields of fixed size (12) and the NULs that end the five strings. */
const FIXED_OCTETS = HEADER_OCTETS + 12 + 5;

/** No submit_sm of ours is larger. */
export const MAX_SUBMIT_SM_OCTETS =
  FIXED_OCTETS + MAX_SERVICE_TYPE + 2 * MAX_ADDRESS + VALIDITY_PERIOD + MAX_SHORT_MESSAGE_OCTETS;

/**
 * Writes the PDU at `start` and returns where it ends. `out` must have MAX_SUBMIT_SM_OCTETS of room.
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
  out[at++] = 0; // replace_if_present_flag
  out[at++] = pdu.dataCoding;
  out[at++] = 0; // sm_default_msg_id
  const octets = pdu.shortMessage.length;
  if (octets > MAX_SHORT_MESSAGE_OCTETS) {
    throw unsendable(
      STATUS.ESME_RINVMSGLEN,
      'shortMessage',
      `has ${String(octets)} octets, 254 at most: split it`,
    );
  }
  out[at++] = octets;
  out.set(pdu.shortMessage, at);
  at += octets;
  out.writeUInt32BE(at - start, start);
  out.writeUInt32BE(COMMAND_ID.submit_sm, start + 4);
  out.writeUInt32BE(0, start + 8);
  out.writeUInt32BE(sequenceNumber, start + 12);
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
