// Events of messages → rows of message_status. One statement for the rows of a batch, one for
// the counts; both replay-safe only together with the checkpoint they commit with.
import type { Journal, RecordedEvent } from '../../src/journal/journal.js';
import type { RecentStates } from '../../src/lifecycle/recent-states.js';
import { evolve, initialState, type KnownMessage } from '../../src/message/message.js';
import type { MessageStatus } from '../../src/message/message.state.js';
import type { MessageDelivered } from '../../src/message/message.events.js';
import { type Applied, type Statement, SubscriptionHandler } from '../../src/subscription/subscription.js';
import { int8Array, textArray, uuidArray } from '../../src/postgres/binary-arrays.js';
import { type Change, StreamFold } from '../stream-fold.js';

export const MESSAGE_STATUS = 'message-status-v2';

/** Where the live rows are; a rebuild fills another schema beside it. */
export const MESSAGE_STATUS_SCHEMA = 'message_status';

/** What nearly every message goes through: found without an index, by their number. */
export const COMMON_STATUSES: ReadonlySet<string> = new Set<MessageStatus>([
  'accepted',
  'submitting',
  'submitted',
  'delivered',
]);

export class MessageStatusProjection extends SubscriptionHandler {
  private readonly fold: StreamFold<KnownMessage>;
  private receivedAt: string[] = [];

  constructor(
    journal: Journal,
    private readonly schema = MESSAGE_STATUS_SCHEMA,
    /** Told when the receipts came whose effect has just become visible: ISO 8601 UTC. */
    private readonly onVisible: (receivedAt: readonly string[]) => void = () => undefined,
    states?: Pick<RecentStates, 'at'>,
  ) {
    super();
    this.fold = new StreamFold<KnownMessage>(
      journal,
      (message, event) => evolve(message ?? initialState, event),
      ({ outcome }) => outcome !== 'pending',
      (messageId, revision) => states?.at(messageId, revision),
    );
  }

  override reset(_checkpoint: bigint, stopped: ReadonlySet<string>): void {
    this.fold.reset(stopped);
  }

  override async apply(events: readonly RecordedEvent[]): Promise<Applied> {
    this.receivedAt = events.flatMap(({ type, data }) =>
      type === 'MessageDelivered' ? [(data as MessageDelivered).receipt.receivedAt] : [],
    );
    const { changes, stopped } = await this.fold.fold(events);
    if (changes.length === 0) return { statements: [], stopped };
    return { statements: [this.upsertRows(changes), ...this.moveCounts(changes)], stopped };
  }

  override committed(): void {
    if (this.receivedAt.length > 0) this.onVisible(this.receivedAt);
  }

  private upsertRows(changes: readonly Change<KnownMessage>[]): Statement {
    const messages = changes.map(({ after }) => after);
    return {
      name: `${this.schema}-upsert`,
      text: `insert into ${this.schema}.messages (message_id, to_number, sender, status, outcome, batch, uncommon_status, revision)
             select id, to_number, sender, status, outcome, nullif(batch, ''), nullif(uncommon, ''), revision
             from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int8[])
               as changed (id, to_number, sender, status, outcome, batch, uncommon, revision)
             on conflict (message_id) do update
               set status = excluded.status, outcome = excluded.outcome,
                   uncommon_status = excluded.uncommon_status, revision = excluded.revision`,
      values: [
        uuidArray(messages.map((message) => message.messageId)),
        textArray(messages.map((message) => message.to)),
        textArray(messages.map((message) => message.from)),
        textArray(messages.map((message) => message.status)),
        textArray(messages.map((message) => message.outcome)),
        textArray(messages.map((message) => message.batch ?? '')),
        textArray(messages.map(({ status }) => (COMMON_STATUSES.has(status) ? '' : status))),
        int8Array(changes.map(({ revision }) => revision)),
      ],
    };
  }

  private moveCounts(changes: readonly Change<KnownMessage>[]): readonly Statement[] {
    const differences = new Map<string, { batch: string; status: string; outcome: string; by: number }>();
    const count = (message: KnownMessage, by: number): void => {
      const batch = message.batch ?? '';
      const key = `${message.status}/${message.outcome}/${batch}`;
      const difference = differences.get(key) ?? {
        batch,
        status: message.status,
        outcome: message.outcome,
        by: 0,
      };
      difference.by += by;
      differences.set(key, difference);
    };
    for (const { before, after } of changes) {
      if (before !== undefined) count(before, -1);
      count(after, 1);
    }
    const moved = [...differences.values()].filter(({ by }) => by !== 0);
    if (moved.length === 0) return [];
    const statements: Statement[] = [
      {
        name: `${this.schema}-count`,
        text: `insert into ${this.schema}.counts as c (batch, status, outcome, messages)
               select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
               on conflict (batch, status, outcome) do update set messages = c.messages + excluded.messages`,
        values: [
          moved.map(({ batch }) => batch),
          moved.map(({ status }) => status),
          moved.map(({ outcome }) => outcome),
          moved.map(({ by }) => by),
        ],
      },
    ];
    // A count of nothing is no row, as if it had never been: every finished batch would leave some behind.
    const lowered = moved.filter(({ by }) => by < 0);
    if (lowered.length > 0) {
      statements.push({
        name: `${this.schema}-uncount`,
        text: `delete from ${this.schema}.counts where messages = 0
               and (batch, status, outcome) in (select * from unnest($1::text[], $2::text[], $3::text[]))`,
        values: [
          lowered.map(({ batch }) => batch),
          lowered.map(({ status }) => status),
          lowered.map(({ outcome }) => outcome),
        ],
      });
    }
    return statements;
  }
}
