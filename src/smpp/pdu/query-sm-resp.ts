// query_sm_resp, SMPP 3.4 §4.8.2: what the SMSC says of a message it was asked about.
import { HEADER_OCTETS } from './command-id.js';

export interface QuerySmResp {
  readonly smscMessageId: string;
  /** As it came: YYMMDDhhmmsstnnp, or the SMSC's local time (§7.1.1); null while it is not final. */
  readonly finalDate: string | null;
  /** §5.2.28 message_state. */
  readonly messageState: number;
  /** The network's or the SMSC's own code; 0: none. */
  readonly errorCode: number;
}

/** §5.2.23 and §7.1.1, with the NUL; longer text is no field of this PDU. */
const MESSAGE_ID_OCTETS = 65;
const TIME_OCTETS = 17;

/** The body of a whole query_sm_resp with ESME_ROK; null when it is cut or a field has no end. */
export function readQuerySmResp(pdu: Buffer): QuerySmResp | null {
  const idEnd = endOfText(pdu, HEADER_OCTETS, MESSAGE_ID_OCTETS);
  if (idEnd === null) return null;
  const dateEnd = endOfText(pdu, idEnd + 1, TIME_OCTETS);
  if (dateEnd === null || pdu.length < dateEnd + 3) return null;
  const finalDate = pdu.toString('latin1', idEnd + 1, dateEnd);
  return {
    smscMessageId: pdu.toString('latin1', HEADER_OCTETS, idEnd),
    finalDate: finalDate === '' ? null : finalDate,
    messageState: pdu.readUInt8(dateEnd + 1),
    errorCode: pdu.readUInt8(dateEnd + 2),
  };
}

function endOfText(pdu: Buffer, start: number, maxOctets: number): number | null {
  const end = pdu.indexOf(0, start);
  return end < 0 || end >= start + maxOctets ? null : end;
}
