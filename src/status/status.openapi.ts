// What the status API asks and answers, for its checks and for the OpenAPI document; the tests
// hold the answers against it.
import { z } from 'zod';

export const MESSAGE_STATUSES = [
  'accepted',
  'scheduled',
  'submitting',
  'submitted',
  'in-doubt',
  'quarantined',
  'buffered',
  'delivered',
  'undelivered',
  'rejected',
  'expired',
  'cancelled',
  'suppressed',
] as const;

const OUTCOMES = ['pending', 'reached-by-sms', 'reached-by-voice', 'not-reached'] as const;

const DEFAULT_PAGE = 50;
const LARGEST_PAGE = 200;

export const PageLimit = z
  .string()
  .regex(/^\d{1,3}$/, { error: `must be a whole number from 1 to ${String(LARGEST_PAGE)}`, abort: true })
  .transform(Number)
  .refine(
    (limit) => limit >= 1 && limit <= LARGEST_PAGE,
    `must be a whole number from 1 to ${String(LARGEST_PAGE)}`,
  )
  .default(DEFAULT_PAGE);

/** Values of a query are text. */
export const MessageQuery = z.strictObject({
  to: z.string().min(1).max(40).optional(),
  status: z.enum(MESSAGE_STATUSES).optional(),
  batch: z.string().min(1).max(100).optional(),
  cursor: z.string().max(200).optional(),
  limit: PageLimit,
});

const instant = z.iso.datetime();
const label = z.string().nullable();
const counts = z.record(z.string(), z.int());

const channel = z.union([
  z.object({
    channel: z.literal('sms'),
    fallbackAfter: z.int(),
    successStatus: z.enum(['delivered', 'submitted']),
  }),
  z.object({ channel: z.literal('voice'), maxCalls: z.int(), retryAfter: z.int() }),
]);

const attempt = z.object({
  attempt: z.int(),
  at: instant,
  connector: z.string(),
  parts: z.array(z.int()),
  results: z.array(
    z.object({
      at: instant,
      result: z.enum(['submitted', 'deferred', 'in-doubt', 'rejected']),
      parts: z.array(z.int()),
      detail: label,
    }),
  ),
});

const part = z.object({
  part: z.int(),
  state: z.string(),
  connector: label,
  smscMessageId: label,
  receipt: label,
  networkError: label,
});

const call = z.object({
  attempt: z.int(),
  at: instant,
  gateway: z.string(),
  sessionId: label,
  result: z.enum(['calling', 'answered', 'failed', 'unknown']),
  reason: label,
  durationSeconds: z.number().nullable(),
  retryAt: instant.nullable(),
});

const fallback = z.object({
  decision: z.enum(['voice', 'give-up']),
  rule: z.string(),
  evidence: z.string(),
  callAt: instant.nullable(),
  at: instant,
});

const order = z.object({
  state: z.enum(['requested', 'done', 'refused']),
  at: instant,
  reason: label,
  detail: label,
});

const queries = z.object({
  made: z.int(),
  lastAt: instant,
  nextAt: instant.nullable(),
  failure: label,
});

export const MessageSchema = z
  .object({
    id: z.uuid(),
    to: z.string(),
    from: z.string(),
    status: z.enum(MESSAGE_STATUSES).meta({ description: 'How the SMS stands.' }),
    outcome: z
      .enum(OUTCOMES)
      .meta({ description: 'Whether the person was reached, and how; once decided it never changes.' }),
    reason: label.meta({ description: 'Why it stands as it stands; null while all goes well.' }),
    parts: z.array(part),
    attempts: z.array(attempt),
    fallback: fallback.nullable(),
    voice: z.array(call),
    cancellation: order.nullable().meta({ description: 'The last request to cancel it, and its end.' }),
    replacement: order.nullable().meta({ description: 'The last request to replace its text.' }),
    queries: queries
      .nullable()
      .meta({ description: 'How often the SMSC was asked for its state because no receipt came.' }),
    priority: z.enum(['high', 'normal', 'low']),
    class: z.enum(['transactional', 'otp', 'marketing', 'emergency']),
    channels: z.array(channel),
    encoding: z.enum(['gsm7', 'latin1', 'ucs2', 'binary']),
    reference: label,
    batch: label,
    locale: label,
    sendAt: instant.nullable(),
    validUntil: instant,
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ title: 'Message' });

export const MessagePage = z
  .object({
    items: z.array(MessageSchema),
    nextCursor: label.meta({ description: 'Give it as ?cursor= to get the next page; null on the last.' }),
  })
  .meta({ title: 'MessagePage' });

export const MessageEvents = z.array(
  z
    .object({
      id: z.uuid(),
      type: z.string(),
      revision: z
        .union([z.int(), z.string()])
        .meta({ description: 'Place in the history of the message, from 0.' }),
      position: z.union([z.int(), z.string()]).meta({ description: 'Place in the whole journal.' }),
      at: instant,
      data: z.record(z.string(), z.unknown()),
      metadata: z.record(z.string(), z.unknown()),
    })
    .meta({ title: 'MessageEvent' }),
);

const upload = z
  .object({
    state: z.enum(['open', 'complete', 'cut', 'refused']),
    startedAt: instant,
    endedAt: instant.nullable(),
    reason: label,
    rows: z.int().nullable(),
    accepted: z.int().nullable(),
    rejected: z.int().nullable(),
    lastLine: z.int().nullable(),
  })
  .meta({ description: 'open: being read, or the process that read it is gone.' });

export const BatchSchema = z
  .object({
    id: z.string(),
    messages: z.int(),
    byStatus: counts,
    byOutcome: counts,
    upload: upload.nullable(),
  })
  .meta({ title: 'Batch' });

export const StatsSchema = z
  .object({
    messages: z.int(),
    byStatus: counts,
    byOutcome: counts,
    queueDepth: z.int().meta({ description: 'Messages that wait to be submitted.' }),
    waitingFor: counts.meta({ description: 'Open messages by what they wait for.' }),
  })
  .meta({ title: 'Stats' });
