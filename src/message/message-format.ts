// How the content of a message is written: the types. What is done with them: short-message.ts.

export type TextEncoding = 'gsm7' | 'latin1' | 'ucs2';
/** How the octets of a message are to be read. binary: they are no text. */
export type Encoding = TextEncoding | 'binary';

/** Languages with shift tables of their own for GSM 7-bit: Turkish, Spanish, Portuguese. */
export type NationalLanguage = 'tr' | 'es' | 'pt';

/** 3GPP TS 23.038 annex A; null: the default table. */
export interface NationalTables {
  readonly locking: NationalLanguage | null;
  readonly single: NationalLanguage | null;
}

/** Application ports on the phone, 16 bits each (3GPP TS 23.040 §9.2.3.24.4). */
export interface Ports {
  readonly destination: number;
  readonly source: number;
}

/** How a message is written where it is not a plain text. */
export interface MessageFormat {
  /** Null: the default alphabet. Only with gsm7. */
  readonly nationalTables: NationalTables | null;
  /** data_coding as the request fixed it; null: by the encoding. */
  readonly dataCoding: number | null;
  /** Shown at once and not stored by the phone: message class 0. */
  readonly flash: boolean;
  readonly ports: Ports | null;
}

/** The octets of a message that is no text, in hexadecimal. */
export interface BinaryBody {
  /** User data header with its length octet; empty: none of its own. */
  readonly udh: string;
  readonly data: string;
}

/** A character that was replaced so that the text fits GSM 7-bit. */
export interface Replacement {
  readonly from: string;
  /** Empty: left away. */
  readonly to: string;
  readonly count: number;
}

/**
 * How a message of several parts is cut: by a user data header with an 8-bit or a 16-bit reference,
 * by sar_* parameters, or not at all but sent whole in message_payload for the SMSC to cut.
 */
export type LongForm = 'udh8' | 'udh16' | 'sar' | 'payload';
