// What a command_status means at one SMSC, where it differs from the specification: as somebody
// writes it in a configuration, checked, and found again by code.
//
//   "0x58": { class: throttle }
//   "0x400-0x4FF": { class: retry, retries: 5, delaySeconds: 30 }
//
// The narrowest entry that holds a code wins: a single code before a range, a range before the
// range around it.
import { z } from 'zod';
import type { RetryRule } from '../../message/message.commands.js';
import { ConnectorOptionError } from '../smpp.errors.js';
import type { StatusClass } from './command-status.table.js';

const MAX_CODE = 0xffffffff;

/** Longer pauses than a day are a validity, not a retry. */
const MAX_DELAY_SECONDS = 86_400;

/** More retries than this are none that somebody meant: use null, and let the age limit it. */
const MAX_RETRIES = 1_000;

const seconds = z.number().positive().max(MAX_DELAY_SECONDS);

const again = {
  /** First pause; doubled with each retry unless `factor` says otherwise. */
  delaySeconds: seconds.optional(),
  factor: z.number().min(1).max(10).optional(),
  longestDelaySeconds: seconds.optional(),
};

/** One entry, as it is written. */
export const statusOverrideSchema = z
  .discriminatedUnion('class', [
    z.strictObject({ class: z.literal('reject') }),
    z.strictObject({
      class: z.literal('retry'),
      /** Retries at most; null: only the age of the message limits them. */
      retries: z.int().min(0).max(MAX_RETRIES).nullable().optional(),
      ...again,
    }),
    z.strictObject({ class: z.enum(['throttle', 'session', 'bind-fatal']), ...again }),
  ])
  .refine(
    (value) =>
      value.class === 'reject' || (value.longestDelaySeconds ?? Infinity) >= (value.delaySeconds ?? 0),
    {
      path: ['longestDelaySeconds'],
      message: 'must not be below delaySeconds',
    },
  );

type StatusOverride = z.output<typeof statusOverrideSchema>;

/** Code or range of codes → what it means. Keys: `0x58`, `88`, `0x400-0x4FF`. */
export type StatusOverrides = Readonly<Record<string, StatusOverride>>;

interface Override {
  readonly key: string;
  readonly first: number;
  readonly last: number;
  readonly class: StatusClass;
  readonly retry: Partial<RetryRule>;
}

/**
 * The overrides, narrowest first.
 * @throws ConnectorOptionError that names the entry, what is wrong with it and what is possible.
 */
export function readStatusOverrides(given: StatusOverrides): readonly Override[] {
  const overrides = Object.entries(given).map(([key, value]) => readOverride(key, value));
  overrides.sort((a, b) => a.last - a.first - (b.last - b.first));
  overrides.forEach((narrow, index) => {
    for (const wide of overrides.slice(index + 1)) refuseOverlap(narrow, wide);
  });
  return overrides;
}

export function overrideOf(overrides: readonly Override[], code: number): Override | undefined {
  return overrides.find(({ first, last }) => code >= first && code <= last);
}

function readOverride(key: string, value: unknown): Override {
  const [first, last] = readRange(key);
  const parsed = statusOverrideSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = [key, ...(issue?.path ?? [])].join('.');
    throw new ConnectorOptionError(`statusOverrides: ${field}: ${issue?.message ?? 'is not valid'}`);
  }
  return { key, first, last, class: parsed.data.class, retry: retryOf(parsed.data) };
}

function readRange(key: string): readonly [number, number] {
  const match = /^(0x[0-9a-f]{1,8}|\d{1,10})(?:-(0x[0-9a-f]{1,8}|\d{1,10}))?$/i.exec(key);
  const first = Number(match?.[1]);
  const last = match?.[2] === undefined ? first : Number(match[2]);
  if (match === null || first < 1 || last < first || last > MAX_CODE) {
    throw new ConnectorOptionError(
      `statusOverrides: "${key}" must be a command_status such as 0x58, or a range such as 0x400-0x4FF; ` +
        '0 cannot be given another meaning',
    );
  }
  return [first, last];
}

function retryOf(value: StatusOverride): Partial<RetryRule> {
  if (value.class === 'reject') return {};
  const { delaySeconds, factor, longestDelaySeconds } = value;
  const limit = value.class === 'retry' ? value.retries : undefined;
  return {
    ...(limit !== undefined && { limit }),
    ...(delaySeconds !== undefined && { firstSeconds: delaySeconds }),
    ...(factor !== undefined && { factor }),
    ...(longestDelaySeconds !== undefined && { longestSeconds: longestDelaySeconds }),
  };
}

function refuseOverlap(narrow: Override, wide: Override): void {
  const apart = narrow.last < wide.first || narrow.first > wide.last;
  const isSame = narrow.first === wide.first && narrow.last === wide.last;
  const inside = narrow.first >= wide.first && narrow.last <= wide.last;
  if (apart || (inside && !isSame)) return;
  throw new ConnectorOptionError(
    `statusOverrides: "${narrow.key}" and "${wide.key}" overlap; put one inside the other, or keep them apart`,
  );
}
