// Octets of SMPP PDUs, written and cut as plainly as can be. A third codec on purpose: it shares
// nothing with src/smpp, src/simulators or npm smpp, so that it can testify about all of them.

/** command_id values, SMPP 3.4 §5.1.2.1. */
export const ID = {
  bind_receiver: 0x01,
  bind_transmitter: 0x02,
  query_sm: 0x03,
  submit_sm: 0x04,
  deliver_sm: 0x05,
  unbind: 0x06,
  replace_sm: 0x07,
  cancel_sm: 0x08,
  bind_transceiver: 0x09,
  outbind: 0x0b,
  enquire_link: 0x15,
  submit_multi: 0x21,
  alert_notification: 0x0102,
  data_sm: 0x0103,
  generic_nack: 0x80000000,
} as const;

export const RESPONSE = 0x80000000;

export interface Header {
  readonly length: number;
  readonly id: number;
  readonly status: number;
  readonly sequence: number;
}

export function pduOf(id: number, status: number, sequence: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(16);
  [16 + body.length, id, status, sequence].forEach((value, nth) =>
    header.writeUInt32BE(value >>> 0, nth * 4),
  );
  return Buffer.concat([header, body]);
}

export function headerOf(pdu: Buffer): Header {
  return {
    length: pdu.readUInt32BE(0),
    id: pdu.readUInt32BE(4),
    status: pdu.readUInt32BE(8),
    sequence: pdu.readUInt32BE(12),
  };
}

export function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'latin1');
}

export function tlv(tag: number, value: Uint8Array, claimedOctets = value.length): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(tag & 0xffff, 0);
  head.writeUInt16BE(claimedOctets & 0xffff, 2);
  return Buffer.concat([head, value]);
}

/** What a stream holds, by the letter of §3.2: whole PDUs, then a bad command_length or a rest. */
export interface Cut {
  readonly pdus: readonly Buffer[];
  readonly badLength: number | null;
  readonly rest: Buffer;
}

export function cutStream(stream: Buffer, maxPduOctets: number): Cut {
  const pdus: Buffer[] = [];
  let at = 0;
  while (stream.length - at >= 4) {
    const length = stream.readUInt32BE(at);
    if (length < 16 || length > maxPduOctets) return { pdus, badLength: length, rest: stream.subarray(at) };
    if (stream.length - at < length) break;
    pdus.push(stream.subarray(at, at + length));
    at += length;
  }
  return { pdus, badLength: null, rest: stream.subarray(at) };
}
