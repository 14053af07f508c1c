// TLVs (SMPP 3.4 §3.2.4.1) at the end of a PDU: tag and length of two octets each, then the value.
const HEADER_OCTETS = 4;

/** The value of the first TLV with this tag in octets[from, end); one that would reach beyond does not exist. */
export function findTlv(octets: Buffer, from: number, end: number, tag: number): Buffer | undefined {
  for (let at = from; at + HEADER_OCTETS <= end;) {
    const valueEnd = at + HEADER_OCTETS + octets.readUInt16BE(at + 2);
    if (valueEnd > end) return undefined;
    if (octets.readUInt16BE(at) === tag) return octets.subarray(at + HEADER_OCTETS, valueEnd);
    at = valueEnd;
  }
  return undefined;
}
