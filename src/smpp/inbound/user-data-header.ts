// The user data header at the beginning of a message (3GPP TS 23.040 §9.2.3.24): how long it is, and
// whose part the message is. Never throws; a header that does not hold together is taken for text.
import type { PartReference } from '../../message/inbound.events.js';

export interface PartPlace {
  readonly reference: PartReference;
  readonly part: number;
  readonly total: number;
}

export interface UserDataHeader {
  /** The length octet included; 0 when there is no header. */
  readonly octets: number;
  readonly partOf: PartPlace | null;
}

const NONE: UserDataHeader = { octets: 0, partOf: null };

// Information elements, 3GPP TS 23.040 §9.2.3.24.1 and §9.2.3.24.8.
const CONCATENATED_8_BIT = { id: 0x00, octets: 3 };
const CONCATENATED_16_BIT = { id: 0x08, octets: 4 };

/** @param userData what short_message or message_payload holds, its first octet the header's length */
export function readUserDataHeader(userData: Buffer): UserDataHeader {
  const length = userData[0];
  if (length === undefined || length + 1 > userData.length) return NONE;
  const end = length + 1;
  let partOf: PartPlace | null = null;
  let at = 1;
  while (at + 2 <= end) {
    const id = userData[at];
    const octets = userData[at + 1] ?? 0;
    const value = at + 2;
    if (value + octets > end) return NONE;
    // The last one counts (§9.2.3.24: a repeated element replaces the one before).
    if (id === CONCATENATED_8_BIT.id && octets === CONCATENATED_8_BIT.octets) {
      partOf = placeOf('udh8', userData.readUInt8(value), userData[value + 1], userData[value + 2]);
    } else if (id === CONCATENATED_16_BIT.id && octets === CONCATENATED_16_BIT.octets) {
      partOf = placeOf('udh16', userData.readUInt16BE(value), userData[value + 2], userData[value + 3]);
    }
    at = value + octets;
  }
  return at === end ? { octets: end, partOf } : NONE;
}

/** Null where the numbers make no sense: then the element is to be ignored (§9.2.3.24.1). */
export function placeOf(
  kind: PartReference['kind'],
  number: number,
  total: number | undefined,
  part: number | undefined,
): PartPlace | null {
  if (total === undefined || part === undefined || part < 1 || part > total) return null;
  // One part of one is whole.
  return total === 1 ? null : { reference: { kind, number }, part, total };
}
