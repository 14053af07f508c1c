import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { getCountries, getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { type MsisdnRefusal, type NumberKind, readMsisdn } from './msisdn.js';

describe('reading a telephone number', () => {
  it.each<[string, string, string | null, NumberKind]>([
    ['+27831234567', '+27831234567', 'ZA', 'mobile'],
    ['+27 83 123-4567', '+27831234567', 'ZA', 'mobile'],
    [' +27 (0)83 123 4567 ', '+27831234567', 'ZA', 'mobile'],
    ['+２７８３１２３４５６７', '+27831234567', 'ZA', 'mobile'], // full-width digits
    ['+27114801234', '+27114801234', 'ZA', 'fixed-line'],
    ['+12025550123', '+12025550123', 'US', 'fixed-line-or-mobile'],
    ['+14165550123', '+14165550123', 'CA', 'fixed-line-or-mobile'],
    ['+447400123456', '+447400123456', 'GB', 'mobile'],
    ['+4407400123456', '+447400123456', 'GB', 'mobile'],
    ['+390612345678', '+390612345678', 'IT', 'fixed-line'], // Italy keeps its zero
    ['+80012345678', '+80012345678', null, 'toll-free'],
    ['+881612345678', '+881612345678', null, 'mobile'],
  ])('%s is %s', (input, e164, country, kind) => {
    expect(readMsisdn(input)).toEqual({ status: 'valid', e164, country, kind });
  });

  it('reads a national number as one of the default country, and an international one as it says', () => {
    expect(readMsisdn('083 123 4567', 'ZA')).toMatchObject({ e164: '+27831234567' });
    expect(readMsisdn('0027831234567', 'GB')).toMatchObject({ e164: '+27831234567' });
    expect(readMsisdn('+447400123456', 'ZA')).toMatchObject({ country: 'GB' });
  });

  it.each<[string, MsisdnRefusal['code']]>([
    ['', 'MSISDN_NOT_A_NUMBER'],
    ['hello', 'MSISDN_NOT_A_NUMBER'],
    ['call +27831234567 now', 'MSISDN_NOT_A_NUMBER'],
    ['0831234567', 'MSISDN_COUNTRY_UNKNOWN'],
    ['+999831234567', 'MSISDN_COUNTRY_UNKNOWN'],
    ['+2', 'MSISDN_TOO_SHORT'],
    ['+2783', 'MSISDN_TOO_SHORT'],
    ['+120255501', 'MSISDN_TOO_SHORT'],
    ['+278312345678901', 'MSISDN_TOO_LONG'],
    [`+27${'8'.repeat(40)}`, 'MSISDN_TOO_LONG'],
    ['9'.repeat(300), 'MSISDN_TOO_LONG'],
    ['+27001234567', 'MSISDN_INVALID'],
    ['+27831234567 ext. 12', 'MSISDN_HAS_EXTENSION'],
    ['+27901234567', 'MSISDN_PREMIUM_RATE'],
    ['+27860123456', 'MSISDN_SHARED_COST'],
  ])('%s is refused with %s, and the problem does not repeat the number', (input, code) => {
    const reading = readMsisdn(input);
    expect(reading).toMatchObject({ status: 'refused', code });
    if (reading.status === 'refused' && input.length > 3) expect(reading.problem).not.toContain(input);
  });

  it('reads its own answer the same again, for the mobile numbers of every country', () => {
    const numbers = getCountries().flatMap((country) => getExampleNumber(country, examples)?.number ?? []);
    expect(numbers.length).toBeGreaterThan(230);
    for (const number of numbers) {
      const reading = readMsisdn(number);
      expect(reading).toMatchObject({ status: 'valid', e164: number });
    }
  });

  it('takes for valid what the library does, whatever the digits', () => {
    fc.assert(
      fc.property(fc.constantFrom(...getCountries()), fc.nat(99_999_999_999), (country, digits) => {
        const input = String(digits);
        const number = parsePhoneNumberFromString(input, country);
        const reading = readMsisdn(input, country);
        const refusedByUs = ['MSISDN_PREMIUM_RATE', 'MSISDN_SHARED_COST'];
        const valid = reading.status === 'valid' || refusedByUs.includes(reading.code);
        expect(valid).toBe(number?.isValid() ?? false);
        if (reading.status === 'valid') expect(reading.e164).toBe(number?.number);
      }),
      { numRuns: 1000 },
    );
  });

  it('answers any text at all, without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(['valid', 'refused']).toContain(readMsisdn(text, 'ZA').status);
      }),
    );
  });
});
