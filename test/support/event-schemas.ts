// The shape of every event of the feed, as docs/schemas/events publishes it. Written by hand, not taken
// from the types of the domain: what consumers were promised must not change because a type did.
import { z } from 'zod';
import type { MessageEventType } from '../../src/message/message.events.js';

const instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .meta({ description: 'ISO 8601, UTC, milliseconds' });
const uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const decimal = z.string().regex(/^\d+$/);
const count = z.int().min(0).max(1_000_000_000);
const nth = z.int().min(1).max(1_000_000_000);
const parts = z.array(nth);
const commandStatus = z.strictObject({ code: count, name: z.string() });
const encoding = z.enum(['gsm7', 'latin1', 'ucs2', 'binary']);
const connector = z.string();

/** Only with KAFKA_PERSONAL_DATA=full. */
const full = <Schema extends z.ZodType>(schema: Schema): z.ZodOptional<Schema> => schema.optional();

const receipt = z.strictObject({
  receiptId: full(z.string()),
  connector,
  group: z.string().optional(),
  smscMessageId: z.string(),
  state: z.enum([
    'enroute',
    'accepted',
    'delivered',
    'expired',
    'deleted',
    'undeliverable',
    'unknown',
    'rejected',
  ]),
  networkError: z.string().nullable(),
  doneDate: z.string().nullable(),
  doneAt: instant.optional(),
  receivedAt: instant,
  raw: full(z.string()),
  source: z.literal('query').optional(),
});
const byReceipt = { part: nth, receipt };
const reason = z.string();

const partAtSmsc = {
  part: nth,
  connector,
  smscMessageId: z.string(),
  rawSmscMessageId: z.string().optional(),
};
const partWords = z.array(z.strictObject({ part: nth, commandStatus: commandStatus.nullable() }));
const textAlone = full(z.strictObject({ text: z.string() }));

const sms = z.strictObject({
  channel: z.literal('sms'),
  fallbackAfterSeconds: count,
  successStatus: z.enum(['delivered', 'submitted']),
});
const voice = z.strictObject({ channel: z.literal('voice'), maxCalls: nth, retryAfterSeconds: count });
const shiftTable = z.enum(['tr', 'es', 'pt']).nullable();
const format = z.strictObject({
  nationalTables: z.strictObject({ locking: shiftTable, single: shiftTable }).nullable(),
  dataCoding: count.nullable(),
  flash: z.boolean(),
  ports: z.strictObject({ destination: count, source: count }).nullable(),
});

