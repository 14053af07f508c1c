// Reads a submit_sm or data_sm (SMPP 3.4 §4.4.1, §4.7.1) strictly: a field out of its limits gets the
// status the specification names for it. One instance is reused for all PDUs of a simulator.
import { CommandStatus, ESM_CLASS_UDHI, HEADER_OCTETS, Tlv } from './pdu.js';

// Field sizes of SMPP 3.4 §4.4.1, the closing NUL included.
const SERVICE_TYPE_OCTETS = 6;
const ADDRESS_OCTETS = 21;
const DATA_SM_ADDRESS_OCTETS = 65;
const TIME_OCTETS = 17;
/** §5.2.21: sm_length 255 is not allowed. */
const MAX_SHORT_MESSAGE_OCTETS = 254;

export class SubmitSm {
  buffer: Buffer = Buffer.alloc(0);
  sourceTon = 0;
  sourceNpi = 0;
  source = '';
  destinationTon = 0;
  destinationNpi = 0;
  destination = '';
  destinationStart = 0;
  destinationEnd = 0;
  esmClass = 0;
  registeredDelivery = 0;
  dataCoding = 0;
  /** The short message, or the message_payload when that carries the text; header included. */
  bodyStart = 0;
  bodyEnd = 0;

  private at = 0;
  private limit = 0;

  /** Takes the PDU apart. Returns ESME_ROK or what is wrong with it; the fields are then partial. */
  read(buffer: Buffer, start: number, end: number): number {
    const status = this.readAddresses(buffer, start, end, ADDRESS_OCTETS);
    return status === CommandStatus.ESME_ROK ? this.readMessage() : status;
  }

  /** The same of a data_sm, whose text is its message_payload. */
  readDataSm(buffer: Buffer, start: number, end: number): number {
    const status = this.readAddresses(buffer, start, end, DATA_SM_ADDRESS_OCTETS);
    if (status !== CommandStatus.ESME_ROK) return status;
    if (this.limit - this.at < 3) return CommandStatus.ESME_RINVCMDLEN;
    this.esmClass = this.octet();
    this.registeredDelivery = this.octet();
    this.dataCoding = this.octet();
    return this.readTlvs(0);
  }

  private readAddresses(buffer: Buffer, start: number, end: number, addressOctets: number): number {
    this.reset(buffer, start + HEADER_OCTETS, end);
    if (this.cString(SERVICE_TYPE_OCTETS) < 0) return CommandStatus.ESME_RINVSERTYP;
    this.sourceTon = this.octet();
    this.sourceNpi = this.octet();
    const sourceStart = this.at;
    const sourceEnd = this.cString(addressOctets);
    if (sourceEnd < 0) return CommandStatus.ESME_RINVSRCADR;
    this.source = buffer.toString('latin1', sourceStart, sourceEnd);
    this.destinationTon = this.octet();
    this.destinationNpi = this.octet();
    this.destinationStart = this.at;
    this.destinationEnd = this.cString(addressOctets);
    if (this.destinationEnd < 0) return CommandStatus.ESME_RINVDSTADR;
    this.destination = buffer.toString('latin1', this.destinationStart, this.destinationEnd);
    return this.destinationIsDigits() ? CommandStatus.ESME_ROK : CommandStatus.ESME_RINVDSTADR;
  }

  /** Octets of the user data header with its length octet; 0 when there is none. */
  headerOctets(): number {
    if ((this.esmClass & ESM_CLASS_UDHI) === 0 || this.bodyEnd === this.bodyStart) return 0;
    return Math.min((this.buffer[this.bodyStart] ?? 0) + 1, this.bodyEnd - this.bodyStart);
  }

  private reset(buffer: Buffer, at: number, limit: number): void {
    this.buffer = buffer;
    this.at = at;
    this.limit = limit;
    this.source = '';
    this.destination = '';
    this.destinationStart = at;
    this.destinationEnd = at;
    this.bodyStart = at;
    this.bodyEnd = at;
    this.esmClass = 0;
    this.registeredDelivery = 0;
    this.dataCoding = 0;
  }

  private readMessage(): number {
    this.esmClass = this.octet();
    this.at += 2; // protocol_id, priority_flag
    if (!this.time()) return CommandStatus.ESME_RINVSCHED;
    if (!this.time()) return CommandStatus.ESME_RINVEXPIRY;
    this.registeredDelivery = this.octet();
    this.at += 1; // replace_if_present_flag
    this.dataCoding = this.octet();
    this.at += 1; // sm_default_msg_id
    const length = this.octet();
    if (length > MAX_SHORT_MESSAGE_OCTETS) return CommandStatus.ESME_RINVMSGLEN;
    if (this.at + length > this.limit) return CommandStatus.ESME_RINVCMDLEN;
    this.bodyStart = this.at;
    this.bodyEnd = this.at + length;
    this.at += length;
    return this.readTlvs(length);
  }

  private readTlvs(shortMessageOctets: number): number {
    while (this.at < this.limit) {
      if (this.limit - this.at < 4) return CommandStatus.ESME_RINVCMDLEN;
      const tag = this.buffer.readUInt16BE(this.at);
      const length = this.buffer.readUInt16BE(this.at + 2);
      this.at += 4;
      if (length > this.limit - this.at) return CommandStatus.ESME_RINVCMDLEN;
      // §5.3.2.32: either short_message or message_payload carries the text, never both.
      if (tag === Tlv.MESSAGE_PAYLOAD) {
        if (shortMessageOctets > 0) return CommandStatus.ESME_RINVMSGLEN;
        this.bodyStart = this.at;
        this.bodyEnd = this.at + length;
      }
      this.at += length;
    }
    return CommandStatus.ESME_ROK;
  }

  /** 0 beyond the end: the length check of the short message then finds the PDU too short. */
  private octet(): number {
    return this.at < this.limit ? (this.buffer[this.at++] ?? 0) : ((this.at += 1), 0);
  }

  /** Skips a C-octet string; where its text ends, or -1 when no NUL stands within `maxOctets`. */
  private cString(maxOctets: number): number {
    const stop = Math.min(this.limit, this.at + maxOctets);
    for (let at = this.at; at < stop; at += 1) {
      if (this.buffer[at] === 0) {
        this.at = at + 1;
        return at;
      }
    }
    return -1;
  }

  /** §7.1.1: empty, or 16 characters. */
  private time(): boolean {
    const start = this.at;
    const end = this.cString(TIME_OCTETS);
    return end === start || end === start + TIME_OCTETS - 1;
  }

  private destinationIsDigits(): boolean {
    for (let at = this.destinationStart; at < this.destinationEnd; at += 1) {
      const octet = this.buffer[at] ?? 0;
      if (octet < 0x30 || octet > 0x39) return false;
    }
    return this.destinationEnd > this.destinationStart;
  }
}
