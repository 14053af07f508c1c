// How long to wait before the next bind. Pure: the failures so far go in, the pause comes out.
//
// | the session ended                    | pause                                           |
// |--------------------------------------|-------------------------------------------------|
// | after a stable bind                  | firstMs, counting starts anew                   |
// | otherwise                            | firstMs doubled per failure, at most maxMs      |
// | bind refused, occupied               | occupiedFirstMs doubled per failure, at most occupiedMaxMs |
// | bind refused, fatal                  | refusedFirstMs doubled per refusal, at most refusedMaxMs |
//
// Fatal refusals are counted until a bind succeeds: a link that cannot be made in between does not
// make the account any better.
//
// Every pause is jittered to between half and all of it, so that many connectors that lost their
// SMSC at once do not come back at once.

import type { BindRefusal } from '../pdu/command-status.js';

export interface RebindSchedule {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Another session holds the account (ESME_RALYBND). */
  readonly occupiedFirstMs: number;
  readonly occupiedMaxMs: number;
  readonly refusedFirstMs: number;
  readonly refusedMaxMs: number;
  /** A bind that held this long was good: what went wrong before no longer counts. */
  readonly stableMs: number;
}

/**
 * Guesses in the range of Kannel's reconnect-delay (10 s) and Jasmin's (10 s). A refused account is
 * tried rarely: SMSCs lock accounts after repeated wrong passwords.
 */
export const DEFAULT_REBIND_SCHEDULE: RebindSchedule = {
  firstMs: 1_000,
  maxMs: 30_000,
  // Our old session is dropped when the SMSC misses its enquire_link: commonly asked for every 30 s.
  occupiedFirstMs: 10_000,
  occupiedMaxMs: 120_000,
  refusedFirstMs: 60_000,
  refusedMaxMs: 900_000,
  stableMs: 10_000,
};

export interface RebindBackoff {
  readonly failures: number;
  readonly refusals: number;
}

export const FRESH_BACKOFF: RebindBackoff = { failures: 0, refusals: 0 };

export interface EndedBind {
  /** How the bind was refused; null when it was not. */
  readonly refusal: BindRefusal | null;
  /** How long it was bound; 0 when it never was. */
  readonly boundForMs: number;
}

/** The next state and the pause. `fraction` in [0, 1) is the jitter. */
export function nextRebind(
  backoff: RebindBackoff,
  ended: EndedBind,
  schedule: RebindSchedule,
  fraction: number,
): readonly [RebindBackoff, number] {
  if (ended.refusal === 'fatal') {
    const pauseMs = doubled(schedule.refusedFirstMs, backoff.refusals, schedule.refusedMaxMs);
    return [{ ...backoff, refusals: backoff.refusals + 1 }, jittered(pauseMs, fraction)];
  }
  const failures = ended.boundForMs >= schedule.stableMs ? 0 : backoff.failures;
  const pauseMs =
    ended.refusal === 'occupied'
      ? doubled(schedule.occupiedFirstMs, failures, schedule.occupiedMaxMs)
      : doubled(schedule.firstMs, failures, schedule.maxMs);
  const refusals = ended.boundForMs > 0 ? 0 : backoff.refusals;
  return [{ failures: failures + 1, refusals }, jittered(pauseMs, fraction)];
}

function doubled(firstMs: number, times: number, maxMs: number): number {
  return Math.min(firstMs * 2 ** times, maxMs);
}

function jittered(pauseMs: number, fraction: number): number {
  return pauseMs / 2 + (fraction * pauseMs) / 2;
}
