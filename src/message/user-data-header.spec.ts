import { describe, expect, it } from '@jest/globals';
import { headerElements, problemOfHeader } from './user-data-header.js';

const problem = (udh: string, bodyFits = true): string | undefined =>
  problemOfHeader(Buffer.from(udh, 'hex'), bodyFits);

describe('a user data header that a request brings', () => {
  it.each(['06050415811581', '0500032a0201', '00', '0b0504158115810003420201'])('is taken: %s', (udh) => {
    expect(problem(udh)).toBeUndefined();
  });

  it.each([
    ['a wrong length octet', '05050415811581', /says in its first octet that 5 octets follow, and 6 do/],
    ['no octet at all', '', /0 octets follow, and -1 do/],
    ['an element that is cut', '03050415', /element at octet 1 that goes beyond its end/],
    ['an identifier without a length', '0105', /element at octet 1/],
    ['a second element that is cut', '0700010005040b84', /element at octet 4/],
    ['more octets than leave room', '64' + '7062' + '00'.repeat(98), /101 octets, at most 100/],
  ])('is refused for %s', (_what, udh, expected) => {
    expect(problem(udh)).toMatch(expected);
  });

  it.each(['0500032a0201', '06080412340201'])(
    'may say which part it is only where the body is that part: %s',
    (udh) => {
      expect(problem(udh, true)).toBeUndefined();
      expect(problem(udh, false)).toMatch(/leave that element away/);
    },
  );
});

describe('the elements of every part', () => {
  it('stand side by side, without the length octet', () => {
    const format = {
      nationalTables: null,
      dataCoding: null,
      flash: false,
      ports: { destination: 0xffff, source: 1 },
    };
    const elements = headerElements('binary', format, { udh: '03700142', data: '' });
    expect(elements.toString('hex')).toBe('700142' + '0504ffff0001');
  });

  it('name national tables for GSM 7-bit alone', () => {
    const format = {
      nationalTables: { locking: 'tr', single: 'tr' },
      dataCoding: null,
      flash: false,
      ports: null,
    } as const;
    expect(headerElements('gsm7', format, null).toString('hex')).toBe('240101250101');
    expect(headerElements('ucs2', format, null)).toHaveLength(0);
  });
});
