// Submitted parts and parked receipts, side by side, so that one join finds what belongs together
// whichever came first.
import type { RecordedEvent } from '../../src/journal/journal.js';
import { messageIdOf, toMessageEvent } from '../../src/lifecycle/message-stream.js';
import type { ReceiptEvidence } from '../../src/message/message.events.js';
import {
  isReceiptStream,
  type ReceiptMatched,
  type ReceiptParked,
  toReceiptEvent,
} from '../../src/message/receipt.events.js';
import { int8Array, textArray, uuidArray } from '../../src/postgres/binary-arrays.js';
import { type Applied, type Statement, SubscriptionHandler } from '../../src/subscription/subscription.js';
import { StreamStops } from '../stream-stops.js';

export const RECEIPT_MATCHING = 'receipt-matching-v1';
export const RECEIPT_MATCHING_SCHEMA = 'receipt_matching';

interface PartRow {
  readonly connector: string;
  readonly smscMessageId: string;
  readonly messageId: string;
  readonly part: number;
}

interface ParkedRow extends ReceiptParked {
  readonly position: bigint;
}

export class ReceiptMatchingProjection extends SubscriptionHandler {
  private readonly stops = new StreamStops();

  constructor(private readonly schema = RECEIPT_MATCHING_SCHEMA) {
    super();
  }

  override reset(_checkpoint: bigint, stopped: ReadonlySet<string>): void {
    this.stops.reset(stopped);
  }

  override apply(events: readonly RecordedEvent[]): Promise<Applied> {
    const parts = new Map<string, PartRow>();
    const parked = new Map<string, ParkedRow>();
    const owned = new Map<string, PartRow>();
    const matched = new Map<string, ReceiptMatched>();
    const stopped = this.stops.through(events, (event) => {
      if (event.type === 'MessageSubmitted') {
        collectParts(event, parts);
      } else if (isReceiptStream(event.stream)) {
        const receiptEvent = toReceiptEvent(event);
        if (receiptEvent.type === 'ReceiptParked') {
          const { data } = receiptEvent;
          // A copy of one that waits already changes nothing, in the table as here.
          if (!parked.has(data.receipt.receiptId))
            parked.set(data.receipt.receiptId, { ...data, position: event.position });
        } else {
          const { data } = receiptEvent;
          const known = parked.get(data.receiptId);
          parked.delete(data.receiptId);
          if (!matched.has(data.receiptId)) matched.set(data.receiptId, data);
          if (known !== undefined) collectOwned(known.receipt, data, owned);
        }
      }
    });
    const statements: Statement[] = [];
    // In this order: a submit's own id outranks what a match taught, and a copy parked after the match stays.
    if (matched.size > 0) statements.push(...takeMatched(this.schema, [...matched.values()]));
    if (owned.size > 0) statements.push(insertOwned(this.schema, [...owned.values()]));
    if (parts.size > 0) statements.push(upsertParts(this.schema, [...parts.values()]));
    if (parked.size > 0) statements.push(insertParked(this.schema, [...parked.values()]));
    return Promise.resolve({ statements, stopped });
  }
}

/** Later ones win within the batch, as they do in the table. */
function collectParts(event: RecordedEvent, parts: Map<string, PartRow>): void {
  const messageId = messageIdOf(event.stream);
  if (messageId === undefined) return;
  const submission = toMessageEvent(event);
  if (submission.type !== 'MessageSubmitted') return;
  const { connector, parts: submitted } = submission.data;
  for (const { part, smscMessageId } of submitted) {
    if (smscMessageId === '') continue; // an SMSC that gives no id: nothing can be matched by it
    parts.set(`${connector}\n${smscMessageId}`, { connector, smscMessageId, messageId, part });
  }
}

function upsertParts(schema: string, rows: readonly PartRow[]): Statement {
  return {
    name: `${schema}-parts`,
    text: `insert into ${schema}.submitted_parts (connector, smsc_message_id, message_id, part)
           select * from unnest($1::text[], $2::text[], $3::uuid[], $4::int8[])
           on conflict (connector, smsc_message_id) do update
             set message_id = excluded.message_id, part = excluded.part`,
    values: partColumns(rows),
  };
}

function partColumns(rows: readonly PartRow[]): readonly unknown[] {
  return [
    textArray(rows.map(({ connector }) => connector)),
    textArray(rows.map(({ smscMessageId }) => smscMessageId)),
    uuidArray(rows.map(({ messageId }) => messageId)),
    int8Array(rows.map(({ part }) => BigInt(part))),
  ];
}

function insertParked(schema: string, rows: readonly ParkedRow[]): Statement {
  return {
    name: `${schema}-park`,
    text: `insert into ${schema}.parked_receipts
             (receipt_id, connector, smsc_message_id, position, parked_at, receipt, recipient)
           select * from unnest($1::uuid[], $2::text[], $3::text[], $7::int8[], $4::timestamptz[], $5::json[],
                                $6::text[])
           on conflict (receipt_id) do nothing`,
    values: [
      rows.map(({ receipt }) => receipt.receiptId),
      rows.map(({ receipt }) => receipt.connector),
      rows.map(({ receipt }) => receipt.smscMessageId),
      rows.map(({ receipt }) => receipt.receivedAt),
      rows.map(({ receipt }) => JSON.stringify(receipt)),
      rows.map(({ personal }) => personal.to),
      int8Array(rows.map(({ position }) => position)),
    ],
  };
}

/** A match by recipient teaches the SMSC's id: the next receipt of the same part carries it too. */
function collectOwned(receipt: ReceiptEvidence, match: ReceiptMatched, owned: Map<string, PartRow>): void {
  const { connector, smscMessageId } = receipt;
  const key = `${connector}\n${smscMessageId}`;
  if (smscMessageId === '' || owned.has(key)) return;
  owned.set(key, { connector, smscMessageId, messageId: match.messageId, part: match.part });
}

function insertOwned(schema: string, rows: readonly PartRow[]): Statement {
  return {
    name: `${schema}-owned`,
    text: `insert into ${schema}.submitted_parts (connector, smsc_message_id, message_id, part)
           select * from unnest($1::text[], $2::text[], $3::uuid[], $4::int8[])
           on conflict (connector, smsc_message_id) do nothing`,
    values: partColumns(rows),
  };
}

/** Learns what the matched receipts' rows teach, and takes them away. */
function takeMatched(schema: string, matches: readonly ReceiptMatched[]): readonly Statement[] {
  const receiptIds = matches.map(({ receiptId }) => receiptId);
  return [
    {
      name: `${schema}-learn`,
      text: `insert into ${schema}.submitted_parts (connector, smsc_message_id, message_id, part)
             select distinct on (r.connector, r.smsc_message_id) r.connector, r.smsc_message_id, m.message_id, m.part
             from unnest($1::uuid[], $2::uuid[], $3::smallint[]) with ordinality as m (receipt_id, message_id, part, n)
             join ${schema}.parked_receipts r using (receipt_id)
             where r.smsc_message_id <> '' order by r.connector, r.smsc_message_id, m.n
             on conflict (connector, smsc_message_id) do nothing`,
      values: [receiptIds, matches.map(({ messageId }) => messageId), matches.map(({ part }) => part)],
    },
    {
      name: `${schema}-unpark`,
      text: `delete from ${schema}.parked_receipts where receipt_id = any($1::uuid[])`,
      values: [receiptIds],
    },
  ];
}
