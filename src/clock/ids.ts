// Identifiers: time-ordered ids for new things, deterministic ids for what a command causes.
import { hash } from 'node:crypto';
import type { Clock, Randomness } from './clock.js';

// The id is written in place and read out once: 60 octets of garbage instead of the 600 to 900 of
// concatenated strings, and there are five ids in the life of a message.
const text = Buffer.from('00000000-0000-7000-0000-000000000000', 'latin1');
/** Where the 19 random digits stand: behind the version; the first of the second group has the variant. */
const RANDOM_AT = [15, 16, 17, 19, 20, 21, 22, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35] as const;
const VARIANT_AT = 19;
const DIGITS = Buffer.from('0123456789abcdef', 'latin1');
const random = new Uint8Array(10);
let writtenMs = 0;

/** A fresh UUIDv7 (RFC 9562 §5.7). Time-ordered, so that index pages stay warm. */
export function newUuid(clock: Clock, randomness: Randomness): string {
  const ms = clock.now();
  if (ms !== writtenMs) {
    const hex = ms.toString(16).padStart(12, '0');
    text.write(hex.slice(0, 8), 0, 'latin1');
    text.write(hex.slice(8), 9, 'latin1');
    writtenMs = ms;
  }
  randomness.fill(random);
  for (let i = 0; i < RANDOM_AT.length; i++) {
    const octet = random[i >> 1] ?? 0;
    const digit = i % 2 === 0 ? octet >> 4 : octet & 0x0f;
    const at = RANDOM_AT[i] ?? 0;
    text[at] = DIGITS[at === VARIANT_AT ? (digit & 0x3) | 0x8 : digit] ?? 0;
  }
  return text.toString('latin1');
}

const NAMESPACE = Buffer.from('6f1c2b0e8d4a5c53a7f39b1de0c4a2b7', 'hex');

/**
 * UUIDv5 of a name (RFC 9562 §5.5): the same name always gives the same id, so that an append
 * retried after an unknown outcome carries the ids of the first try.
 */
export function uuidOf(name: string): string {
  const hex = hash('sha1', Buffer.concat([NAMESPACE, Buffer.from(name)]));
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