/** Of the field `data`, by event. */
const DATA = {
  MessageAccepted: z.strictObject({
    messageId: uuid,
    from: z.string(),
    encoding,
    partCount: nth,
    format: format.optional(),
    priority: z.enum(['high', 'normal', 'low']),
    class: z.enum(['transactional', 'otp', 'marketing', 'emergency']),
    channels: z.array(z.union([sms, voice])).min(1),
    validUntil: instant,
    sendAt: instant.nullable(),
    reference: z.string().nullable(),
    batch: z.string().nullable(),
    locale: z.string().nullable(),
    personal: z.strictObject({
      to: z.string(),
      text: full(z.string()),
      binary: full(z.strictObject({ udh: z.string(), data: z.string() })),
      replaced: full(z.array(z.strictObject({ from: z.string(), to: z.string(), count }))),
    }),
  }),
  MessageScheduled: z.strictObject({ sendAt: instant }),
  SubmitAttempted: z.strictObject({
    attempt: nth,
    connector,
    sender: z.string(),
    parts,
    form: z.enum(['udh8', 'udh16', 'sar', 'payload']),
    total: nth,
    encoding: encoding.optional(),
  }),
  MessageSubmitted: z.strictObject({
    attempt: nth,
    connector,
    group: z.string().optional(),
    parts: z.array(
      z.strictObject({
        part: nth,
        smscMessageId: z.string(),
        rawSmscMessageId: z.string().optional(),
      }),
    ),
    late: z.boolean(),
    queryAt: instant.optional(),
  }),
  SubmitDeferred: z.strictObject({
    attempt: nth,
    connector,
    parts,
    cause: z.enum(['throttled', 'refused', 'not-sent']),
    commandStatus: commandStatus.nullable(),
    retry: count,
    retryAt: instant,
  }),
  SubmitOutcomeUnknown: z.strictObject({
    attempt: nth,
    connector,
    parts,
    cause: z.enum(['response-timeout', 'link-lost', 'process-lost']),
    policy: z.enum(['hold', 'resubmit']),
    retryAt: instant.nullable(),
  }),
  PartRefused: z.strictObject({ attempt: nth, connector, parts, commandStatus, retries: count }),
  MessageQuarantined: z.strictObject({
    parts,
    attempts: nth,
    connector,
    losses: z.array(
      z.strictObject({ attempt: nth, connector, cause: z.enum(['link-lost', 'process-lost']) }),
    ),
  }),
  MessageReleased: z.strictObject({ parts, reason }),
  MessageBuffered: z.strictObject(byReceipt),
  PartReported: z.strictObject(byReceipt),
  MessageDelivered: z.strictObject(byReceipt),
  MessageUndelivered: z.strictObject({ ...byReceipt, reason }),
  MessageExpired: z.union([
    z.strictObject({ cause: z.literal('validity'), reason }),
    z.strictObject({ cause: z.literal('receipt'), reason, ...byReceipt }),
  ]),
  MessageRejected: z.union([
    z.strictObject({
      cause: z.literal('submit'),
      reason,
      attempt: nth,
      connector,
      parts,
      commandStatus,
      retries: count,
    }),
    z.strictObject({ cause: z.literal('receipt'), reason, ...byReceipt }),
  ]),
  MessageCancelled: z.union([
    z.strictObject({ by: z.literal('request'), reason }),
    z.strictObject({
      by: z.literal('smsc'),
      reason,
      attempt: nth,
      parts: z.array(z.strictObject(partAtSmsc)),
    }),
    z.strictObject({ by: z.literal('receipt'), reason, ...byReceipt }),
  ]),
  MessageSuppressed: z.strictObject({ reason }),
  ReceiptContradicted: z.strictObject({ ...byReceipt, recorded: receipt.shape.state }),
  FallbackDecided: z.strictObject({
    decision: z.enum(['voice', 'give-up']),
    rule: z.enum(['rejected', 'undelivered', 'expired', 'no-receipt', 'in-doubt']),
    evidence: z.string(),
    callAt: instant.nullable(),
  }),
  VoiceAttempted: z.strictObject({ attempt: nth, gateway: z.string(), reportDueAt: instant }),
  VoiceQueued: z.strictObject({ attempt: nth, sessionId: z.string() }),
  VoiceAnswered: z.strictObject({
    attempt: nth,
    sessionId: z.string(),
    durationSeconds: z.number().min(0),
    raw: full(z.string()),
  }),
  VoiceFailed: z.strictObject({
    attempt: nth,
    sessionId: z.string().nullable(),
    failure: z.enum([
      'busy',
      'no-answer',
      'declined',
      'unreachable',
      'invalid-number',
      'refused-by-gateway',
      'failed',
    ]),
    reason,
    retryAt: instant.nullable(),
    raw: full(z.string()),
  }),
  VoiceOutcomeUnknown: z.strictObject({
    attempt: nth,
    cause: z.enum(['request-unanswered', 'no-final-report', 'process-lost']),
    detail: z.string(),
  }),
  CancelRequested: z.strictObject({ reason, parts }),
  CancelAttempted: z.strictObject({
    attempt: nth,
    sender: z.string(),
    parts: z.array(z.strictObject(partAtSmsc)),
    retryAt: instant,
  }),
  CancelRefused: z.strictObject({
    cause: z.enum(['refused', 'unanswered', 'in-doubt', 'no-smsc-id', 'too-late']),
    reason,
    parts: partWords,
  }),
  ReplaceRequested: z.strictObject({ ...partAtSmsc, personal: textAlone }),
  ReplaceAttempted: z.strictObject({ ...partAtSmsc, attempt: nth, sender: z.string(), retryAt: instant }),
  TextReplaced: z.strictObject({
    by: z.enum(['request', 'smsc']),
    encoding: z.enum(['gsm7', 'latin1', 'ucs2']),
    partCount: nth,
    personal: textAlone,
  }),
  ReplaceRefused: z.strictObject({
    cause: z.enum(['refused', 'unanswered', 'too-late', 'not-carried']),
    reason,
    commandStatus: commandStatus.nullable(),
  }),
  QueryAttempted: z.strictObject({
    query: nth,
    sender: z.string(),
    parts: z.array(z.strictObject(partAtSmsc)),
    nextAt: instant.nullable(),
  }),
  QueryFailed: z.strictObject({ query: nth, reason, parts: partWords, givenUp: z.boolean() }),
} as const satisfies Record<MessageEventType, z.ZodType>;

/** Every type of event there is; the compiler sees to that. */
export const PUBLISHED = Object.keys(DATA) as MessageEventType[];

export const EVENT_SCHEMAS = new Map(PUBLISHED.map((type) => [type, cloudEvent(type)]));

function cloudEvent(type: MessageEventType): z.ZodType {
  return z.strictObject({
    specversion: z.literal('1.0'),
    id: uuid,
    source: z.literal('/surereach/messages'),
    type: z.literal(`surereach.${type}.v1`),
    subject: uuid,
    time: instant,
    datacontenttype: z.literal('application/json'),
    dataschema: z.literal(schemaId(type)),
    correlationid: z.string(),
    causationid: z.string(),
    tenantid: z.string(),
    revision: decimal,
    position: decimal,
    data: DATA[type],
  });
}

function schemaId(type: MessageEventType): string {
  return `urn:surereach:event:${type}:1`;
}

/** As it stands in the file: open for fields that are added later, which is no break. */
export function jsonSchemaOf(type: MessageEventType): string {
  const schema = EVENT_SCHEMAS.get(type);
  if (schema === undefined) throw new RangeError(`no schema of ${type}`);
  const { $schema, ...rest } = opened(z.toJSONSchema(schema)) as Record<string, unknown>;
  return `${JSON.stringify({ $schema, $id: schemaId(type), title: type, ...rest }, null, 2)}\n`;
}

function opened(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(opened);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([name, value]) => name !== 'additionalProperties' || value !== false)
      .map(([name, value]) => [name, opened(value)]),
  );
}
