// Telephone numbers of people: whatever way a number is written, one E.164 form, or a refusal that
// says what is wrong. The numbering plans are those of libphonenumber.
//
// No cache and no shortcut around the library: 4 to 6 µs per distinct number of one country, 7 to 10 µs
// over ten countries, on two cores shared with other work (test/bench/message.bench.ts).
import {
  ParseError,
  parsePhoneNumberFromString,
  parsePhoneNumberWithError,
  validatePhoneNumberLength,
  type CountryCode,
  type PhoneNumberType,
} from 'libphonenumber-js/max';

export type NumberKind =
  | 'mobile'
  | 'fixed-line'
  | 'fixed-line-or-mobile'
  | 'voip'
  | 'toll-free'
  | 'personal'
  | 'pager'
  | 'uan'
  | 'voicemail';

export interface Msisdn {
  readonly status: 'valid';
  /** With a leading plus, digits only. */
  readonly e164: string;
  /** ISO 3166-1 alpha-2; null for numbers of no country, e.g. +800 and satellite phones. */
  readonly country: string | null;
  readonly kind: NumberKind;
}

export interface MsisdnRefusal {
  readonly status: 'refused';
  readonly code:
    | 'MSISDN_NOT_A_NUMBER'
    | 'MSISDN_COUNTRY_UNKNOWN'
    | 'MSISDN_TOO_SHORT'
    | 'MSISDN_TOO_LONG'
    | 'MSISDN_HAS_EXTENSION'
    | 'MSISDN_INVALID'
    | 'MSISDN_PREMIUM_RATE'
    | 'MSISDN_SHARED_COST';
  /** What is wrong and what to do, without the number itself: it may end up in a log. */
  readonly problem: string;
}

const PROBLEMS: Readonly<Record<MsisdnRefusal['code'], string>> = {
  MSISDN_NOT_A_NUMBER: 'is not a telephone number; write it in international form, e.g. +27831234567',
  MSISDN_COUNTRY_UNKNOWN:
    'has no country code that is in use; write it in international form, e.g. +27831234567',
  MSISDN_TOO_SHORT: 'is too short for its country; check that no digit is missing',
  MSISDN_TOO_LONG: 'is too long for its country; check that no digit stands twice',
  MSISDN_HAS_EXTENSION: 'has an extension, which no SMS can reach; give the direct number',
  MSISDN_INVALID: 'is in no range of its country that is in use; check the digits',
  MSISDN_PREMIUM_RATE: 'is a premium-rate number, which is never called or texted; give a personal number',
  MSISDN_SHARED_COST: 'is a shared-cost number, which is never called or texted; give a personal number',
};

const KINDS: Readonly<Record<PhoneNumberType, NumberKind | 'premium-rate' | 'shared-cost'>> = {
  MOBILE: 'mobile',
  FIXED_LINE: 'fixed-line',
  FIXED_LINE_OR_MOBILE: 'fixed-line-or-mobile',
  VOIP: 'voip',
  TOLL_FREE: 'toll-free',
  PERSONAL_NUMBER: 'personal',
  PAGER: 'pager',
  UAN: 'uan',
  VOICEMAIL: 'voicemail',
  PREMIUM_RATE: 'premium-rate',
  SHARED_COST: 'shared-cost',
};

interface ReadingOptions {
  readonly extract: false;
  readonly defaultCountry?: CountryCode;
}
const WHOLE: ReadingOptions = { extract: false };

/**
 * Reads a number written in international form, or in the national form of `defaultCountry`.
 * The whole input must be the number: a text that merely contains one is refused.
 */
export function readMsisdn(input: string, defaultCountry: CountryCode | null = null): Msisdn | MsisdnRefusal {
  const text = input.trim();
  const options = defaultCountry === null ? WHOLE : { ...WHOLE, defaultCountry };
  const number = parsePhoneNumberFromString(text, options);
  if (number === undefined) return refused(whyUnread(text, options));
  if (number.ext !== undefined) return refused('MSISDN_HAS_EXTENSION');
  const type = number.getType();
  if (type === undefined) return refused(whyInvalid(number.number));
  const kind = KINDS[type];
  if (kind === 'premium-rate') return refused('MSISDN_PREMIUM_RATE');
  if (kind === 'shared-cost') return refused('MSISDN_SHARED_COST');
  return { status: 'valid', e164: number.number, country: number.country ?? null, kind };
}

/** Of a number in E.164 the country code and the last two digits: enough to see where it went, not to whom. */
export function maskedNumber(e164: string): string {
  const code = parsePhoneNumberFromString(e164, WHOLE)?.countryCallingCode;
  return `${code === undefined ? '' : `+${code}`}…${e164.slice(-2)}`;
}

function refused(code: MsisdnRefusal['code']): MsisdnRefusal {
  return { status: 'refused', code, problem: PROBLEMS[code] };
}

function whyUnread(text: string, options: ReadingOptions): MsisdnRefusal['code'] {
  try {
    parsePhoneNumberWithError(text, options);
    return 'MSISDN_NOT_A_NUMBER';
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    switch (error.message) {
      case 'TOO_SHORT':
        return 'MSISDN_TOO_SHORT';
      case 'TOO_LONG':
        return 'MSISDN_TOO_LONG';
      case 'INVALID_COUNTRY':
        return 'MSISDN_COUNTRY_UNKNOWN';
      default:
        return 'MSISDN_NOT_A_NUMBER';
    }
  }
}

function whyInvalid(e164: string): MsisdnRefusal['code'] {
  const length = validatePhoneNumberLength(e164);
  if (length === 'TOO_SHORT') return 'MSISDN_TOO_SHORT';
  return length === 'TOO_LONG' ? 'MSISDN_TOO_LONG' : 'MSISDN_INVALID';
}
