import { describe, expect, it } from '@jest/globals';
import { partyOf } from './party.js';

describe('an address', () => {
  it.each([
    ['27831234567', 1, '+27831234567'],
    ['+27831234567', 0, '+27831234567'],
    ['27831234567', 0, '+27831234567'],
    ['20414', 3, '20414'],
    ['20414', 1, '20414'],
    ['SureReach', 5, 'SureReach'],
    ['254722000000', 5, '254722000000'],
    ['', 0, ''],
    ['99999999999', 0, '99999999999'],
    ['0722000000', 2, '0722000000'],
  ])('%s with TON %i is %s', (address, ton, party) => {
    expect(partyOf(address, ton, null)).toBe(party);
  });

  it('in national form becomes E.164 where the country is known', () => {
    expect(partyOf('0722000000', 2, 'KE')).toBe('+254722000000');
    expect(partyOf('0722000000', 0, 'KE')).toBe('+254722000000');
    expect(partyOf('20414', 0, 'KE')).toBe('20414');
  });
});
