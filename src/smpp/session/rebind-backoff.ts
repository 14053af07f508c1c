// How long to wait before the next bind. Pure: the failures so far go in, the pause comes out.
//
// | the session ended                    | pause                                           |
// |--------------------------------------|-------------------------------------------------|
// | after a stable bind                  | firstMs, counting starts anew                   |
// | otherwise                            | firstMs doubled per failure, at most maxMs      |
// | bind refused by a fatal status       | refusedFirstMs doubled per refusal, at most refusedMaxMs |
//
// Every pause is jittered to between half and all of it, so that many connectors that lost their
// SMSC at once do not come back at once.

export interface RebindSchedule {
  readonly firstMs: number;
  readonly maxMs: number;
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
  readonly bindFatal: boolean;
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
  if (ended.bindFatal) {
    const pauseMs = doubled(schedule.refusedFirstMs, backoff.refusals, schedule.refusedMaxMs);
    return [{ ...backoff, refusals: backoff.refusals + 1 }, jittered(pauseMs, fraction)];
  }
  const failures = ended.boundForMs >= schedule.stableMs ? 0 : backoff.failures;
  const pauseMs = doubled(schedule.firstMs, failures, schedule.maxMs);
  return [{ failures: failures + 1, refusals: 0 }, jittered(pauseMs, fraction)];
}

function doubled(firstMs: number, times: number, maxMs: number): number {
  return Math.min(firstMs * 2 ** times, maxMs);
}

function jittered(pauseMs: number, fraction: number): number {
  return pauseMs / 2 + (fraction * pauseMs) / 2;
}
