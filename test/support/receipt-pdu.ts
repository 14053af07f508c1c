// Receipts as PDUs, from what a fixture or a spec says of them.
import { encodePdu } from '../../src/smpp/link.js';
import { DeliverSm, readDeliverSm } from '../../src/smpp/pdu/deliver-sm.js';
import type { DeliveryReceipt } from '../../src/smpp/pdu/delivery-receipt.js';
import type { ReceiptOptions } from '../../src/smpp/pdu/receipt-options.js';

export interface ReceiptFields {
  readonly pdu?: 'deliver_sm' | 'data_sm';
  readonly sourceAddr?: string;
  readonly destinationAddr?: string;
  readonly esmClass: number;
  readonly dataCoding: number;
  /** Latin-1; JSON escapes stand for octets that are not text. data_sm has none. */
  readonly shortMessage?: string;
  /** The same as octets in hex. */
  readonly shortMessageHex?: string;
  /** Tag in hex → value in hex. */
  readonly tlvs: Readonly<Record<string, string>>;
}

/** A file of test/fixtures/receipts. */
export interface ReceiptFixture extends ReceiptFields {
  /** As its file is named. */
  readonly dialect: string;
  /** Who writes it so, and where that is told. */
  readonly source: string;
  /** The connector's settings for it. */
  readonly options?: ReceiptOptions;
  /** The id of submit_sm_resp, as it may be written → as the receipt must name it. */
  readonly submitIds?: Readonly<Record<string, string>>;
  readonly expected: DeliveryReceipt;
}

export function receiptPdu(fields: ReceiptFields): DeliverSm {
  const { pdu = 'deliver_sm', shortMessage = '', shortMessageHex } = fields;
  const short_message =
    shortMessageHex === undefined ? Buffer.from(shortMessage, 'latin1') : Buffer.from(shortMessageHex, 'hex');
  const mandatory = encodePdu(pdu, 1, {
    source_addr: fields.sourceAddr ?? '447700900123',
    destination_addr: fields.destinationAddr ?? 'SureReach',
    esm_class: fields.esmClass,
    data_coding: fields.dataCoding,
    ...(pdu === 'deliver_sm' ? { short_message } : {}),
  });
  const tlvs = Object.entries(fields.tlvs).map(([tag, value]) => tlv(tag, Buffer.from(value, 'hex')));
  const octets = Buffer.concat([mandatory, ...tlvs]);
  const read = readDeliverSm(octets, 0, octets.length);
  if (!(read instanceof DeliverSm)) throw new Error('the fixture is not a deliver_sm');
  return read;
}

function tlv(tag: string, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(Number.parseInt(tag, 16), 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value]);
}
