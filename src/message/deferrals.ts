// How often a message was deferred, by command_status, so that retries end. Counted per attempt: parts
// of one attempt that are deferred with the same status count once, however their ends come in.
import type { RetryRule } from './message.commands.js';

export interface DeferralCount {
  /** command_status; null: never left; OTHER: all those that found no row of their own. */
  readonly code: number | null;
  readonly count: number;
  /** The last attempt that was counted. */
  readonly attempt: number;
}

/** No command_status is negative. */
const OTHER = -1;

/**
 * Statuses counted apart. A guess: an SMSC answers a message with one or two. What comes on top is
 * counted together, so that inventing statuses does not make retries endless.
 */
const MAX_CODES = 8;

/** Which retry a deferral in `attempt` with this status asks for: 1 for the first. */
export function retryOf(deferrals: readonly DeferralCount[], code: number | null, attempt: number): number {
  const known = rowOf(deferrals, code);
  if (known === undefined) return 1;
  return known.attempt === attempt ? known.count : known.count + 1;
}

/** The counts after a deferral in `attempt` with this status. */
export function counted(
  deferrals: readonly DeferralCount[],
  code: number | null,
  attempt: number,
): readonly DeferralCount[] {
  const known = rowOf(deferrals, code);
  const count = retryOf(deferrals, code, attempt);
  if (known !== undefined) {
    return deferrals.map((row) => (row === known ? { code: row.code, count, attempt } : row));
  }
  return [...deferrals, { code: deferrals.length < MAX_CODES ? code : OTHER, count, attempt }];
}

/** The pause before the nth retry, in seconds. */
export function pauseSeconds({ firstSeconds, factor, longestSeconds }: RetryRule, retry: number): number {
  return Math.min(firstSeconds * factor ** (retry - 1), longestSeconds);
}

function rowOf(deferrals: readonly DeferralCount[], code: number | null): DeferralCount | undefined {
  return deferrals.find((row) => row.code === code) ?? deferrals.find((row) => row.code === OTHER);
}
