// What came from phones, and what still lacks parts. Reads only.
import type { Pool } from 'pg';
import type { InboundView } from './inbound-view.js';

export interface InboundAnswer extends InboundView {
  /** Copies that the SMSC delivered and that were not taken for messages of their own. */
  readonly repeats: number;
}

/** Where a page ends: the next continues behind it. */
export interface InboundCursor {
  readonly receivedAt: string;
  readonly id: string;
}

export interface InboundSearch {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly connector?: string | undefined;
  /** Received at or after this instant. */
  readonly since?: string | undefined;
  readonly after?: InboundCursor | undefined;
  readonly limit: number;
}

export interface LackingParts {
  readonly inboundId: string;
  readonly ours: string;
  readonly theirs: string;
}

interface Row {
  readonly view: InboundView;
  readonly repeats: number;
}

export class InboundQueries {
  constructor(private readonly pool: Pool) {}

  async find(inboundId: string): Promise<InboundAnswer | undefined> {
    const { rows } = await this.pool.query<Row>({
      name: 'inbound-find',
      text: 'select view, repeats from inbound.messages where inbound_id = $1',
      values: [inboundId],
    });
    return rows.map(answerOf)[0];
  }

  /** By receivedAt, newest first. */
  async search({
    from,
    to,
    connector,
    since,
    after,
    limit,
  }: InboundSearch): Promise<readonly InboundAnswer[]> {
    const values: unknown[] = [limit];
    const conditions: string[] = [];
    const demand = (condition: string, value: unknown): void => {
      if (value === undefined) return;
      values.push(value);
      conditions.push(condition.replace('?', `$${String(values.length)}`));
    };
    demand('from_number = ?', from);
    demand('to_number = ?', to);
    demand('connector = ?', connector);
    demand('received_at >= ?::timestamptz', since);
    if (after !== undefined) {
      values.push(after.receivedAt, after.id);
      const place = values.length;
      conditions.push(
        `(received_at, inbound_id) < ($${String(place - 1)}::timestamptz, $${String(place)}::uuid)`,
      );
    }
    const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
    const { rows } = await this.pool.query<Row>(
      `select view, repeats from inbound.messages ${where}
       order by received_at desc, inbound_id desc limit $1`,
      values,
    );
    return rows.map(answerOf);
  }

  /** Messages whose missing parts are to be given up by `now`, the longest overdue first. */
  async overdue(now: string, limit: number): Promise<readonly LackingParts[]> {
    const { rows } = await this.pool.query<LackingParts>({
      name: 'inbound-overdue',
      text: `select inbound_id as "inboundId", our_number as ours, their_number as theirs
             from inbound.lacking_parts where give_up_at <= $1 order by give_up_at, inbound_id limit $2`,
      values: [now, limit],
    });
    return rows;
  }
}

function answerOf({ view, repeats }: Row): InboundAnswer {
  return { ...view, repeats };
}
