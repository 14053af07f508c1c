// PDUs that are a header and at most one NUL: written by hand because they answer every receipt
// and every enquire_link.
import { type COMMAND_ID, HEADER_OCTETS } from './command-id.js';

/** No PDU written here is larger. */
export const MAX_SHORT_PDU_OCTETS = HEADER_OCTETS + 1;

/** A PDU without a body, at `start`; returns where it ends. */
export function writeHeaderOnly(
  out: Buffer,
  start: number,
  commandId: number,
  commandStatus: number,
  sequenceNumber: number,
): number {
  return writeHeader(out, start, HEADER_OCTETS, commandId, commandStatus, sequenceNumber);
}

/**
 * The answer to a deliver_sm or data_sm. Its message_id is unused and NULL, whatever the status
 * (SMPP 3.4 §4.6.2).
 */
export function writeDeliverResp(
  out: Buffer,
  start: number,
  commandId: typeof COMMAND_ID.deliver_sm_resp | typeof COMMAND_ID.data_sm_resp,
  commandStatus: number,
  sequenceNumber: number,
): number {
  const end = writeHeader(out, start, HEADER_OCTETS + 1, commandId, commandStatus, sequenceNumber);
  out[end - 1] = 0;
  return end;
}

function writeHeader(
  out: Buffer,
  start: number,
  commandLength: number,
  commandId: number,
  commandStatus: number,
  sequenceNumber: number,
): number {
  out.writeUInt32BE(commandLength, start);
  out.writeUInt32BE(commandId, start + 4);
  out.writeUInt32BE(commandStatus, start + 8);
  out.writeUInt32BE(sequenceNumber, start + 12);
  return start + commandLength;
}
