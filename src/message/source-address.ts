// What a message may say it comes from, and how SMPP names its type. Who may use which sender is
// for the connector to decide; here only what can be sent at all.

export interface SourceAddress {
  readonly status: 'valid';
  readonly kind: 'international' | 'short-code' | 'alphanumeric';
  /** As it stands in source_addr: digits without a plus, or the name. */
  readonly address: string;
  /** SMPP 3.4 §5.2.5: 1 international, 3 network specific, 5 alphanumeric. */
  readonly ton: 1 | 3 | 5;
  /** SMPP 3.4 §5.2.6: 1 E.164, 0 unknown. */
  readonly npi: 0 | 1;
}

export interface SourceAddressRefusal {
  readonly status: 'refused';
  readonly code: 'SOURCE_ADDRESS_INVALID';
  readonly problem: string;
}

const INTERNATIONAL = /^\+[1-9]\d{6,14}$/;
const SHORT_CODE = /^\d{3,8}$/;
// At most 11 septets fit the address field (3GPP TS 23.040 §9.1.2.5). Only characters whose code is
// the same in ASCII and in GSM 03.38: SMSCs differ in which of the two they take source_addr for.
const ALPHANUMERIC =
  /^(?=.*[A-Za-z])[A-Za-z0-9&'()*+,\-./:;<=>?!](?:[A-Za-z0-9 &'()*+,\-./:;<=>?!]{0,9}[A-Za-z0-9&'()*+,\-./:;<=>?!])?$/;

const REFUSAL: SourceAddressRefusal = {
  status: 'refused',
  code: 'SOURCE_ADDRESS_INVALID',
  problem:
    'is no sender: use an international number with a plus (+27831234567), a short code of 3 to 8 digits, ' +
    'or a name of at most 11 letters, digits, spaces and plain punctuation with at least one letter',
};

export function readSourceAddress(from: string): SourceAddress | SourceAddressRefusal {
  if (INTERNATIONAL.test(from)) {
    return { status: 'valid', kind: 'international', address: from.slice(1), ton: 1, npi: 1 };
  }
  if (SHORT_CODE.test(from)) return { status: 'valid', kind: 'short-code', address: from, ton: 3, npi: 0 };
  if (ALPHANUMERIC.test(from))
    return { status: 'valid', kind: 'alphanumeric', address: from, ton: 5, npi: 0 };
  return REFUSAL;
}
