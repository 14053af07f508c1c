// Open messages in bulk, straight into the tables as the service would have left them: accepted,
// attempted, submitted, and their part known to receipt matching. A million in a minute or two.
import type { Pool } from 'pg';
import { RECEIPT_MATCHING } from '../../../projections/receipt-matching/receipt-matching.projection.js';

export interface OpenMessages {
  /** All of them: numbers 1 to `count`. */
  readonly count: number;
  /** The last so many are attempted, and their submit_sm_resp has not come. */
  readonly unanswered: number;
  readonly connector: string;
  /** When they were submitted: ISO 8601 UTC. */
  readonly at: string;
}

const EVENTS_OF_ONE = 3;
const CHUNK = 100_000;

export function messageIdOf(number: number): string {
  return `019b7a8c-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** The phone of a message, without +. */
export function phoneOf(number: number): string {
  return String(27_830_000_000 + number);
}

export function smscIdOf(number: number): string {
  return String(9_000_000_000_000 + number);
}

const ID = `('019b7a8c-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))`;
const METADATA = `json_build_object('correlationId', n::text, 'causationId', n::text, 'tenantId', 'default',
                                    'at', $3::text, 'schemaVersion', 1)`;

function eventData(kind: number): string {
  switch (kind) {
    case 0:
      return `json_build_object('messageId', ${ID}, 'from', 'SureReach', 'encoding', 'gsm7', 'partCount', 1,
        'priority', 'normal', 'class', 'transactional', 'validUntil', ($3::timestamptz + interval '1 day')::text,
        'channels', json_build_array(json_build_object('channel', 'sms', 'fallbackAfterSeconds', 3600,
                                                       'successStatus', 'delivered')),
        'sendAt', null, 'reference', null, 'batch', null, 'locale', null,
        'personal', json_build_object('to', '+' || (27830000000 + n), 'text', 'Your card was used at 10:15.'))`;
    case 1:
      return `json_build_object('attempt', 1, 'connector', $4::text, 'sender', '1', 'parts', json_build_array(1),
        'form', 'udh8', 'total', 1)`;
    default:
      return `json_build_object('attempt', 1, 'connector', $4::text, 'late', false, 'parts',
        json_build_array(json_build_object('part', 1, 'smscMessageId', (9000000000000 + n)::text)))`;
  }
}

const TYPES = ['MessageAccepted', 'SubmitAttempted', 'MessageSubmitted'] as const;

/** Fills an empty, migrated database, and lets the reader of receipt matching begin behind it. */
export async function fillOpenMessages(pool: Pool, open: OpenMessages): Promise<void> {
  const answered = open.count - open.unanswered;
  for (let from = 1; from <= open.count; from += CHUNK) {
    const to = Math.min(open.count, from + CHUNK - 1);
    for (const [kind, type] of TYPES.entries()) {
      const last = kind === 2 ? Math.min(to, answered) : to;
      if (last < from) continue;
      await pool.query(
        `insert into journal_events (position, revision, id, stream, type, data, metadata)
         select (n - 1) * ${String(EVENTS_OF_ONE)} + ${String(kind)} + 1, ${String(kind)}, gen_random_uuid(),
                'message-' || ${ID}, '${type}', ${eventData(kind)}, ${METADATA}
         from generate_series($1::int, $2::int) n
         where $4::text is not null`,
        [from, last, open.at, open.connector],
      );
    }
  }
  await pool.query(
    `insert into receipt_matching.submitted_parts
       (connector_group, smsc_message_id, message_id, part, submitted_at, position, learned)
     select $2::text, (9000000000000 + n)::text, ${ID}::uuid, 1, $3::timestamptz,
            (n - 1) * ${String(EVENTS_OF_ONE)} + 3, false
     from generate_series(1, $1::int) n`,
    [answered, open.connector, open.at],
  );
  const head = open.count * EVENTS_OF_ONE;
  await pool.query('update journal_head set position = $1', [head]);
  await pool.query('insert into subscription.checkpoints (id, position, fence) values ($1, $2, 0)', [
    RECEIPT_MATCHING,
    head,
  ]);
  for (const statement of [
    'vacuum analyze journal_events',
    'vacuum analyze receipt_matching.submitted_parts',
    'checkpoint',
  ])
    await pool.query(statement);
}
