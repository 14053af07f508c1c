// What senders, fallback and caller ask: which open messages are due for what. The rows may be
// a moment behind the journal; whoever acts on one asks the decider, which has the last word.
import type { Pool } from 'pg';
import type { WaitingFor } from '../../src/message/next-step.js';
import type { RouteFacts } from '../../src/message/route-facts.js';
import { ALIVE_LOCK_CLASS } from '../../src/subscription/leases.js';

export interface DueMessage {
  readonly messageId: string;
  /** ISO 8601 UTC. */
  readonly dueAt: string;
}

export interface DueSubmit extends DueMessage {
  readonly route: RouteFacts;
}

export interface SubmitLeftBehind {
  readonly messageId: string;
  /** As in SubmitAttempted.sender. */
  readonly sender: string;
}

/** Where a reader of one lane stopped: it continues behind this message. */
export interface LaneCursor {
  readonly dueAt: string;
  readonly messageId: string;
}

export interface DueSubmits {
  readonly lane: number;
  readonly slots: readonly number[];
  /** ISO 8601 UTC. */
  readonly now: string;
  readonly after: LaneCursor | null;
  readonly limit: number;
}

const BEFORE_ALL: LaneCursor = { dueAt: '-infinity', messageId: '00000000-0000-0000-0000-000000000000' };

// timestamptz as text in UTC with microseconds: a cursor that comes back exactly as it went.
const DUE_AT = `to_char(due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "dueAt"`;

export class AwaitingOutcomeQueries {
  constructor(private readonly pool: Pool) {}

  /** Messages of one lane that may be submitted at `now`, the longest waiting first. */
  async dueSubmits({ lane, slots, now, after, limit }: DueSubmits): Promise<readonly DueSubmit[]> {
    const cursor = after ?? BEFORE_ALL;
    const { rows } = await this.pool.query<DueSubmit>({
      name: 'awaiting-outcome-due-submits',
      text: `select message_id as "messageId", ${DUE_AT}, route from awaiting_outcome.messages
             where waiting_for = 'submit' and lane = $1 and due_at <= $2
               and (due_at, message_id) > ($3::timestamptz, $4::uuid) and slot = any($5::smallint[])
             order by due_at, message_id limit $6`,
      values: [lane, now, cursor.dueAt, cursor.messageId, slots, limit],
    });
    return rows;
  }

  /** Messages waiting for `waitingFor` whose time has come at `now`, the longest due first. */
  async due(waitingFor: WaitingFor, now: string, limit: number): Promise<readonly DueMessage[]> {
    const { rows } = await this.pool.query<DueMessage>({
      name: 'awaiting-outcome-due',
      text: `select message_id as "messageId", ${DUE_AT} from awaiting_outcome.messages
             where waiting_for = $1 and waiting_for <> 'submit' and due_at <= $2
             order by due_at limit $3`,
      values: [waitingFor, now, limit],
    });
    return rows;
  }

  /** As due(), page by page: behind `after` in the order of due instants. */
  async dueAfter(
    waitingFor: WaitingFor,
    now: string,
    after: LaneCursor | null,
    limit: number,
  ): Promise<readonly DueMessage[]> {
    const cursor = after ?? BEFORE_ALL;
    const { rows } = await this.pool.query<DueMessage>({
      name: 'awaiting-outcome-due-after',
      text: `select message_id as "messageId", ${DUE_AT} from awaiting_outcome.messages
             where waiting_for = $1 and waiting_for <> 'submit' and due_at <= $2 and due_at >= $3::timestamptz
               and (due_at, message_id) > ($3::timestamptz, $4::uuid)
             order by due_at, message_id limit $5`,
      values: [waitingFor, now, cursor.dueAt, cursor.messageId, limit],
    });
    return rows;
  }

  /**
   * Messages that wait for a sender (to submit them, or to ask the SMSC about them) whose time for
   * that is over at `now`: the senders did not get to them.
   */
  async overdue(now: string, limit: number): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ messageId: string }>(
      `(select message_id as "messageId" from awaiting_outcome.messages
        where waiting_for = 'submit' and valid_until < $1 limit $2)
       union all
       (select message_id from awaiting_outcome.messages
        where waiting_for in ('query', 'cancel', 'replace') and waiting_for <> 'submit' and due_at <= $1
          and valid_until <= $1 limit $2)`,
      [now, limit],
    );
    return rows.map(({ messageId }) => messageId);
  }

  /**
   * Messages whose submit was under way in a process that is gone, and that process. A process is
   * alive as long as it holds the advisory lock on its number (src/subscription/leases.ts).
   */
  async submitsLeftBehind(ownSender: string, limit: number): Promise<readonly SubmitLeftBehind[]> {
    const { rows } = await this.pool.query<SubmitLeftBehind>(
      `select message_id as "messageId", sender from awaiting_outcome.messages
       where waiting_for = 'response' and sender <> $1
         and sender::bigint not in (select objid::bigint from pg_locks
                                    where locktype = 'advisory' and classid = $2::bigint::oid and objsubid = 2 and granted)
       limit $3`,
      [ownSender, ALIVE_LOCK_CLASS, limit],
    );
    return rows;
  }

  /** Open messages by what they wait for; for metrics. Reads every open message. */
  async depth(): Promise<Readonly<Partial<Record<WaitingFor, number>>>> {
    const { rows } = await this.pool.query<{ waitingFor: WaitingFor; messages: string }>(
      `select waiting_for as "waitingFor", count(*) as messages from awaiting_outcome.messages group by waiting_for`,
    );
    return Object.fromEntries(rows.map(({ waitingFor, messages }) => [waitingFor, Number(messages)]));
  }
}
