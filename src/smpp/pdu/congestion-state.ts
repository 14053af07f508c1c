// congestion_state: how busy the SMSC is, which it may add to any response (SMPP 5.0 §4.8.4.18).
import { HEADER_OCTETS, RESPONSE_BIT } from './command-id.js';
import { findTlv } from './tlv.js';

const CONGESTION_STATE = 0x0428;
/** Idle to congested. */
const MAX_STATE = 100;

const SUBMIT_SM_RESP = RESPONSE_BIT + 0x04;
const DATA_SM_RESP = RESPONSE_BIT + 0x103;

/** 0 to 100; null when the response says nothing about it, or nothing that makes sense. */
export function readCongestionState(octets: Buffer, start: number, end: number): number | null {
  const body = start + HEADER_OCTETS;
  if (end - body < 5) return null; // most responses: no room for it
  const commandId = octets.readUInt32BE(start + 4);
  const hasMessageId = commandId === SUBMIT_SM_RESP || commandId === DATA_SM_RESP;
  const value = findTlv(
    octets,
    hasMessageId ? afterMessageId(octets, body, end) : body,
    end,
    CONGESTION_STATE,
  );
  const state = value?.length === 1 ? value[0] : undefined;
  return state === undefined || state > MAX_STATE ? null : state;
}

/** A refusal may have no message_id at all (§4.4.2): then the TLVs begin at once, with 04. */
function afterMessageId(octets: Buffer, body: number, end: number): number {
  if (octets.readUInt16BE(body) === CONGESTION_STATE) return body;
  let at = body;
  while (at < end && octets[at] !== 0) at++;
  return at + 1;
}
