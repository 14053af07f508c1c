// Arrays as PostgreSQL's binary format (array_send in src/backend/utils/adt/arrayfuncs.c): the
// driver sends Buffer parameters in binary, so neither side escapes or parses text. The
// statement must name the type: `$1::text[]`.

const OID_INT8 = 20;
const OID_TEXT = 25;
const OID_UUID = 2950;
const HEADER_OCTETS = 20;

function header(buffer: Buffer, elementOid: number, count: number): void {
  buffer.writeInt32BE(1, 0); // dimensions
  buffer.writeInt32BE(0, 4); // no nulls
  buffer.writeInt32BE(elementOid, 8);
  buffer.writeInt32BE(count, 12);
  buffer.writeInt32BE(1, 16); // lower bound
}

export function textArray(values: readonly string[]): Buffer {
  let octets = HEADER_OCTETS;
  for (const value of values) octets += 4 + Buffer.byteLength(value);
  const buffer = Buffer.allocUnsafe(octets);
  header(buffer, OID_TEXT, values.length);
  let offset = HEADER_OCTETS;
  for (const value of values) {
    const written = buffer.write(value, offset + 4);
    buffer.writeInt32BE(written, offset);
    offset += 4 + written;
  }
  return buffer;
}

export function int8Array(values: readonly bigint[]): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_OCTETS + values.length * 12);
  header(buffer, OID_INT8, values.length);
  let offset = HEADER_OCTETS;
  for (const value of values) {
    buffer.writeInt32BE(8, offset);
    writeInt8(buffer, value, offset + 4);
    offset += 12;
  }
  return buffer;
}

/** Below 2^53 two numbers are written in a tenth of the time of one bigint. */
export function writeInt8(buffer: Buffer, value: bigint, offset: number): void {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    buffer.writeBigInt64BE(value, offset);
    return;
  }
  buffer.writeInt32BE(Math.floor(number / 2 ** 32), offset);
  buffer.writeUInt32BE(number >>> 0, offset + 4);
}

export function uuidArray(values: readonly string[]): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_OCTETS + values.length * 20);
  header(buffer, OID_UUID, values.length);
  let offset = HEADER_OCTETS;
  for (const value of values) {
    buffer.writeInt32BE(16, offset);
    if (!writeUuid(buffer, value, offset + 4)) throw new TypeError(`not a lower-case UUID: ${value}`);
    offset += 20;
  }
  return buffer;
}

const NOT_HEX = 0x100;
const HEX = new Uint16Array(128).fill(NOT_HEX);
for (let digit = 0; digit < 16; digit += 1) HEX[digit.toString(16).charCodeAt(0)] = digit;

/** Writes the 16 octets of a lower-case UUID; false when the text is not one. */
export function writeUuid(buffer: Uint8Array, uuid: string, offset: number): boolean {
  if (uuid.length !== 36) return false;
  let seen = 0;
  let at = 0;
  for (let octet = 0; octet < 16; octet += 1) {
    if (octet === 4 || octet === 6 || octet === 8 || octet === 10) {
      if (uuid.charCodeAt(at) !== 0x2d) return false;
      at += 1;
    }
    const value = ((HEX[uuid.charCodeAt(at)] ?? NOT_HEX) << 4) | (HEX[uuid.charCodeAt(at + 1)] ?? NOT_HEX);
    seen |= value;
    buffer[offset + octet] = value;
    at += 2;
  }
  return seen < NOT_HEX;
}
