// Writes PDUs one behind the other into one buffer, so that all answers to one chunk leave in
// one write.
import { CommandId, INTERFACE_VERSION_3_4, RESPONSE_BIT, Tlv } from './pdu.js';

/** Holds the answers to one full read of 64 KiB; grows when receipts pile up on top. */
const INITIAL_OCTETS = 64 * 1024;

export interface TlvToWrite {
  readonly tag: number;
  readonly value: Buffer;
}

/** SMPP 3.4 §4.12.1. */
export interface AlertNotification {
  readonly source: string;
  readonly destination: string;
  readonly status?: number | undefined;
}

export interface DeliverSm {
  /** At most 5 characters. Absent: empty. */
  readonly serviceType?: string;
  readonly sourceTon: number;
  readonly sourceNpi: number;
  readonly source: string;
  readonly destinationTon: number;
  readonly destinationNpi: number;
  readonly destination: string;
  readonly esmClass: number;
  readonly dataCoding: number;
  /** Latin-1 text, or octets as they are; at most 254. */
  readonly shortMessage: string | Buffer;
  /** TLVs of a receipt; absent when the settings leave them out. */
  readonly receipted?: { readonly messageId: string; readonly state: number; readonly networkError?: number };
  /** Whatever else a test wants beside it. */
  readonly tlvs?: readonly TlvToWrite[];
}

export class PduWriter {
  /** False: the peer speaks SMPP 3.3, which has none and cannot skip what it does not know (3.4 §3.4). */
  hasTlvs = true;
  private buffer = Buffer.allocUnsafeSlow(INITIAL_OCTETS);
  private length = 0;

  get pendingOctets(): number {
    return this.length;
  }

  /** What was written since the last call, as a buffer of its own. */
  take(): Buffer {
    const taken = Buffer.from(this.buffer.subarray(0, this.length));
    this.length = 0;
    return taken;
  }

  /** A PDU without a body; also every response whose status is not ESME_ROK. */
  header(commandId: number, status: number, sequenceNumber: number): void {
    this.reserve(16);
    this.uint32(16);
    this.uint32(commandId);
    this.uint32(status);
    this.uint32(sequenceNumber);
  }

  /**
   * submit_sm_resp, or data_sm_resp, which begins the same.
   * @param congestionState 0 to 100, as SMPP 5.0 adds it; null: left out
   */
  submitSmResp(
    sequenceNumber: number,
    messageId: string,
    congestionState: number | null,
    responseId = RESPONSE_BIT + CommandId.SUBMIT_SM,
  ): void {
    const start = this.begin(responseId, 0, sequenceNumber, messageId.length + 6);
    this.cString(messageId);
    if (congestionState !== null && this.hasTlvs) this.octetTlv(Tlv.CONGESTION_STATE, congestionState);
    this.end(start);
  }

  /** SMPP 3.4 §4.12. It has no response. */
  alertNotification(sequenceNumber: number, { source, destination, status }: AlertNotification): void {
    const bodyOctets = source.length + destination.length + 11;
    const start = this.begin(CommandId.ALERT_NOTIFICATION, 0, sequenceNumber, bodyOctets);
    for (const address of [source, destination]) {
      this.octet(1); // international
      this.octet(1); // E.164
      this.cString(address);
    }
    if (status !== undefined && this.hasTlvs) this.octetTlv(Tlv.MS_AVAILABILITY_STATUS, status);
    this.end(start);
  }

  /** SMPP 3.4 §4.8.2. */
  querySmResp(
    sequenceNumber: number,
    messageId: string,
    finalDate: string,
    messageState: number,
    errorCode: number,
  ): void {
    const bodyOctets = messageId.length + finalDate.length + 4;
    const start = this.begin(RESPONSE_BIT + CommandId.QUERY_SM, 0, sequenceNumber, bodyOctets);
    this.cString(messageId);
    this.cString(finalDate);
    this.octet(messageState);
    this.octet(errorCode);
    this.end(start);
  }

