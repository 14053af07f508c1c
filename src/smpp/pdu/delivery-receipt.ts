// Reads a delivery receipt out of a deliver_sm or data_sm. The text form is "vendor specific" by the
// specification's own word (SMPP 3.4 Appendix B), so every label stands alone and none is required.
// TLVs win over text. Text is read as Latin-1 whatever data_coding says: SMPPSim copies it from the
// message (fixture smppsim-ucs2). What follows `text:` is what a person wrote: never parsed, never kept.
import type { ReceiptState } from '../../message/message.events.js';
import { type DeliverSm, TLV_TAG } from './deliver-sm.js';
import { MAX_MESSAGE_ID } from './submit-sm.js';

export type DeliveryReceipt =
  | { readonly isReceipt: false }
  | {
      readonly isReceipt: true;
      /** Null when neither TLV nor text names it: the receipt cannot be matched. */
      readonly smscMessageId: string | null;
      /** Null when the receipt names no state we know: it proves nothing. */
      readonly state: ReceiptState | null;
      /** The SMSC's error code: the text's, or `type:code` of the TLV network_error_code. */
      readonly networkError: string | null;
      /** As it came: YYMMDDhhmm[ss] in the SMSC's local time. */
      readonly doneDate: string | null;
      /** The receipt's text up to the person's text; empty when there is none. */
      readonly raw: string;
      /** False while the SMSC may still send another receipt for this message. */
      readonly final: boolean;
    };

const NOT_A_RECEIPT: DeliveryReceipt = { isReceipt: false };

/** Receipts end long before this; a message_payload can have 65,535 octets. */
const MAX_RECEIPT_OCTETS = 1024;

// SMPP 3.4 §5.2.12, bits 5-2 of esm_class.
const ESM_RECEIPT = 0x04;
const ESM_INTERMEDIATE = 0x20;

// SMPP 3.4 §5.2.28; 0 and 9 are of SMPP 5.0 §4.7.15: SCHEDULED still waits, SKIPPED is final.
const STATE_BY_TLV: readonly ReceiptState[] = [
  'enroute',
  'enroute',
  'delivered',
  'expired',
  'deleted',
  'undeliverable',
  'accepted',
  'unknown',
  'rejected',
  'undeliverable',
];

// Appendix B, plus the words Kannel knows (ACKED, BUFFRED, BUFFERD) and the unshortened ones.
const STATE_BY_WORD: ReadonlyMap<string, ReceiptState> = new Map<string, ReceiptState>([
  ['DELIVRD', 'delivered'],
  ['DELIVERED', 'delivered'],
  ['EXPIRED', 'expired'],
  ['DELETED', 'deleted'],
  ['UNDELIV', 'undeliverable'],
  ['UNDELIVERABLE', 'undeliverable'],
  ['UNDELIVERED', 'undeliverable'],
  ['SKIPPED', 'undeliverable'],
  ['ACCEPTD', 'accepted'],
  ['ACCEPTED', 'accepted'],
  ['UNKNOWN', 'unknown'],
  ['REJECTD', 'rejected'],
  ['REJECTED', 'rejected'],
  ['ENROUTE', 'enroute'],
  ['ACKED', 'enroute'],
  ['BUFFRED', 'enroute'],
  ['BUFFERD', 'enroute'],
  ['BUFFERED', 'enroute'],
  ['SCHEDULED', 'enroute'],
]);

/**
 * A message is a receipt when esm_class says so, or when both receipt TLVs are there, which a phone
 * cannot send. Text alone proves nothing: anybody can text `id:1 stat:DELIVRD`.
 */
export function readDeliveryReceipt(pdu: DeliverSm): DeliveryReceipt {
  const stateTlv = pdu.tlvLastOctet(TLV_TAG.message_state); // one octet; more are padding on the left
  const idTlv = pdu.tlvText(TLV_TAG.receipted_message_id);
  const isMarked = (pdu.esmClass & (ESM_RECEIPT | ESM_INTERMEDIATE)) !== 0 && (pdu.esmClass & 0x18) === 0;
  if (!isMarked && (stateTlv === undefined || idTlv === undefined)) return NOT_A_RECEIPT;

  const text = readText(pdu.latin1Text(MAX_RECEIPT_OCTETS));
  const claimed = (stateTlv === undefined ? undefined : STATE_BY_TLV[stateTlv]) ?? text.state;
  const intermediate = (pdu.esmClass & ESM_INTERMEDIATE) !== 0;
  const state = intermediate ? notFinal(claimed) : claimed;
  return {
    isReceipt: true,
    smscMessageId: filled(idTlv) ?? text.id,
    state,
    networkError: networkErrorOf(pdu) ?? text.error,
    doneDate: text.doneDate,
    raw: text.raw,
    final: state !== null && state !== 'enroute' && state !== 'accepted',
  };
}

/** An intermediate notification tells of a try, not of an end, whatever its state says (§5.2.12). */
function notFinal(claimed: ReceiptState | null): ReceiptState {
  return claimed === 'accepted' ? 'accepted' : 'enroute';
}

