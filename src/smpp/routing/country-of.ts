// The country of a number, remembered by its leading digits: a look-up costs some ten microseconds
// and the same few prefixes come again and again.
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { LRUCache } from 'lru-cache';

/** Eight characters tell the countries that share a calling code apart, as +1 204 and +44 7781 do. */
const TELLING = 8;

const known = new LRUCache<string, string>({ max: 20_000 });

/** ISO 3166-1 alpha-2; empty when the number belongs to none. */
export function countryOf(to: string): string {
  const key = to.slice(0, TELLING);
  let country = known.get(key);
  if (country === undefined) {
    country = parsePhoneNumberFromString(to)?.country ?? '';
    known.set(key, country);
  }
  return country;
}
