// deliver_sm (SMPP 3.4 §4.6) and data_sm (§4.7) from the SMSC. Reading is bounded by the PDU,
// never throws, and keeps the octets: data_coding of a receipt says nothing true about its text.
import { COMMAND_ID, HEADER_OCTETS } from './command-id.js';
import { STATUS } from './command-status.js';

export const TLV_TAG = {
  receipted_message_id: 0x001e,
  network_error_code: 0x0423,
  message_payload: 0x0424,
  message_state: 0x0427,
} as const;

export interface Tlv {
  readonly tag: number;
  readonly value: Buffer;
}

interface DeliverFields {
  readonly sourceTon: number;
  readonly sourceNpi: number;
  readonly sourceAddr: string;
  readonly destTon: number;
  readonly destNpi: number;
  readonly destAddr: string;
  readonly esmClass: number;
  readonly dataCoding: number;
}

export class DeliverSm {
  readonly sourceTon: number;
  readonly sourceNpi: number;
  readonly sourceAddr: string;
  readonly destTon: number;
  readonly destNpi: number;
  readonly destAddr: string;
  readonly esmClass: number;
  readonly dataCoding: number;

  /** Made by readDeliverSm, which has checked every bound. */
  constructor(
    readonly commandId: typeof COMMAND_ID.deliver_sm | typeof COMMAND_ID.data_sm,
    readonly sequenceNumber: number,
    fields: DeliverFields,
    private readonly source: Buffer,
    private readonly start: number,
    private readonly end: number,
    private readonly messageStart: number,
    private readonly messageEnd: number,
  ) {
    this.sourceTon = fields.sourceTon;
    this.sourceNpi = fields.sourceNpi;
    this.sourceAddr = fields.sourceAddr;
    this.destTon = fields.destTon;
    this.destNpi = fields.destNpi;
    this.destAddr = fields.destAddr;
    this.esmClass = fields.esmClass;
    this.dataCoding = fields.dataCoding;
  }

  /** The whole PDU as it came. Shares memory with the socket's chunk: copy it to keep it long. */
  get octets(): Buffer {
    return this.source.subarray(this.start, this.end);
  }

  /** The text's octets: short_message, or message_payload when that is empty. */
  get shortMessage(): Buffer {
    if (this.messageEnd > this.messageStart) return this.source.subarray(this.messageStart, this.messageEnd);
    return this.tlv(TLV_TAG.message_payload) ?? this.source.subarray(this.messageStart, this.messageEnd);
  }

  /**
   * The text of a receipt, of at most `maxOctets`: as Latin-1, which keeps every octet, or as UCS-2
   * where every other octet is NUL. data_coding is not asked: it is the message's as often as not.
   */
  receiptText(maxOctets: number): string {
    const octets = this.messageEnd - this.messageStart;
    if (octets > 0) {
      const end = this.messageStart + Math.min(octets, maxOctets);
      return textOf(this.source, this.messageStart, end);
    }
    const payload = this.tlv(TLV_TAG.message_payload);
    return payload === undefined ? '' : textOf(payload, 0, Math.min(payload.length, maxOctets));
  }

  /** Value of the first TLV with this tag; TLVs that would reach beyond the PDU do not exist. */
  tlv(tag: number): Buffer | undefined {
    const at = this.findTlv(tag);
    return at === -1 ? undefined : this.source.subarray(at, this.tlvEnd(at));
  }

  /** The last octet of that value: the number, when it has one octet. */
  tlvLastOctet(tag: number): number | undefined {
    const at = this.findTlv(tag);
    const end = at === -1 ? at : this.tlvEnd(at);
    return end > at ? this.source[end - 1] : undefined;
  }

  /** That value as Latin-1 up to its NUL, which may be missing. */
  tlvText(tag: number): string | undefined {
    const at = this.findTlv(tag);
    if (at === -1) return undefined;
    const end = this.tlvEnd(at);
    let to = at;
    while (to < end && this.source[to] !== 0) to++;
    return this.source.toString('latin1', at, to);
  }

  tlvs(): readonly Tlv[] {
    const tlvs: Tlv[] = [];
    let at = this.messageEnd;
    while (at + 4 <= this.end) {
      const valueEnd = at + 4 + this.source.readUInt16BE(at + 2);
      if (valueEnd > this.end) break;
      tlvs.push({ tag: this.source.readUInt16BE(at), value: this.source.subarray(at + 4, valueEnd) });
      at = valueEnd;
    }
    return tlvs;
  }

