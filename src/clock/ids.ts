// Identifiers: time-ordered ids for new things, deterministic ids for what a command causes.
import { createHash } from 'node:crypto';
import { v7 } from 'uuid';
import type { Clock, Randomness } from './clock.js';

/** A fresh UUIDv7. Time-ordered, so that index pages stay warm. */
export function newUuid(clock: Clock, randomness: Randomness): string {
  return v7({ msecs: clock.now(), random: randomness.bytes(16) });
}

const NAMESPACE = Buffer.from('6f1c2b0e8d4a5c53a7f39b1de0c4a2b7', 'hex');

/**
 * UUIDv5 of a name (RFC 9562 §5.5): the same name always gives the same id, so that an append
 * retried after an unknown outcome carries the ids of the first try.
 */
export function uuidOf(name: string): string {
  const digest = createHash('sha1').update(NAMESPACE).update(name).digest();
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