// SMPP 3.4 §5.3.2.31: network type and a 16-bit code; some SMSCs send three ASCII digits (Kannel).
function networkErrorOf(pdu: DeliverSm): string | null {
  const value = pdu.tlv(TLV_TAG.network_error_code);
  if (value?.length !== 3) return null;
  if (value.every((octet) => octet >= 0x30 && octet <= 0x39)) return value.toString('latin1');
  return `${String(value.readUInt8(0))}:${String(value.readUInt16BE(1))}`;
}

interface ReceiptText {
  id: string | null;
  state: ReceiptState | null;
  error: string | null;
  doneDate: string | null;
  raw: string;
}

type Label = 'id' | 'sub' | 'dlvrd' | 'submit date' | 'done date' | 'stat' | 'err' | 'text';

/** Labels by their last letter, longest first; the index is the letter's place in the alphabet. */
const LABELS_BY_LAST_LETTER: readonly (readonly Label[] | undefined)[] = Object.assign([], {
  [0x02]: ['sub'],
  [0x04]: ['dlvrd', 'id'],
  [0x05]: ['submit date', 'done date'],
  [0x12]: ['err'],
  [0x14]: ['stat', 'text'],
});

/** One pass over the colons: a label's value reaches to the next label; the first of each counts. */
function readText(whole: string): ReceiptText {
  const found: ReceiptText = { id: null, state: null, error: null, doneDate: null, raw: '' };
  let open: Label | null = null;
  let valueStart = 0;
  let end = whole.length;
  for (let colon = whole.indexOf(':'); colon !== -1; colon = whole.indexOf(':', colon + 1)) {
    const label = labelBefore(whole, colon);
    if (label === null) continue;
    const labelStart = colon - label.length;
    if (open !== null) setField(found, open, whole, valueStart, labelStart);
    open = label;
    valueStart = colon + 1;
    if (label === 'text') {
      end = labelStart;
      break;
    }
  }
  if (open === null) return found; // no label at all: it may be anything, a person's text included
  if (open !== 'text') setField(found, open, whole, valueStart, end);
  found.raw = printable(whole.slice(0, end).trimEnd());
  return found;
}

function labelBefore(text: string, colon: number): Label | null {
  const candidates = LABELS_BY_LAST_LETTER[text.charCodeAt(colon - 1) & 0x1f];
  if (candidates === undefined) return null;
  for (const label of candidates) {
    const start = colon - label.length;
    if (start >= 0 && endsWord(text, start) && standsAt(text, start, label)) return label;
  }
  return null;
}

/** Whether `label` stands at `start`, in either case. No strings are made: this runs per colon. */
function standsAt(text: string, start: number, label: Label): boolean {
  for (let index = 0; index < label.length; index++) {
    if ((text.charCodeAt(start + index) | 0x20) !== label.charCodeAt(index)) return false;
  }
  return true;
}

/** Whether a word may begin at `start`, so that `msgid:` is not taken for `id:`. */
function endsWord(text: string, start: number): boolean {
  if (start === 0) return true;
  const before = text.charCodeAt(start - 1) | 0x20;
  return before < 0x61 || before > 0x7a;
}

function setField(found: ReceiptText, label: Label, text: string, start: number, end: number): void {
  switch (label) {
    case 'id':
      found.id ??= firstWord(text, start, end);
      break;
    case 'stat':
      found.state ??= stateOfWord(firstWord(text, start, end));
      break;
    case 'err':
      found.error ??= firstWord(text, start, end);
      break;
    case 'done date':
      found.doneDate ??= firstWord(text, start, end);
      // ksmppd writes no `stat:` label but puts the word behind the date (fixture ksmppd).
      found.state ??= stateOfWord(lastWord(text, start, end));
      break;
    default:
  }
}

function stateOfWord(word: string | null): ReceiptState | null {
  return word === null ? null : (STATE_BY_WORD.get(word.toUpperCase()) ?? null);
}

/** First word of text[start, end) without quotes around it, cut as ids are; null when there is none. */
function firstWord(text: string, start: number, end: number): string | null {
  let from = start;
  while (from < end && isGap(text.charCodeAt(from))) from++;
  let to = from;
  while (to < end && !isGap(text.charCodeAt(to))) to++;
  return to === from ? null : text.slice(from, Math.min(to, from + MAX_MESSAGE_ID));
}

function lastWord(text: string, start: number, end: number): string | null {
  let to = end;
  while (to > start && isGap(text.charCodeAt(to - 1))) to--;
  let from = to;
  while (from > start && !isGap(text.charCodeAt(from - 1))) from--;
  return to === from ? null : text.slice(from, to);
}

/** White space, control characters, both quotes, comma and semicolon end a value. */
function isGap(code: number): boolean {
  return code <= 0x20 || code === 0x22 || code === 0x27 || code === 0x2c || code === 0x3b;
}

function filled(text: string | undefined): string | null {
  const trimmed = text?.trim().slice(0, MAX_MESSAGE_ID) ?? '';
  return trimmed === '' ? null : trimmed;
}

/** Evidence ends in JSON columns and logs, neither of which takes control characters well. */
function printable(text: string): string {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if ((code & 0x60) === 0 || code === 0x7f) return text.replace(/\p{Cc}/gu, ' ');
  }
  return text;
}
