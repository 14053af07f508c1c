// Whose receipt is it? Reads only.
import type { Pool } from 'pg';
import type { ReceiptEvidence } from '../../src/message/message.events.js';

export interface SmscId {
  readonly connector: string;
  readonly smscMessageId: string;
}

export interface PartOwner {
  readonly messageId: string;
  readonly part: number;
}

export interface Match extends PartOwner {
  /** Of its ReceiptParked: the order in which the receipts came. */
  readonly position: bigint;
  readonly receipt: ReceiptEvidence;
}

export interface ParkedReceipt {
  readonly receipt: ReceiptEvidence;
  readonly recipient: string;
}

/** Where a reader of the parked receipts stopped: it continues behind this one. */
export interface ParkedCursor {
  readonly parkedAt: string;
  readonly receiptId: string;
}

const BEFORE_ALL: ParkedCursor = {
  parkedAt: '-infinity',
  receiptId: '00000000-0000-0000-0000-000000000000',
};

export class ReceiptMatchingQueries {
  constructor(private readonly pool: Pool) {}

  /**
   * The owners of these SMSC ids, in their order; undefined for ids nobody knows (yet), and for those
   * of which an earlier receipt still waits: a later one must not overtake it.
   */
  async owners(ids: readonly SmscId[]): Promise<readonly (PartOwner | undefined)[]> {
    const { rows } = await this.pool.query<PartOwner & SmscId>({
      name: 'receipt-matching-owners',
      text: `select p.connector, p.smsc_message_id as "smscMessageId", p.message_id as "messageId", p.part
             from unnest($1::text[], $2::text[]) as wanted (connector, smsc_message_id)
             join receipt_matching.submitted_parts p using (connector, smsc_message_id)
             where not exists (select from receipt_matching.parked_receipts r
                               where r.connector = p.connector and r.smsc_message_id = p.smsc_message_id)`,
      values: [ids.map(({ connector }) => connector), ids.map(({ smscMessageId }) => smscMessageId)],
    });
    const found = new Map(rows.map((row) => [`${row.connector}\n${row.smscMessageId}`, row]));
    return ids.map(({ connector, smscMessageId }) => found.get(`${connector}\n${smscMessageId}`));
  }

  /** Parked receipts whose message is known by now, behind `after`, in the order in which they came. */
  async matches(after: bigint, limit: number): Promise<readonly Match[]> {
    const { rows } = await this.pool.query<Match>({
      name: 'receipt-matching-matches',
      text: `select r.position, r.receipt, p.message_id as "messageId", p.part
             from receipt_matching.parked_receipts r
             join receipt_matching.submitted_parts p using (connector, smsc_message_id)
             where r.position > $1 order by r.position limit $2`,
      values: [after, limit],
    });
    return rows;
  }

  /** Receipts that have waited since before `before` for an id that nobody submitted, oldest first. */
  async parkedBefore(
    before: string,
    after: ParkedCursor | null,
    limit: number,
  ): Promise<readonly ParkedReceipt[]> {
    const { parkedAt, receiptId } = after ?? BEFORE_ALL;
    const { rows } = await this.pool.query<ParkedReceipt>(
      `select receipt, coalesce(recipient, '') as recipient from receipt_matching.parked_receipts
       where parked_at < $1 and (parked_at, receipt_id) > ($2::timestamptz, $3::uuid)
       order by parked_at, receipt_id limit $4`,
      [before, parkedAt, receiptId, limit],
    );
    return rows;
  }

  async parkedCount(): Promise<number> {
    const { rows } = await this.pool.query<{ receipts: string }>(
      'select count(*) as receipts from receipt_matching.parked_receipts',
    );
    return Number(rows[0]?.receipts ?? 0);
  }
}
