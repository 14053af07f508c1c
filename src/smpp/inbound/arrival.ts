// A deliver_sm or data_sm that is no receipt → what it says. Octets are copied: the PDU shares memory
// with the socket. Never throws; what cannot be understood is kept as it came.
import type { CountryCode } from 'libphonenumber-js/max';
import { uuidOf } from '../../clock/ids.js';
import type { ReceiveMessage } from '../../message/conversation.decider.js';
import { alphabetOf } from '../../message/inbound-text.js';
import type { DefaultAlphabet } from '../../message/short-message.js';
import type { InboundKind, Ussd } from '../../message/inbound.events.js';
import { COMMAND_ID, HEADER_OCTETS } from '../pdu/command-id.js';
import { type DeliverSm, TLV_TAG } from '../pdu/deliver-sm.js';
import { partyOf } from './party.js';
import { type PartPlace, placeOf, readUserDataHeader } from './user-data-header.js';

export interface ArrivalOptions {
  readonly connector: string;
  /** Connectors of one SMSC share it: repeats and parts may come over any of them. */
  readonly group: string;
  readonly defaultAlphabet: DefaultAlphabet;
  /** Of numbers that come in national form; null: they stay as they are. */
  readonly country: CountryCode | null;
}

/** What the wire says; the rest of the command is added when it is decided on. */
export type Arrival = Omit<
  ReceiveMessage,
  'type' | 'at' | 'inboundId' | 'partsTimeoutSeconds' | 'repeatSeconds'
>;

// SMPP 3.4 §5.2.12: bits 5-2 are the message type, bit 6 says that a user data header is there.
const ESM_TYPE = 0x3c;
const ESM_UDHI = 0x40;
const KINDS: ReadonlyMap<number, InboundKind> = new Map([
  [0x00, 'message'],
  [0x08, 'delivery-acknowledgement'],
  [0x10, 'user-acknowledgement'],
  [0x18, 'abort'],
]);

// SMPP 3.4 §5.3.2.
const TLV = {
  user_message_reference: 0x0204,
  sar_msg_ref_num: 0x020c,
  sar_total_segments: 0x020e,
  sar_segment_seqnum: 0x020f,
  ussd_service_op: 0x0501,
  its_session_info: 0x1383,
} as const;

/** SMPP 3.4 §5.2.11. */
const USSD_SERVICE_TYPE = 'USSD';

const MAX_SERVICE_TYPE_OCTETS = 6;

export function readArrival(pdu: DeliverSm, options: ArrivalOptions): Arrival {
  const { connector, group, country } = options;
  const userData = pdu.shortMessage;
  const header = (pdu.esmClass & ESM_UDHI) === 0 ? { octets: 0, partOf: null } : readUserDataHeader(userData);
  const serviceType = serviceTypeOf(pdu);
  const ussd = ussdOf(pdu);
  const smscMessageId = pdu.tlvText(TLV_TAG.receipted_message_id) ?? null;
  const partOf = header.partOf ?? sarPlace(pdu);
  const octetsHex = userData.toString('hex');
  const named = smscMessageId === '' ? null : smscMessageId;
  // A menu is answered with the same digit again and again: only its session tells repeats apart.
  const isUssd = ussd !== null || serviceType === USSD_SERVICE_TYPE;
  const isUnnumberedUssd = isUssd && !ussd?.session && partOf === null && named === null;
  return {
    connector,
    group,
    to: partyOf(pdu.destAddr, pdu.destTon, country),
    from: partyOf(pdu.sourceAddr, pdu.sourceTon, country),
    sourceAddr: pdu.sourceAddr,
    kind: KINDS.get(pdu.esmClass & ESM_TYPE) ?? 'other',
    alphabet: alphabetOf(pdu.dataCoding, options.defaultAlphabet),
    ussd,
    evidence: {
      pdu: pdu.commandId === COMMAND_ID.data_sm ? 'data_sm' : 'deliver_sm',
      serviceType,
      sourceTon: pdu.sourceTon,
      sourceNpi: pdu.sourceNpi,
      destTon: pdu.destTon,
      destNpi: pdu.destNpi,
      destAddr: pdu.destAddr,
      esmClass: pdu.esmClass,
      dataCoding: pdu.dataCoding,
      headerOctets: header.octets,
      smscMessageId: named,
    },
    contentId: isUnnumberedUssd ? null : contentIdOf(pdu, group, named, { octetsHex, ussd, partOf }),
    octetsHex,
    partOf,
  };
}

/** Equal for copies of one message: the SMSC's own name for it where it gives one, else all it says. */
function contentIdOf(
  pdu: DeliverSm,
  group: string,
  smscMessageId: string | null,
  { octetsHex, ussd, partOf }: { octetsHex: string; ussd: Ussd | null; partOf: PartPlace | null },
): string {
  const content =
    smscMessageId === null
      ? [pdu.esmClass, pdu.dataCoding, octetsHex, ussd, hexOf(pdu, TLV.user_message_reference)]
      : [smscMessageId];
  return uuidOf(JSON.stringify(['inbound', group, pdu.sourceAddr, pdu.destAddr, partOf, ...content]));
}

/** All three or none (SMPP 3.4 §5.3.2.22-24). */
function sarPlace(pdu: DeliverSm): PartPlace | null {
  const reference = pdu.tlv(TLV.sar_msg_ref_num);
  if (reference?.length !== 2) return null;
  const total = pdu.tlvLastOctet(TLV.sar_total_segments);
  return placeOf('sar', reference.readUInt16BE(0), total, pdu.tlvLastOctet(TLV.sar_segment_seqnum));
}

function ussdOf(pdu: DeliverSm): Ussd | null {
  const serviceOp = pdu.tlvLastOctet(TLV.ussd_service_op) ?? null;
  const info = pdu.tlv(TLV.its_session_info);
  const second = info?.[1];
  const session =
    info?.length === 2 && second !== undefined
      ? { number: info.readUInt8(0), sequence: second >> 1, isEnd: (second & 1) === 1 }
      : null;
  return serviceOp === null && session === null ? null : { serviceOp, session };
}

/** The first field of the body (SMPP 3.4 §4.6.1, §4.7.1), a C-octet string. */
function serviceTypeOf({ octets }: DeliverSm): string {
  const from = HEADER_OCTETS;
  const nul = octets.indexOf(0, from);
  return octets.toString('latin1', from, Math.min(nul === -1 ? from : nul, from + MAX_SERVICE_TYPE_OCTETS));
}

function hexOf(pdu: DeliverSm, tag: number): string | null {
  return pdu.tlv(tag)?.toString('hex') ?? null;
}
