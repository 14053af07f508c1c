// Cuts a byte stream into PDUs without copying those that arrived whole. Says so when a
// command_length cannot be true; the stream is out of step then and must not be read further.
import { HEADER_OCTETS, MAX_PDU_OCTETS } from './pdu.js';

export interface PduHandler {
  /** One PDU lies in `buffer` from `start` to `end`; valid only during the call. */
  pdu(buffer: Buffer, start: number, end: number): void;
}

export class PduFramer {
  private rest: Buffer | undefined;

  constructor(private readonly handler: PduHandler) {}

  /** Hands over every PDU that is complete by now. False: invalid command_length, stop reading. */
  push(chunk: Buffer): boolean {
    const data = this.rest === undefined ? chunk : Buffer.concat([this.rest, chunk]);
    this.rest = undefined;
    let start = 0;
    while (data.length - start >= 4) {
      const length = data.readUInt32BE(start);
      if (length < HEADER_OCTETS || length > MAX_PDU_OCTETS) return false;
      if (data.length - start < length) break;
      this.handler.pdu(data, start, start + length);
      start += length;
    }
    // Copied: a view would keep the whole chunk alive, which the socket may be about to reuse.
    if (start < data.length) this.rest = Buffer.from(data.subarray(start));
    return true;
  }
}
