// A message → the submit_sm of each of its parts.
import type { KnownMessage } from '../message/message.js';
import { DATA_CODING, encodeParts } from '../message/short-message.js';
import { readSourceAddress } from '../message/source-address.js';
import type { SubmitSm } from './pdu/submit-sm.js';

/** SMPP 3.4 §5.2.5 addr_ton international, §5.2.6 addr_npi ISDN (E.164). */
const INTERNATIONAL = { ton: 1, npi: 1 } as const;

/** A sender that the intake would not have let in: left to the SMSC to judge. */
const UNKNOWN = { ton: 0, npi: 0 } as const;

/** §5.2.12: the short_message begins with a user data header. */
const UDH_INDICATOR = 0x40;

/** §5.2.17: a receipt for success and for failure. SMPPSim sends none for any other value. */
const RECEIPT_ALWAYS = 1;

const PRIORITY_FLAG = { high: 2, normal: 1, low: 0 } as const;

export class SubmitForm {
  /** All parts in order, index 0 is part 1. */
  submitSms(message: KnownMessage): readonly SubmitSm[] {
    const parts = encodeParts(message.text, message.encoding, referenceOf(message.messageId));
    const source = sourceOf(message.from);
    return parts.map((shortMessage) => ({
      serviceType: '',
      sourceTon: source.ton,
      sourceNpi: source.npi,
      sourceAddr: source.address,
      destTon: INTERNATIONAL.ton,
      destNpi: INTERNATIONAL.npi,
      destAddr: message.to.slice(1),
      esmClass: parts.length > 1 ? UDH_INDICATOR : 0,
      protocolId: 0,
      priorityFlag: PRIORITY_FLAG[message.priority],
      validityPeriod: '',
      registeredDelivery: RECEIPT_ALWAYS,
      dataCoding: DATA_CODING[message.encoding],
      shortMessage,
    }));
  }
}

/**
 * The octet that joins the parts on the phone: the same for every attempt of a message, so that
 * a part submitted later still fits the others. The last octet of the id is random.
 */
function referenceOf(messageId: string): number {
  return Number.parseInt(messageId.slice(-2), 16);
}

function sourceOf(from: string): { readonly address: string; readonly ton: number; readonly npi: number } {
  const source = readSourceAddress(from);
  return source.status === 'valid' ? source : { address: from, ...UNKNOWN };
}
