// Submitted parts and parked receipts, side by side, so that one join finds what belongs together
// whichever came first.
import type { RecordedEvent } from '../../src/journal/journal.js';
import { messageIdOf, toMessageEvent } from '../../src/lifecycle/message-stream.js';
import {
  isReceiptStream,
  type ReceiptMatched,
  type ReceiptParked,
  toReceiptEvent,
} from '../../src/message/receipt.events.js';
import { recipientTail } from '../../src/message/recipient.js';
import { int8Array, textArray, uuidArray } from '../../src/postgres/binary-arrays.js';
import { type Applied, type Statement, SubscriptionHandler } from '../../src/subscription/subscription.js';
import { StreamStops } from '../stream-stops.js';

export const RECEIPT_MATCHING = 'receipt-matching-v1';
export const RECEIPT_MATCHING_SCHEMA = 'receipt_matching';

interface PartRow {
  readonly group: string;
  readonly smscMessageId: string;
  readonly messageId: string;
  readonly part: number;
  readonly submittedAt: string;
  readonly position: bigint;
}

interface MatchRow extends ReceiptMatched {
  readonly position: bigint;
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
    // What leaves the table, by what took it away first; null: nobody claimed it, it teaches nothing.
    const taken = new Map<string, MatchRow | null>();
    const stopped = this.stops.through(events, (event) => {
      if (event.type === 'MessageSubmitted') {
        collectParts(event, parts);
      } else if (event.type === 'MessageBuffered') {
        collectBuffered(event, owned);
      } else if (isReceiptStream(event.stream)) {
        const receiptEvent = toReceiptEvent(event);
        if (receiptEvent.type === 'ReceiptParked') {
          const { data } = receiptEvent;
          // A copy of one that waits already changes nothing, in the table as here.
          if (!parked.has(data.receipt.receiptId))
            parked.set(data.receipt.receiptId, { ...data, position: event.position });
        } else {
          const { receiptId } = receiptEvent.data;
          const known = parked.get(receiptId);
          parked.delete(receiptId);
          const match =
            receiptEvent.type === 'ReceiptMatched'
              ? { ...receiptEvent.data, position: event.position }
              : null;
          if (!taken.has(receiptId)) taken.set(receiptId, match);
          if (known !== undefined && match !== null) collectOwned(known, match, owned);
        }
      }
    });
    const statements: Statement[] = [];
    // In this order: a submit's own id outranks what a match taught, and a copy parked after the match stays.
    if (taken.size > 0) statements.push(...takeAway(this.schema, taken));
    if (owned.size > 0) statements.push(insertOwned(this.schema, [...owned.values()]));
    if (parts.size > 0) statements.push(upsertParts(this.schema, [...parts.values()]));
    if (parked.size > 0) statements.push(insertParked(this.schema, [...parked.values()]));
    if (parts.size > 0) statements.push(claimParked(this.schema, [...parts.values()]));
    return Promise.resolve({ statements, stopped });
  }
}

/** Later ones win within the batch, as they do in the table. */
function collectParts(event: RecordedEvent, parts: Map<string, PartRow>): void {
  const messageId = messageIdOf(event.stream);
  if (messageId === undefined) return;
  const submission = toMessageEvent(event);
  if (submission.type !== 'MessageSubmitted') return;
  const { connector, group = connector, parts: submitted } = submission.data;
  const { at: submittedAt } = submission;
  const { position } = event;
  for (const { part, smscMessageId } of submitted) {
    if (smscMessageId === '') continue; // an SMSC that gives no id: nothing can be matched by it
    const row = { group, smscMessageId, messageId, part, submittedAt, position };
    parts.set(keyOf(row), row);
  }
}

function keyOf({ group, smscMessageId, messageId, part }: PartRow): string {
  return `${group}\n${smscMessageId}\n${messageId}\n${String(part)}`;
}

const PART_COLUMNS = '(connector_group, smsc_message_id, message_id, part, submitted_at, position, learned)';
const PART_ARRAYS = '$1::text[], $2::text[], $3::uuid[], $4::int8[], $5::text[], $6::int8[]';
const PART_VALUES = 'connector_group, smsc_message_id, message_id, part, submitted_at::timestamptz, position';

function upsertParts(schema: string, rows: readonly PartRow[]): Statement {
  return {
    name: `${schema}-parts`,
    text: `insert into ${schema}.submitted_parts ${PART_COLUMNS}
           select ${PART_VALUES}, false
           from unnest(${PART_ARRAYS}) as n (connector_group, smsc_message_id, message_id, part, submitted_at, position)
           on conflict (connector_group, smsc_message_id, message_id, part) do update
             set submitted_at = excluded.submitted_at, position = excluded.position, learned = false`,
    values: partColumns(rows),
  };
}

function partColumns(rows: readonly PartRow[]): readonly unknown[] {
  return [
    textArray(rows.map(({ group }) => group)),
    textArray(rows.map(({ smscMessageId }) => smscMessageId)),
    uuidArray(rows.map(({ messageId }) => messageId)),
    int8Array(rows.map(({ part }) => BigInt(part))),
    textArray(rows.map(({ submittedAt }) => submittedAt)),
    int8Array(rows.map(({ position }) => position)),
  ];
}

