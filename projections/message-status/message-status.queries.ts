// What the status API asks of message_status. Reads only.
import type { Pool } from 'pg';
import type { MessageStatus } from '../../src/message/message.state.js';
import { COMMON_STATUSES } from './message-status.projection.js';

export interface MessageSearch {
  readonly to?: string | undefined;
  readonly status?: string | undefined;
  readonly batch?: string | undefined;
  /** The last message id of the page before; the page continues behind it. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A message as far as its stream is read. */
export interface FoundMessage {
  readonly messageId: string;
  /** Of the last event taken in. */
  readonly revision: bigint;
}

export interface MessageCounts {
  readonly messages: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byOutcome: Readonly<Record<string, number>>;
}

interface CountRow {
  readonly status: string;
  readonly outcome: string;
  readonly messages: string;
}

/** Nobody can answer to these: no phone has them. */
const NEVER_SENT: readonly MessageStatus[] = ['accepted', 'scheduled', 'cancelled', 'suppressed', 'rejected'];

/** Of the messages to one number, the newest; a guess: few senders write to one person at a time. */
const LOOKED_THROUGH = 50;

export class MessageStatusQueries {
  constructor(private readonly pool: Pool) {}

  /** Newest first: message ids are time-ordered. */
  async search(search: MessageSearch): Promise<readonly FoundMessage[]> {
    if (search.status !== undefined && !(await this.anyIn(search.status, search.batch))) return [];
    const { text, values } = searchStatement(search);
    const { rows } = await this.pool.query<FoundMessage>(text, values);
    return rows;
  }

  /** The counts say at once when there is nothing to look for: no scan then for what is not there. */
  private async anyIn(status: string, batch: string | undefined): Promise<boolean> {
    const { rows } = await this.pool.query<{ any: boolean }>(
      `select exists (select from message_status.counts
                      where status = $1 and messages > 0 and ($2::text is null or batch = $2)) as any`,
      [status, batch ?? null],
    );
    return rows[0]?.any === true;
  }

  /** Ids of messages in doubt, quarantined ones included, to this E.164 number, newest first; more than two are never needed. */
  async inDoubtTo(to: string): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ id: string }>(
      `select message_id as id from message_status.messages
       where to_number = $1 and status in ('in-doubt', 'quarantined') order by message_id desc limit 3`,
      [to],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * The last message that `ours` sent to `theirs`, in the order of the pairs; null where there is none
   * among the newest to that number. By the index that searches use: an answer costs no write.
   */
  async lastSent(
    pairs: readonly { readonly ours: string; readonly theirs: string }[],
  ): Promise<readonly (string | null)[]> {
    const { rows } = await this.pool.query<{ id: string | null }>({
      name: 'message-status-last-sent',
      text: `select sent.message_id as id
             from unnest($1::text[], $2::text[]) with ordinality as pair (ours, theirs, n)
             left join lateral (
               select message_id from (
                 select message_id, status, sender from message_status.messages
                 where to_number = pair.theirs order by message_id desc limit $3) newest
               where sender = pair.ours and not status = any($4::text[])
               order by message_id desc limit 1) sent on true
             order by n`,
      values: [pairs.map(({ ours }) => ours), pairs.map(({ theirs }) => theirs), LOOKED_THROUGH, NEVER_SENT],
    });
    return rows.map(({ id }) => id);
  }

  /** Undefined when no message of that batch is known. */
  async batchCounts(batch: string): Promise<MessageCounts | undefined> {
    const { rows } = await this.pool.query<CountRow>(
      'select status, outcome, messages from message_status.counts where batch = $1 and messages > 0',
      [batch],
    );
    return rows.length === 0 ? undefined : summed(rows);
  }

  async totals(): Promise<MessageCounts> {
    const { rows } = await this.pool.query<CountRow>(
      `select status, outcome, sum(messages) as messages from message_status.counts
       group by status, outcome having sum(messages) > 0`,
    );
    return summed(rows);
  }
}

function searchStatement({ to, status, batch, after, limit }: MessageSearch): {
  text: string;
  values: unknown[];
} {
  const values: unknown[] = [limit];
  const conditions: string[] = [];
  const demand = (condition: string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition.replace('?', `$${String(values.length)}`));
  };
  demand('to_number = ?', to);
  // By the index when the status has one, else through the newest until enough are found.
  demand(status !== undefined && COMMON_STATUSES.has(status) ? 'status = ?' : 'uncommon_status = ?', status);
  demand('batch = ?', batch);
  demand('message_id < ?', after);
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  return {
    text: `select message_id as "messageId", revision from message_status.messages ${where} order by message_id desc limit $1`,
    values,
  };
}

function summed(rows: readonly CountRow[]): MessageCounts {
  const byStatus: Record<string, number> = {};
  const byOutcome: Record<string, number> = {};
  let messages = 0;
  for (const row of rows) {
    const count = Number(row.messages);
    byStatus[row.status] = (byStatus[row.status] ?? 0) + count;
    byOutcome[row.outcome] = (byOutcome[row.outcome] ?? 0) + count;
    messages += count;
  }
  return { messages, byStatus, byOutcome };
}
