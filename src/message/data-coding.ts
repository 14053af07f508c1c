// data_coding: what tells the SMSC and the phone how to read the octets (SMPP 3.4 §5.2.19; its values
// from 0x10 on are the data coding scheme of 3GPP TS 23.038 §4).
import type { Encoding, MessageFormat, TextEncoding } from './message-format.js';

/** Behind 0 lies the SMSC's default alphabet: GSM 03.38 unless it says otherwise. */
export const DATA_CODING: Readonly<Record<Encoding, number>> = { gsm7: 0, latin1: 3, ucs2: 8, binary: 4 };

/**
 * Message class 0, "flash": TS 23.038 §4 general data coding, 0001 aa00 with aa the alphabet. Not
 * dest_addr_subunit (TLV 0x0005, value 1), which says the same but is a TLV that the SMSC must map
 * itself: those that drop TLVs, or speak version 3.3, would store a message that was not to be stored.
 * Not 0xF0 either, which has no UCS-2. There is no Latin-1 among the classes.
 */
const FLASH: Readonly<Record<Exclude<Encoding, 'latin1'>, number>> = { gsm7: 0x10, binary: 0x14, ucs2: 0x18 };

/**
 * @param byEncoding the connector's own values, where they differ from DATA_CODING.
 * @param accepted the encoding that the message was accepted with: a data_coding that the request fixed
 *   is meant for it alone.
 */
export function dataCodingOf(
  encoding: Encoding,
  format: MessageFormat | null | undefined,
  byEncoding: Readonly<Partial<Record<Encoding, number>>> = {},
  accepted: Encoding = encoding,
): number {
  const fixed = format?.dataCoding ?? null;
  if (fixed !== null && accepted === encoding) return fixed;
  if (format?.flash === true && encoding !== 'latin1') return FLASH[encoding];
  return byEncoding[encoding] ?? DATA_CODING[encoding];
}

/** The encoding that a data_coding names for a text; null: none that we can write. */
export function textEncodingOf(dataCoding: number): TextEncoding | null {
  if (dataCoding === 0 || dataCoding === 1) return 'gsm7';
  if (dataCoding === 3) return 'latin1';
  if (dataCoding === 8) return 'ucs2';
  const group = dataCoding >>> 4;
  // General data coding with a message class, bits 3-2 the alphabet.
  if (group === 0x1) return ALPHABETS[(dataCoding >>> 2) & 3] ?? null;
  // Message waiting indication: discard and store in GSM 7-bit, store in UCS-2.
  if (group === 0xc || group === 0xd) return 'gsm7';
  if (group === 0xe) return 'ucs2';
  // Message class, bit 2 set: octets.
  return group === 0xf && (dataCoding & 4) === 0 ? 'gsm7' : null;
}

const ALPHABETS: readonly (TextEncoding | null)[] = ['gsm7', null, 'ucs2', null];
