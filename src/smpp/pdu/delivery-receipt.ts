// Reads a delivery receipt out of a deliver_sm or data_sm. TLVs win over text unless the connector's
// settings say otherwise. Never throws, whatever the octets. Text is read as Latin-1 whatever
// data_coding says: SMPPSim copies it from the message (fixture smppsim-ucs2).
import type { ReceiptState } from '../../message/message.events.js';
import { type DeliverSm, TLV_TAG } from './deliver-sm.js';
import { normaliseId } from './receipt-id.js';
import { DEFAULT_DIALECT, type ReceiptDialect } from './receipt-options.js';
import { readReceiptText, type ReceiptText } from './receipt-text.js';
import { MAX_MESSAGE_ID } from './submit-sm.js';

export type DeliveryReceipt =
  | { readonly isReceipt: false }
  | {
      readonly isReceipt: true;
      /** Null when neither TLV nor text names it: the receipt cannot be matched by it. */
      readonly smscMessageId: string | null;
      /** Null when the receipt names no state we know: it proves nothing. */
      readonly state: ReceiptState | null;
      /** The SMSC's error code: `type:code` of the TLV network_error_code, or the text's. */
      readonly networkError: string | null;
      /** As it came: YYMMDDhhmm[ss] in the SMSC's local time. */
      readonly doneDate: string | null;
      /** The same as ISO 8601 UTC; null when the SMSC's time zone is not known, or it is no date. */
      readonly doneAt: string | null;
      /** The receipt's text up to the person's text; empty when there is none. */
      readonly raw: string;
      /** False while the SMSC may still send another receipt for this message. */
      readonly final: boolean;
      /** The number of the phone as the SMSC wrote it; empty when it does not say. */
      readonly recipient: string;
    };

const NOT_A_RECEIPT: DeliveryReceipt = { isReceipt: false };

/** Receipts end long before this; a message_payload can have 65,535 octets. */
const MAX_RECEIPT_OCTETS = 1024;

// SMPP 3.4 §5.2.12, bits 5-2 of esm_class. 0x08, 0x10 and 0x18 are acknowledgements of a person or
// a phone, and the end of a conversation: no receipts.
const ESM_RECEIPT = 0x04;
const ESM_INTERMEDIATE = 0x20;
const ESM_ACKNOWLEDGEMENT = 0x18;

const NO_TEXT: ReceiptText = { id: null, state: null, error: null, doneDate: null, raw: '' };

/**
 * A message is a receipt when esm_class says so, or when both receipt TLVs are there, which a phone
 * cannot send. Text alone proves nothing: anybody can text `id:1 stat:DELIVRD`.
 */
export function readDeliveryReceipt(
  pdu: DeliverSm,
  dialect: ReceiptDialect = DEFAULT_DIALECT,
): DeliveryReceipt {
  const stateTlv = pdu.tlvLastOctet(TLV_TAG.message_state); // one octet; more are padding on the left
  const idTlv = pdu.tlvText(TLV_TAG.receipted_message_id);
  const isMarked =
    (pdu.esmClass & (ESM_RECEIPT | ESM_INTERMEDIATE)) !== 0 && (pdu.esmClass & ESM_ACKNOWLEDGEMENT) === 0;
  if (!isMarked && (stateTlv === undefined || idTlv === undefined)) return NOT_A_RECEIPT;

  const { useText, useTlvs, states } = dialect;
  const text = useText ? readReceiptText(pdu.receiptText(MAX_RECEIPT_OCTETS), dialect) : NO_TEXT;
  const told = useTlvs && stateTlv !== undefined ? states.ofNumber(stateTlv) : null;
  const claimed = told ?? text.state;
  const intermediate = (pdu.esmClass & ESM_INTERMEDIATE) !== 0;
  const state = intermediate ? notFinal(claimed) : claimed;
  const id = (useTlvs ? filled(idTlv) : null) ?? text.id;
  return {
    isReceipt: true,
    smscMessageId: id === null ? null : normaliseId(dialect.receiptIdBase, id),
    state,
    networkError: (useTlvs ? networkErrorOf(pdu) : null) ?? text.error,
    doneDate: text.doneDate,
    doneAt: text.doneDate === null ? null : dialect.time.instantOf(text.doneDate),
    raw: text.raw,
    final: state !== null && state !== 'enroute' && state !== 'accepted',
    recipient: recipientOf(pdu, dialect),
  };
}

function recipientOf(pdu: DeliverSm, { recipientIn }: ReceiptDialect): string {
  switch (recipientIn) {
    case 'source_addr':
      return pdu.sourceAddr;
    case 'destination_addr':
      return pdu.destAddr;
    case 'nowhere':
      return '';
  }
}

/** An intermediate notification tells of a try, not of an end, whatever its state says (§5.2.12). */
function notFinal(claimed: ReceiptState | null): ReceiptState {
  return claimed === 'accepted' ? 'accepted' : 'enroute';
}

// SMPP 3.4 §5.3.2.31: network type and a 16-bit code; some SMSCs send three ASCII digits (Kannel).
function networkErrorOf(pdu: DeliverSm): string | null {
  const value = pdu.tlv(TLV_TAG.network_error_code);
  if (value?.length !== 3) return null;
  const isDigits = value.every((octet) => octet >= 0x30 && octet <= 0x39);
  return isDigits ? value.toString('latin1') : `${String(value[0])}:${String(value.readUInt16BE(1))}`;
}

function filled(text: string | undefined): string | null {
  const trimmed = text?.trim().slice(0, MAX_MESSAGE_ID) ?? '';
  return trimmed === '' ? null : trimmed;
}
