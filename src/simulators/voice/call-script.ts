// What happens to a simulated call: how the phone behaves and how the request is answered.
//
// | digit | call                              | digit | call                        |
// |-------|-----------------------------------|-------|-----------------------------|
// | 0     | answered                          | 5     | answered                    |
// | 1     | silent: rings, never reported     | 6     | busy                        |
// | 2     | refused: InsufficientCredit       | 7     | no answer                   |
// | 3     | declined                          | 8     | number does not exist       |
// | 4     | unreachable                       | 9     | answered                    |
//
// The digit is the last of the number, or with the rule `tens-digit` the one before it, so that
// it can be chosen apart from the SMSC simulator's, which goes by the last.
import type { Randomness } from '../../clock/clock.js';

export const CALL_ENDS = [
  'answered',
  'busy',
  'no-answer',
  'declined',
  'unreachable',
  'invalid-number',
  'silent',
] as const;
export type CallEnd = (typeof CALL_ENDS)[number];

/** After the first three nobody is called; after the others the phone rings all the same. */
export const CALL_RESPONSES = [
  'insufficient-credit',
  'invalid-number',
  'unauthorised',
  'queued',
  'server-error',
  'unreadable',
  'cut',
  'never',
] as const;
export type CallResponse = (typeof CALL_RESPONSES)[number];

export interface CallScript {
  readonly end: CallEnd;
  readonly response: CallResponse;
  /** From the request to the first callback. */
  readonly ringDelayMs: number;
  /** From the request to its answer; with callbackFirst, from the first callback on. */
  readonly responseDelayMs: number;
  /** The request is answered only after the first callback has been sent. */
  readonly callbackFirst: boolean;
  /** Every callback is sent this many times at once. */
  readonly copies: number;
}

export const RULES = ['last-digit', 'tens-digit', 'shares'] as const;
export type CallRule = (typeof RULES)[number];

/** Relative weights; an end that is absent never happens. */
export type CallShares = Readonly<Partial<Record<CallEnd, number>>>;

const BY_DIGIT: readonly Partial<CallScript>[] = [
  { end: 'answered' },
  { end: 'silent' },
  { response: 'insufficient-credit' },
  { end: 'declined' },
  { end: 'unreachable' },
  { end: 'answered' },
  { end: 'busy' },
  { end: 'no-answer' },
  { end: 'invalid-number' },
  { end: 'answered' },
];

/** What the rule makes of a number, on top of the settings' own values. */
export function scriptByRule(
  number: string,
  rule: CallRule,
  shares: CallShares,
  randomness: Randomness,
): Partial<CallScript> {
  switch (rule) {
    case 'last-digit':
      return BY_DIGIT[Number(number.at(-1))] ?? {};
    case 'tens-digit':
      return BY_DIGIT[Number(number.at(-2))] ?? {};
    case 'shares':
      return { end: drawn(shares, randomness.fraction()) };
  }
}

function drawn(shares: CallShares, fraction: number): CallEnd {
  const total = CALL_ENDS.reduce((sum, end) => sum + (shares[end] ?? 0), 0);
  let left = fraction * total;
  for (const end of CALL_ENDS) {
    left -= shares[end] ?? 0;
    if (left < 0) return end;
  }
  return 'answered';
}
