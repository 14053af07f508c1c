// Events of messages → what each open message waits for. A message with an outcome has no row.
import type { Journal, RecordedEvent } from '../../src/journal/journal.js';
import type { RecentStates } from '../../src/lifecycle/recent-states.js';
import { evolve, initialState, type Message } from '../../src/message/message.js';
import type { Priority } from '../../src/message/message.events.js';
import { type NextStep, nextStepOf } from '../../src/message/next-step.js';
import { type RouteFacts, routeFactsOf } from '../../src/message/route-facts.js';
import { int8Array, textArray, uuidArray } from '../../src/postgres/binary-arrays.js';
import { type Applied, type Statement, SubscriptionHandler } from '../../src/subscription/subscription.js';
import { StreamFold } from '../stream-fold.js';

export const AWAITING_OUTCOME = 'awaiting-outcome-v1';
export const AWAITING_OUTCOME_SCHEMA = 'awaiting_outcome';

/** The order in which lanes are served. */
export const LANES: Readonly<Record<Priority, number>> = { high: 0, normal: 1, low: 2 };

/**
 * Messages that were in flight when the link was lost: whatever their priority, they are submitted
 * one at a time, so that the one that breaks the link is found out.
 */
export const SUSPECT_LANE = 3;

export function laneOf({ suspect, priority }: NextStep): number {
  return suspect ? SUSPECT_LANE : LANES[priority];
}

/** How many shares the work is cut into; a sender owns whole shares. */
export const SLOT_COUNT = 16;

/** The last hex digit of a UUIDv7 or UUIDv5 is random, so the shares are even. */
export function slotOf(messageId: string): number {
  return Number.parseInt(messageId.slice(-1), 16);
}

interface Row {
  readonly messageId: string;
  readonly step: NextStep;
  readonly sender: string | null;
  /** Null unless it waits to be submitted. */
  readonly route: RouteFacts | null;
}

export class AwaitingOutcomeProjection extends SubscriptionHandler {
  private readonly fold: StreamFold<Message>;

  constructor(
    journal: Journal,
    private readonly schema = AWAITING_OUTCOME_SCHEMA,
    states?: Pick<RecentStates, 'at'>,
  ) {
    super();
    this.fold = new StreamFold<Message>(
      journal,
      (message, event) => evolve(message ?? initialState, event),
      (message) => nextStepOf(message) === null,
      (messageId, revision) => states?.at(messageId, revision),
    );
  }

  override reset(_checkpoint: bigint, stopped: ReadonlySet<string>): void {
    this.fold.reset(stopped);
  }

  override async apply(events: readonly RecordedEvent[]): Promise<Applied> {
    const { changes, stopped } = await this.fold.fold(events);
    const rows: Row[] = [];
    const settled: string[] = [];
    for (const { messageId, before, after } of changes) {
      const step = nextStepOf(after);
      if (step !== null) rows.push({ messageId, step, sender: senderOf(after), route: routeOf(step, after) });
      else if (before !== undefined && nextStepOf(before) !== null) settled.push(messageId);
    }
    const statements: Statement[] = [];
    if (rows.length > 0) statements.push(upsert(this.schema, rows));
    if (settled.length > 0) statements.push(remove(this.schema, settled));
    return { statements, stopped };
  }
}

function senderOf(message: Message): string | null {
  return message.status === 'none' ? null : (message.lastAttempt?.sender ?? null);
}

function routeOf({ waitingFor }: NextStep, message: Message): RouteFacts | null {
  return waitingFor === 'submit' && message.status !== 'none' ? routeFactsOf(message) : null;
}

function upsert(schema: string, rows: readonly Row[]): Statement {
  return {
    name: `${schema}-upsert`,
    text: `insert into ${schema}.messages (message_id, waiting_for, due_at, valid_until, lane, slot, sender, route)
           select id, waiting_for, due_at::timestamptz, nullif(valid_until, '')::timestamptz, lane, slot,
                  nullif(sender, ''), nullif(route, '')::json
           from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int8[], $6::int8[], $7::text[], $8::text[])
             as changed (id, waiting_for, due_at, valid_until, lane, slot, sender, route)
           on conflict (message_id) do update
             set waiting_for = excluded.waiting_for, due_at = excluded.due_at,
                 valid_until = excluded.valid_until, lane = excluded.lane, sender = excluded.sender,
                 route = excluded.route`,
    values: [
      uuidArray(rows.map(({ messageId }) => messageId)),
      textArray(rows.map(({ step }) => step.waitingFor)),
      textArray(rows.map(({ step }) => step.dueAt)),
      textArray(rows.map(({ step }) => step.validUntil ?? '')),
      int8Array(rows.map(({ step }) => BigInt(laneOf(step)))),
      int8Array(rows.map(({ messageId }) => BigInt(slotOf(messageId)))),
      textArray(rows.map(({ sender }) => sender ?? '')),
      textArray(rows.map(({ route }) => (route === null ? '' : JSON.stringify(route)))),
    ],
  };
}

function remove(schema: string, messageIds: readonly string[]): Statement {
  return {
    name: `${schema}-remove`,
    text: `delete from ${schema}.messages where message_id = any($1::uuid[])`,
    values: [uuidArray(messageIds)],
  };
}