  /** SMPP 3.4 §4.1.2, with sc_interface_version so that the ESME may use TLVs (§3.4). */
  bindResp(commandId: number, sequenceNumber: number, systemId: string): void {
    const start = this.begin(commandId + RESPONSE_BIT, 0, sequenceNumber, systemId.length + 6);
    this.cString(systemId);
    if (this.hasTlvs) this.octetTlv(Tlv.SC_INTERFACE_VERSION, INTERFACE_VERSION_3_4);
    this.end(start);
  }

  deliverSm(sequenceNumber: number, deliver: DeliverSm): void {
    const message = deliver.shortMessage;
    const receipted = this.hasTlvs ? deliver.receipted : undefined;
    const idOctets = receipted === undefined ? 0 : receipted.messageId.length;
    const tlvs = this.hasTlvs ? (deliver.tlvs ?? []) : [];
    const serviceType = deliver.serviceType ?? '';
    const tlvOctets = tlvs.reduce((sum, { value }) => sum + 4 + value.length, serviceType.length);
    // Fixed fields, NULs and TLV headers come to 44 octets.
    const bodyOctets =
      44 + tlvOctets + deliver.source.length + deliver.destination.length + message.length + idOctets;
    const start = this.begin(CommandId.DELIVER_SM, 0, sequenceNumber, bodyOctets);
    this.cString(serviceType);
    this.octet(deliver.sourceTon);
    this.octet(deliver.sourceNpi);
    this.cString(deliver.source);
    this.octet(deliver.destinationTon);
    this.octet(deliver.destinationNpi);
    this.cString(deliver.destination);
    this.octet(deliver.esmClass);
    this.zeros(6); // protocol_id … replace_if_present_flag, both times empty
    this.octet(deliver.dataCoding);
    this.octet(0); // sm_default_msg_id
    this.octet(message.length);
    this.octets(message);
    if (receipted !== undefined) {
      this.tlv(Tlv.RECEIPTED_MESSAGE_ID, idOctets + 1);
      this.cString(receipted.messageId);
      this.tlv(Tlv.MESSAGE_STATE, 1);
      this.octet(receipted.state);
      if (receipted.networkError !== undefined) this.networkError(receipted.networkError);
    }
    for (const { tag, value } of tlvs) {
      this.tlv(tag, value.length);
      this.octets(value);
    }
    this.end(start);
  }

  /** SMPP 3.4 §5.3.2.31: network type 3 is GSM. */
  private networkError(code: number): void {
    this.tlv(Tlv.NETWORK_ERROR_CODE, 3);
    this.octet(3);
    this.octet(code >>> 8);
    this.octet(code & 0xff);
  }

  private begin(commandId: number, status: number, sequenceNumber: number, bodyOctets: number): number {
    this.reserve(16 + bodyOctets);
    const start = this.length;
    this.header(commandId, status, sequenceNumber);
    return start;
  }

  private end(start: number): void {
    this.buffer.writeUInt32BE(this.length - start, start);
  }

  private reserve(octets: number): void {
    if (this.length + octets <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.length + octets));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  private tlv(tag: number, octets: number): void {
    this.octet(tag >>> 8);
    this.octet(tag & 0xff);
    this.octet(octets >>> 8);
    this.octet(octets & 0xff);
  }

  private octetTlv(tag: number, value: number): void {
    this.tlv(tag, 1);
    this.octet(value);
  }

  private octet(value: number): void {
    this.buffer[this.length++] = value;
  }

  private uint32(value: number): void {
    this.length = this.buffer.writeUInt32BE(value, this.length);
  }

  private zeros(count: number): void {
    for (let n = 0; n < count; n += 1) this.octet(0);
  }

  private octets(value: string | Buffer): void {
    if (typeof value === 'string') this.length += this.buffer.write(value, this.length, 'latin1');
    else this.length += value.copy(this.buffer, this.length);
  }

  private cString(value: string): void {
    this.length += this.buffer.write(value, this.length, 'latin1');
    this.octet(0);
  }
}
