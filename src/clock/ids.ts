// Identifiers: time-ordered ids for new things, deterministic ids for what a command causes.
import { hash } from 'node:crypto';
import type { Clock, Randomness } from './clock.js';

/** Where the 74 random bits of a UUIDv4 and of a UUIDv7 begin: behind the digit of the version. */
const RANDOM_FROM = 15;

let prefix = '';
let prefixMs = Number.NaN;

/**
 * A fresh UUIDv7 (RFC 9562 §5.7): the instant in milliseconds, then a UUIDv4's random bits. Time-ordered,
 * so that index pages stay warm.
 */
export function newUuid(clock: Clock, randomness: Randomness): string {
  const ms = clock.now();
  if (ms !== prefixMs) {
    const hex = ms.toString(16).padStart(12, '0');
    prefix = `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
    prefixMs = ms;
  }
  return prefix + randomness.uuid4().slice(RANDOM_FROM);
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
