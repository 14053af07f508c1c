import { describe, expect, it } from '@jest/globals';
import { GSM_DEFAULT, septetOf } from './gsm-alphabet.js';
import { readSourceAddress } from './source-address.js';

describe('reading a sender', () => {
  it.each([
    ['+27831234567', 'international', '27831234567', 1, 1],
    ['20414', 'short-code', '20414', 3, 0],
    ['123', 'short-code', '123', 3, 0],
    ['12345678', 'short-code', '12345678', 3, 0],
    ['SureReach', 'alphanumeric', 'SureReach', 5, 0],
    ['My Bank 24/7', 'refused', '', 0, 0], // 12 characters
    ['My Bank 247', 'alphanumeric', 'My Bank 247', 5, 0],
    ['A', 'alphanumeric', 'A', 5, 0],
    ['3G', 'alphanumeric', '3G', 5, 0],
  ])('%s is %s', (from, kind, address, ton, npi) => {
    const expected =
      kind === 'refused' ? { status: 'refused' } : { status: 'valid', kind, address, ton, npi };
    expect(readSourceAddress(from)).toMatchObject(expected);
  });

  it.each([
    ['no letter and no known form', '12'],
    ['a national number', '0831234567'],
    ['an international number without its plus', '27831234567'],
    ['nine digits', '123456789'],
    ['a plus and a zero', '+0831234567'],
    ['more digits than E.164 has', '+1234567890123456'],
    ['twelve characters', 'abcdefghijkl'],
    ['a space at an end', 'Bank '],
    ['a character whose code differs between ASCII and GSM 03.38', 'me@bank'],
    ['a letter outside ASCII', 'Bänk'],
    ['a line feed', 'Bank\n'],
    ['nothing', ''],
  ])('refuses %s', (_, from) => {
    expect(readSourceAddress(from)).toMatchObject({ status: 'refused', code: 'SOURCE_ADDRESS_INVALID' });
  });

  it('lets through only characters that are the same in ASCII and in GSM 03.38', () => {
    for (let code = 0; code < 0x100; code++) {
      const reading = readSourceAddress(`a${String.fromCharCode(code)}a`);
      if (reading.status === 'valid') expect(septetOf(GSM_DEFAULT, code)).toBe(code);
    }
  });
});
