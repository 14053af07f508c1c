// How the text of an environment variable becomes a value. Messages complete the sentence
// "VARIABLE …", so that an error reads as one.
import { isIP } from 'node:net';
import { isSupportedCountry, type CountryCode } from 'libphonenumber-js/max';
import { z } from 'zod';
import { Secret } from './secret.js';

/** Reads the text of a variable into a value, or says what is wrong with it. */
export type FromText<Value> = z.ZodType<Value, string>;

/** A whole number from `least` to `most`, decimal digits only. */
export function wholeNumber(least: number, most: number): FromText<number> {
  const problem = `must be a whole number from ${String(least)} to ${String(most)}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, { error: problem, abort: true })
    .transform(Number)
    .refine((value) => value >= least && value <= most, problem);
}

/** An amount with at most six decimals; kept as it is written, because a fraction in binary is another. */
export const amount: FromText<string> = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,6})?$/, 'must be an amount with a decimal point and at most six decimals');

/** ISO 4217. */
export const currency: FromText<string> = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be a three-letter currency code in capitals');

/** As wholeNumber, given in seconds and kept in milliseconds. */
export function seconds(least: number, most: number): FromText<number> {
  return wholeNumber(least, most).transform((value) => value * 1000);
}

export function text(most: number): FromText<string> {
  return z.string().max(most, `must be at most ${String(most)} characters long`);
}

/** At most `most` characters, wrapped so that it cannot be printed by accident. */
export function secret(most: number, least = 1): FromText<Secret> {
  return z
    .string()
    .max(most, `must be at most ${String(most)} characters long`)
    .min(least, `must be at least ${String(least)} characters long`)
    .transform((value) => new Secret(value));
}

export function oneOf<const Choice extends string>(
  ...choices: readonly [Choice, ...Choice[]]
): FromText<Choice> {
  const problem = `must be one of ${choices.join(', ')}`;
  return z
    .string()
    .refine((value): value is Choice => (choices as readonly string[]).includes(value), problem);
}

export const trueOrFalse: FromText<boolean> = oneOf('true', 'false').transform((value) => value === 'true');

/** Some of `choices`, joined by commas; each at most once matters. */
export function someOf<const Choice extends string>(
  ...choices: readonly Choice[]
): FromText<readonly Choice[]> {
  const problem = `must be a comma-separated list of ${choices.join(', ')}`;
  const known = new Set<string>(choices);
  return z
    .string()
    .transform((value) => [...new Set(value.split(',').map((item) => item.trim()))])
    .refine((items): items is Choice[] => items.every((item) => known.has(item)), problem);
}

/** IP addresses, joined by commas. */
export const addresses: FromText<readonly string[]> = z
  .string()
  .transform((value) => value.split(',').map((item) => item.trim()))
  .refine(
    (items) => items.every((item) => isIP(item) !== 0),
    'must be a comma-separated list of IP addresses',
  );

/** `host:port`, joined by commas. */
export const hostsWithPorts: FromText<readonly string[]> = z
  .string()
  .transform((value) => value.split(',').map((item) => item.trim()))
  .refine(
    (items) =>
      items.every(
        (item) => /^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):\d{1,5}$/.test(item) && portOf(item) <= 65_535,
      ),
    'must be a comma-separated list of host:port',
  );

function portOf(hostWithPort: string): number {
  return Number(hostWithPort.slice(hostWithPort.lastIndexOf(':') + 1));
}

/** As Kafka allows them: letters, digits, dot, underscore and hyphen. */
export const topicName: FromText<string> = z
  .string()
  .regex(
    /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/,
    'must be a topic name: letters, digits, dots, underscores and hyphens, at most 249',
  );

export function url(...protocols: readonly string[]): FromText<string> {
  const problem = `must be a complete address that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`;
  return z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), problem);
}

export function secretUrl(...protocols: readonly string[]): FromText<Secret> {
  return url(...protocols).transform((value) => new Secret(value));
}

/** Several hosts may stand in it, which makes it no URL; what it may say else is checked where it is used. */
export const secretEventStoreUrl: FromText<Secret> = z
  .string()
  .regex(
    /^esdb(?:\+discover)?:\/\/[^/?]/,
    'must be a complete address that begins with esdb:// or esdb+discover://',
  )
  .transform((value) => new Secret(value));

/** ISO 3166-1 alpha-2, and one that has telephone numbers. */
export const country: FromText<CountryCode> = z
  .string()
  .refine(
    (value): value is CountryCode => isSupportedCountry(value),
    'must be a two-letter country code in capitals',
  );
