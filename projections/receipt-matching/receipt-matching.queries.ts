// Whose receipt is it? Reads only. What is told here is who may own it: whether the receipt's recipient
// fits is decided by the message itself.
import type { Pool } from 'pg';
import type { ReceiptEvidence } from '../../src/message/message.events.js';
import { receiptStream } from '../../src/message/receipt.events.js';
import { recipientTail } from '../../src/message/recipient.js';
import { textArray } from '../../src/postgres/binary-arrays.js';
import { RECEIPT_MATCHING } from './receipt-matching.projection.js';

/**
 * A receipt belongs to a submit of at most so long before it. SMSCs keep a message for two or three
 * days; after this the pruners take the rows away.
 */
export const MATCH_WINDOW_MS = 7 * 24 * 3_600_000;

/**
 * A receipt may be here before the submit_sm_resp is recorded, but not by more than this. A guess,
 * longer than any response timeout and than most outages of the store.
 */
export const EARLY_MS = 10 * 60_000;

/**
 * A parked receipt that waited so long will be claimed by no message: what is submitted now is too late
 * for it, and those it may be about were offered it for a week.
 */
export const CLAIM_WINDOW_MS = MATCH_WINDOW_MS + EARLY_MS;

/** An id that was used by more submits within the window belongs to a broken SMSC. */
const MAX_CANDIDATES = 4;

export interface AskedReceipt {
  readonly smscMessageId: string;
  /** As the SMSC wrote it; empty when it does not say. */
  readonly recipient: string;
}

export interface PartOwner {
  readonly messageId: string;
  readonly part: number;
}

export interface ParkedReceipt {
  readonly receipt: ReceiptEvidence;
  readonly group: string;
  readonly recipient: string;
  /** Who may own it by its id, the likeliest first. */
  readonly candidates: readonly PartOwner[];
}

/** Where a reader of what can be claimed stopped: it continues behind this one. */
export interface ClaimCursor {
  readonly claimableAt: bigint;
  /** Of its ReceiptParked: the order in which receipts of one part came. */
  readonly position: bigint;
}

export interface ClaimableReceipt extends ParkedReceipt, ClaimCursor {}

/** Where a reader of the parked receipts stopped: it continues behind this one. */
export interface ParkedCursor {
  readonly parkedAt: string;
  readonly receiptId: string;
}

const BEFORE_ALL: ParkedCursor = {
  parkedAt: '-infinity',
  receiptId: '00000000-0000-0000-0000-000000000000',
};

/** A parked receipt that is past its time. */
export interface UnclaimedReceipt extends OldestCursor {
  readonly connector: string;
  readonly smscMessageId: string;
  /** Whether some submit of its group got its id. */
  readonly idKnown: boolean;
}

/** Where a reader of those past their time stopped. */
export interface OldestCursor {
  /** As PostgreSQL writes it: it comes back exactly as it went. */
  readonly parkedAt: string;
  readonly receiptId: string;
}

/** Of the parked receipt r: the newest submit before it, then those recorded after it came. */
const CANDIDATES = `
  select message_id, part,
         row_number() over (order by submitted_at > r.parked_at,
                                     greatest(submitted_at - r.parked_at, r.parked_at - submitted_at)) as likeliest
  from receipt_matching.submitted_parts
  where connector_group = r.connector_group and smsc_message_id = r.smsc_message_id
    and submitted_at between r.parked_at - interval '${MATCH_WINDOW_MS} ms' and r.parked_at + interval '${EARLY_MS} ms'
  order by likeliest limit ${MAX_CANDIDATES}`;

/** A parked receipt beside one of those who may own it: as many rows as there are, the likeliest first. */
interface CandidateRow extends Omit<ParkedReceipt, 'candidates'> {
  readonly messageId: string | null;
  readonly part: number | null;
}

/** Rows of one receipt stand together. */
function gathered<Row extends CandidateRow>(
  rows: readonly Row[],
): readonly (Row & Pick<ParkedReceipt, 'candidates'>)[] {
  const receipts: (Row & { readonly candidates: PartOwner[] })[] = [];
  for (const row of rows) {
    const { messageId, part } = row;
    const candidates = messageId === null || part === null ? [] : [{ messageId, part }];
    const last = receipts.at(-1);
    if (last?.receipt.receiptId === row.receipt.receiptId) last.candidates.push(...candidates);
    else receipts.push({ ...row, candidates });
  }
  return receipts;
}

export class ReceiptMatchingQueries {
  constructor(private readonly pool: Pool) {}

