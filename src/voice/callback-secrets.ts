// The secret segment of the callback URL. Gateways do not sign their callbacks, so this is all
// that tells a gateway from anybody else; it must never be logged or sent back.
import { createHash, timingSafeEqual } from 'node:crypto';
import { CallbackSecretError } from './voice.errors.js';

// At most 100 characters: Fastify's maxParamLength, beyond which the route would never match.
// At least 16: with 64 symbols that is 96 bits, out of reach of guessing over HTTP.
const USABLE = /^[A-Za-z0-9_-]{16,100}$/;

export class CallbackSecrets {
  private readonly digests: readonly Buffer[];

  /**
   * @param secrets those in force: one, or two while one is being rotated out
   * @throws CallbackSecretError when there is none, more than two, or one that is unusable
   */
  constructor(secrets: readonly string[]) {
    if (secrets.length < 1 || secrets.length > 2) {
      throw new CallbackSecretError(
        `voice callback secret: ${String(secrets.length)} given; give one, or two while rotating`,
      );
    }
    if (!secrets.every((secret) => USABLE.test(secret))) {
      throw new CallbackSecretError(
        'voice callback secret: must be 16 to 100 letters, digits, "-" or "_"; try `openssl rand -hex 32`',
      );
    }
    this.digests = secrets.map(digestOf);
  }

  /** Takes the same time for every wrong candidate, however near it is. */
  match(candidate: string): boolean {
    // Digests, because timingSafeEqual throws on unequal lengths; and no early end, so that the
    // time does not tell which of two secrets matched.
    const digest = digestOf(candidate);
    let matched = false;
    for (const known of this.digests) matched = timingSafeEqual(known, digest) || matched;
    return matched;
  }
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
