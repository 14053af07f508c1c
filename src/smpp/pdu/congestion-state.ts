// congestion_state: how busy the SMSC is, which it may add to any response (SMPP 5.0 §4.8.4.18).
import { HEADER_OCTETS, RESPONSE_BIT } from './command-id.js';
import { findTlv } from './tlv.js';

const CONGESTION_STATE = 0x0428;
/** Idle to congested. */
const MAX_STATE = 100;

const SUBMIT_SM_RESP = RESPONSE_BIT + 0x04;
const DATA_SM_RESP = RESPONSE_BIT + 0x103;
const QUERY_SM_RESP = RESPONSE_BIT + 0x03;

/** 0 to 100; null when the response says nothing about it, or nothing that makes sense. */
export function readCongestionState(octets: Buffer, start: number, end: number): number | null {
  const body = start + HEADER_OCTETS;
  if (end - body < 5) return null; // most responses: no room for it
  const commandId = octets.readUInt32BE(start + 4);
  const value = findTlv(octets, tlvsOf(commandId, octets, body, end), end, CONGESTION_STATE);
  const state = value?.length === 1 ? value[0] : undefined;
  return state === undefined || state > MAX_STATE ? null : state;
}

/** Where the TLVs of a response begin. */
function tlvsOf(commandId: number, octets: Buffer, body: number, end: number): number {
  switch (commandId) {
    case SUBMIT_SM_RESP:
    case DATA_SM_RESP:
      return afterMessageId(octets, body, end);
    case QUERY_SM_RESP: {
      const finalDate = afterMessageId(octets, body, end);
      if (finalDate === body) return body;
      // final_date, then message_state and error_code, an octet each (SMPP 3.4 §4.8.2).
      return afterText(octets, finalDate, end) + 2;
    }
    default:
      return body;
  }
}

/** A refusal may have no message_id at all (§4.4.2): then the TLVs begin at once, with 04. */
function afterMessageId(octets: Buffer, body: number, end: number): number {
  return octets.readUInt16BE(body) === CONGESTION_STATE ? body : afterText(octets, body, end);
}

function afterText(octets: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && octets[at] !== 0) at++;
  return at + 1;
}