  /**
   * The newest owners of these SMSC ids, in their order; undefined for ids nobody knows (yet), and for
   * those of which an earlier receipt still waits: a later one must not overtake it.
   */
  async owners(
    group: string,
    receivedAt: string,
    asked: readonly AskedReceipt[],
  ): Promise<readonly (PartOwner | undefined)[]> {
    const receivedAtMs = Date.parse(receivedAt);
    const { rows } = await this.pool.query<PartOwner & { n: number }>({
      name: 'receipt-matching-owners',
      // Laterals with a limit, so that both tables are asked by their index, however large they are.
      text: `select wanted.n::int as n, p.message_id as "messageId", p.part
             from unnest($2::text[], $3::text[]) with ordinality as wanted (id, tail, n)
             cross join lateral (
               select message_id, part from receipt_matching.submitted_parts
               where connector_group = $1 and smsc_message_id = wanted.id and submitted_at between $4 and $5
               order by submitted_at desc limit 1) p
             left join lateral (
               select true as waits from receipt_matching.parked_receipts
               where connector_group = $1 and smsc_message_id = wanted.id
                 and (recipient_tail = wanted.tail or recipient_tail = '' or wanted.tail = '')
               limit 1) earlier on true
             where earlier.waits is null`,
      values: [
        group,
        textArray(asked.map(({ smscMessageId }) => smscMessageId)),
        textArray(asked.map(({ recipient }) => recipientTail(recipient))),
        new Date(receivedAtMs - MATCH_WINDOW_MS).toISOString(),
        new Date(receivedAtMs + EARLY_MS).toISOString(),
      ],
    });
    const owners = new Array<PartOwner | undefined>(asked.length);
    for (const { n, messageId, part } of rows) owners[n - 1] = { messageId, part };
    return owners;
  }

  /**
   * Parked receipts of a connector whose id is known by now, behind `after`: as the ids became known,
   * and of one id in the order in which the receipts came. Nothing ever appears before a cursor.
   */
  async claimable(
    connector: string,
    after: ClaimCursor,
    limit: number,
  ): Promise<readonly ClaimableReceipt[]> {
    const { rows } = await this.pool.query<CandidateRow & ClaimCursor>({
      name: 'receipt-matching-claimable',
      text: `select r.claimable_at as "claimableAt", r.position, r.receipt, r.connector_group as "group", r.recipient,
                    owner.message_id as "messageId", owner.part
             from (select * from receipt_matching.parked_receipts
                   where connector = $1 and claimable_at is not null and (claimable_at, position) > ($2, $3)
                   order by claimable_at, position limit $4) r
             left join lateral (${CANDIDATES}) owner on true
             order by r.claimable_at, r.position, owner.likeliest`,
      values: [connector, after.claimableAt, after.position, limit],
    });
    return gathered(rows);
  }

  /** Receipts of a connector that have waited since before `before`, oldest first. */
  async parkedBefore(
    connector: string,
    before: string,
    after: ParkedCursor | null,
    limit: number,
  ): Promise<readonly ParkedReceipt[]> {
    const { parkedAt, receiptId } = after ?? BEFORE_ALL;
    const { rows } = await this.pool.query<CandidateRow>({
      name: 'receipt-matching-parked-before',
      text: `select r.receipt, r.connector_group as "group", r.recipient,
                    owner.message_id as "messageId", owner.part
             from (select * from receipt_matching.parked_receipts
                   where connector = $1 and parked_at < $2 and (parked_at, receipt_id) > ($3::timestamptz, $4::uuid)
                   order by parked_at, receipt_id limit $5) r
             left join lateral (${CANDIDATES}) owner on true
             order by r.parked_at, r.receipt_id, owner.likeliest`,
      values: [connector, before, parkedAt, receiptId, limit],
    });
    return gathered(rows);
  }

  /**
   * Receipts that have waited since before `before`, oldest first, of every connector there ever was:
   * those of a removed one have no matcher left. Without those of streams that the read model does not
   * follow: nothing that is said of them would take them away.
   */
  async unclaimedSince(
    before: string,
    after: OldestCursor | null,
    limit: number,
  ): Promise<readonly UnclaimedReceipt[]> {
    const { parkedAt, receiptId } = after ?? BEFORE_ALL;
    const { rows } = await this.pool.query<UnclaimedReceipt>({
      name: 'receipt-matching-unclaimed',
      // The index begins with the connector: one step along it finds the next, and of each the oldest.
      text: `with recursive connectors as (
               (select connector from receipt_matching.parked_receipts order by connector limit 1)
               union all
               select (select connector from receipt_matching.parked_receipts
                       where connector > c.connector order by connector limit 1)
               from connectors c where c.connector is not null)
             select r.connector, r.smsc_message_id as "smscMessageId", r.claimable_at is not null as "idKnown",
                    r.parked_at::text as "parkedAt", r.receipt_id as "receiptId"
             from connectors c
             cross join lateral (
               select * from receipt_matching.parked_receipts
               where connector = c.connector and parked_at < $1
                 and (parked_at, receipt_id) > ($2::timestamptz, $3::uuid)
               order by parked_at, receipt_id limit $4) r
             where not exists (select from subscription.stopped_streams s
                               where s.id = $5 and s.stream = $6 || c.connector)
             order by r.parked_at, r.receipt_id limit $4`,
      values: [before, parkedAt, receiptId, limit, RECEIPT_MATCHING, receiptStream('')],
    });
    return rows;
  }

  /** Whether any receipt of a connector waits. Looks at one row: counting them would read all. */
  async hasParked(connector: string): Promise<boolean> {
    const { rows } = await this.pool.query<{ has: boolean }>({
      name: 'receipt-matching-has-parked',
      text: 'select exists (select from receipt_matching.parked_receipts where connector = $1) as has',
      values: [connector],
    });
    return rows[0]?.has ?? false;
  }
}
