// An address as it came over SMPP → the form in which messages name people and senders.
import type { CountryCode } from 'libphonenumber-js/max';
import { readMsisdn } from '../../message/msisdn.js';

// SMPP 3.4 §5.2.5.
const TON_INTERNATIONAL = 1;
const TON_ALPHANUMERIC = 5;

/** E.164 has at most 15 digits; a country code and the shortest number in use come to seven. */
const INTERNATIONAL = /^\+?([1-9]\d{6,14})$/;

/**
 * E.164 with a plus where the address is a telephone number, otherwise as it came: short codes, names.
 * Without a word from the SMSC (TON unknown, national) a number is one when the numbering plans say
 * so, first as an international one, because that is how SMSCs nearly always write them.
 */
export function partyOf(address: string, ton: number, country: CountryCode | null): string {
  const international = INTERNATIONAL.exec(address)?.[1];
  if (ton === TON_ALPHANUMERIC) return address;
  if (international !== undefined && (ton === TON_INTERNATIONAL || address.startsWith('+')))
    return `+${international}`;
  if (international !== undefined && readMsisdn(`+${international}`, null).status === 'valid')
    return `+${international}`;
  if (country === null || !/^\d{7,15}$/.test(address)) return address;
  const national = readMsisdn(address, country);
  return national.status === 'valid' ? national.e164 : address;
}
