// Type of number and numbering plan, as they may be written in the file.
import { z } from 'zod';

export const octetSchema = z.int().min(0).max(255);

/** Of SMPP 3.4 §5.2.5 and §5.2.6, by the words of the specification or as a number. */
const TON = {
  unknown: 0,
  international: 1,
  national: 2,
  'network-specific': 3,
  subscriber: 4,
  alphanumeric: 5,
  abbreviated: 6,
} as const;
const NPI = {
  unknown: 0,
  isdn: 1,
  data: 3,
  telex: 4,
  'land-mobile': 6,
  national: 8,
  private: 9,
  ermes: 10,
  internet: 14,
  wap: 18,
} as const;

function named(words: Readonly<Record<string, number>>) {
  const names = Object.keys(words);
  return z
    .union([octetSchema, z.enum(names)], { error: `must be 0 to 255, or one of ${names.join(', ')}` })
    .transform((value) => (typeof value === 'number' ? value : (words[value] ?? 0)));
}

export const tonSchema = named(TON);
export const npiSchema = named(NPI);