/** What was parked under these ids can be claimed from the event on that told of them. */
function claimParked(schema: string, rows: readonly PartRow[]): Statement {
  const newest = new Map<string, PartRow>();
  for (const row of rows) newest.set(`${row.group}\n${row.smscMessageId}`, row); // in the order of the journal
  const keys = [...newest.values()];
  return {
    name: `${schema}-claim`,
    text: `update ${schema}.parked_receipts r set claimable_at = greatest(r.position, n.position)
           from unnest($1::text[], $2::text[], $3::int8[]) as n (connector_group, smsc_message_id, position)
           where r.connector_group = n.connector_group and r.smsc_message_id = n.smsc_message_id
             and (r.claimable_at is null or r.claimable_at < greatest(r.position, n.position))`,
    values: [
      textArray(keys.map(({ group }) => group)),
      textArray(keys.map(({ smscMessageId }) => smscMessageId)),
      int8Array(keys.map(({ position }) => position)),
    ],
  };
}

function insertParked(schema: string, rows: readonly ParkedRow[]): Statement {
  return {
    name: `${schema}-park`,
    // An id that a match taught counts for what came after the match, whatever batch it comes in.
    text: `insert into ${schema}.parked_receipts
             (receipt_id, connector_group, smsc_message_id, connector, position, parked_at, receipt, recipient,
              recipient_tail, claimable_at)
           select n.*, (select greatest(n.position, max(p.position)) from ${schema}.submitted_parts p
                        where p.connector_group = n.connector_group and p.smsc_message_id = n.smsc_message_id
                          and (not p.learned or p.position < n.position)
                        having count(*) > 0)
           from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int8[], $6::timestamptz[], $7::json[],
                       $8::text[], $9::text[])
             as n (receipt_id, connector_group, smsc_message_id, connector, position, parked_at, receipt, recipient, tail)
           on conflict (receipt_id) do nothing`,
    values: [
      uuidArray(rows.map(({ receipt }) => receipt.receiptId)),
      textArray(rows.map(({ group }) => group)),
      textArray(rows.map(({ receipt }) => receipt.smscMessageId)),
      textArray(rows.map(({ receipt }) => receipt.connector)),
      int8Array(rows.map(({ position }) => position)),
      rows.map(({ receipt }) => receipt.receivedAt),
      rows.map(({ receipt }) => JSON.stringify(receipt)),
      textArray(rows.map(({ personal }) => personal.to)),
      textArray(rows.map(({ personal }) => recipientTail(personal.to))),
    ],
  };
}

/**
 * A receipt that was recorded before its submit_sm_resp leaves nothing for that to record, and more
 * receipts are to come: their id is learned from it.
 */
function collectBuffered(event: RecordedEvent, owned: Map<string, PartRow>): void {
  const messageId = messageIdOf(event.stream);
  const buffered = toMessageEvent(event);
  if (messageId === undefined || buffered.type !== 'MessageBuffered') return;
  const { part, receipt } = buffered.data;
  const { connector, group = connector, smscMessageId, receivedAt: submittedAt } = receipt;
  if (smscMessageId === '') return;
  const row = { group, smscMessageId, messageId, part, submittedAt, position: event.position };
  const key = keyOf(row);
  if (!owned.has(key)) owned.set(key, row);
}

/** A match by recipient teaches the SMSC's id: the next receipt of the same part carries it too. */
function collectOwned(
  { group, receipt }: ReceiptParked,
  { messageId, part, by, position }: MatchRow,
  owned: Map<string, PartRow>,
): void {
  const { smscMessageId, receivedAt: submittedAt } = receipt;
  if (smscMessageId === '' || by !== 'recipient') return;
  const row = { group, smscMessageId, messageId, part, submittedAt, position };
  const key = keyOf(row);
  if (!owned.has(key)) owned.set(key, row);
}

function insertOwned(schema: string, rows: readonly PartRow[]): Statement {
  return {
    name: `${schema}-owned`,
    text: `insert into ${schema}.submitted_parts ${PART_COLUMNS}
           select ${PART_VALUES}, true
           from unnest(${PART_ARRAYS}) as n (connector_group, smsc_message_id, message_id, part, submitted_at, position)
           on conflict (connector_group, smsc_message_id, message_id, part) do nothing`,
    values: partColumns(rows),
  };
}

/** Learns what the matched receipts' rows teach, and takes them away with those nobody claimed. */
function takeAway(schema: string, taken: ReadonlyMap<string, MatchRow | null>): readonly Statement[] {
  const teaching = [...taken.values()].filter((match): match is MatchRow => match?.by === 'recipient');
  const unpark: Statement = {
    name: `${schema}-unpark`,
    text: `delete from ${schema}.parked_receipts where receipt_id = any($1::uuid[])`,
    values: [uuidArray([...taken.keys()])],
  };
  if (teaching.length === 0) return [unpark];
  const learn: Statement = {
    name: `${schema}-learn`,
    text: `insert into ${schema}.submitted_parts ${PART_COLUMNS}
           select distinct on (r.connector_group, r.smsc_message_id, m.message_id, m.part)
             r.connector_group, r.smsc_message_id, m.message_id, m.part, r.parked_at, m.position, true
           from unnest($1::uuid[], $2::uuid[], $3::int8[], $4::int8[]) as m (receipt_id, message_id, part, position)
           join ${schema}.parked_receipts r using (receipt_id)
           where r.smsc_message_id <> ''
           order by r.connector_group, r.smsc_message_id, m.message_id, m.part, m.position
           on conflict (connector_group, smsc_message_id, message_id, part) do nothing`,
    values: [
      uuidArray(teaching.map(({ receiptId }) => receiptId)),
      uuidArray(teaching.map(({ messageId }) => messageId)),
      int8Array(teaching.map(({ part }) => BigInt(part))),
      int8Array(teaching.map(({ position }) => position)),
    ],
  };
  return [learn, unpark];
}