  /** Where the value of the first TLV with this tag begins; -1 without one. */
  private findTlv(tag: number): number {
    let at = this.messageEnd + 4;
    while (at <= this.end) {
      const valueEnd = this.tlvEnd(at);
      if (valueEnd > this.end) return -1;
      if (this.source.readUInt16BE(at - 4) === tag) return at;
      at = valueEnd + 4;
    }
    return -1;
  }

  /** Where the value that begins at `valueAt` ends, by its own word. */
  private tlvEnd(valueAt: number): number {
    return valueAt + this.source.readUInt16BE(valueAt - 2);
  }
}

/** A body that cannot be read: answer with this status. */
export interface DeliverFault {
  readonly commandStatus: number;
}

/**
 * TON, NPI and an address: deliver_sm allows 21 octets, data_sm 65 (§4.7.1), NUL included. Some SMSCs
 * take the larger one for both; what is longer is no address and would be kept for good.
 */
const MAX_ADDRESS_FIELD = 2 + 65;

/** Reads the deliver_sm or data_sm at octets[start, end), whose header has been read as such. */
export function readDeliverSm(octets: Buffer, start: number, end: number): DeliverSm | DeliverFault {
  const isDataSm = octets.readUInt32BE(start + 4) === COMMAND_ID.data_sm;
  const sourceAt = skipText(octets, start + HEADER_OCTETS, end); // service_type
  const destAt = skipText(octets, sourceAt + 2, end);
  const classAt = skipText(octets, destAt + 2, end);
  // data_sm: esm_class, registered_delivery, data_coding. deliver_sm: esm_class, protocol_id,
  // priority_flag, two time strings, four octets, sm_length, short_message.
  const timesAt = classAt + 3;
  const flagsAt = isDataSm ? timesAt : skipText(octets, skipText(octets, timesAt, end), end);
  const messageAt = isDataSm ? flagsAt : flagsAt + 5;
  if (messageAt > end) return { commandStatus: STATUS.ESME_RINVCMDLEN };
  const messageEnd = isDataSm ? messageAt : messageAt + octetAt(octets, messageAt - 1);
  if (messageEnd > end) return { commandStatus: STATUS.ESME_RINVMSGLEN };
  if (destAt - sourceAt > MAX_ADDRESS_FIELD) return { commandStatus: STATUS.ESME_RINVSRCADR };
  if (classAt - destAt > MAX_ADDRESS_FIELD) return { commandStatus: STATUS.ESME_RINVDSTADR };
  return new DeliverSm(
    isDataSm ? COMMAND_ID.data_sm : COMMAND_ID.deliver_sm,
    octets.readUInt32BE(start + 12),
    {
      sourceTon: octetAt(octets, sourceAt),
      sourceNpi: octetAt(octets, sourceAt + 1),
      sourceAddr: octets.toString('latin1', sourceAt + 2, destAt - 1),
      destTon: octetAt(octets, destAt),
      destNpi: octetAt(octets, destAt + 1),
      destAddr: octets.toString('latin1', destAt + 2, classAt - 1),
      esmClass: octetAt(octets, classAt),
      dataCoding: octetAt(octets, isDataSm ? classAt + 2 : flagsAt + 2),
    },
    octets,
    start,
    end,
    messageAt,
    messageEnd,
  );
}

function textOf(octets: Buffer, start: number, end: number): string {
  if (end - start >= 4) {
    if (isNulThenAscii(octets, start) && isNulThenAscii(octets, start + 2)) {
      return ucs2Text(octets.subarray(start, end), true);
    }
    // A byte order mark, FE FF or FF FE, and the text behind it; or no mark and the other order.
    const mark = octets.readUInt16BE(start);
    if (mark === 0xfeff || mark === 0xfffe) return ucs2Text(octets.subarray(start + 2, end), mark === 0xfeff);
    if (isNulThenAscii(octets, start + 1) && (octets[start] ?? 0) >= 0x20) {
      return ucs2Text(octets.subarray(start, end), false);
    }
  }
  return octets.toString('latin1', start, end);
}

function isNulThenAscii(octets: Buffer, at: number): boolean {
  const next = octets[at + 1] ?? 0;
  return octets[at] === 0 && next >= 0x20 && next < 0x7f;
}

function ucs2Text(octets: Buffer, isBigEndian: boolean): string {
  const whole = octets.subarray(0, octets.length & ~1);
  return isBigEndian ? Buffer.from(whole).swap16().toString('utf16le') : whole.toString('utf16le');
}

/** Where the field after this C-octet string begins; beyond `end` when the string has no end. */
function skipText(octets: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && octets[at] !== 0) at++;
  return at < end ? at + 1 : end + 1;
}

function octetAt(octets: Buffer, at: number): number {
  return octets[at] ?? 0;
}
