// Takes away submitted parts that no receipt will be matched to any more: older than the match window,
// and their message has its outcome. A little at a time, beside everything else; a receipt that comes
// later still is parked. A rebuild of the read model brings the rows back, and this takes them again.
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { LivingPart } from '../../src/boot/lifespan.js';
import type { Cancel, Clock } from '../../src/clock/clock.js';
import { MATCH_WINDOW_MS } from './receipt-matching.queries.js';

/** Rows looked at in one statement: some 20 ms of one connection. */
const BATCH = 5_000;

/** While there is more to take: 10,000 rows a second, as fast as the fastest senders make them. */
const BUSY_PAUSE_MS = 500;

/** A guess: a day's age differs little from a day and ten minutes. */
const IDLE_PAUSE_MS = 600_000;

interface Cursor {
  /** As PostgreSQL writes it: a cursor that comes back exactly as it went. */
  readonly submittedAt: string;
  readonly messageId: string;
}

const FROM_THE_OLDEST: Cursor = {
  submittedAt: '-infinity',
  messageId: '00000000-0000-0000-0000-000000000000',
};

// A message with an outcome has no row in awaiting_outcome. Rows of open messages are passed by the
// cursor, so that they are not looked at again until the next walk.
const PRUNE = `
  with old as (
    select connector_group, smsc_message_id, message_id, part, submitted_at
    from receipt_matching.submitted_parts
    where submitted_at < $1 and (submitted_at, message_id) > ($2::timestamptz, $3::uuid)
    order by submitted_at, message_id limit $4
  ), settled as (
    select * from old where not exists (
      select from awaiting_outcome.messages open where open.message_id = old.message_id)
  ), pruned as (
    delete from receipt_matching.submitted_parts p using settled s
    where p.connector_group = s.connector_group and p.smsc_message_id = s.smsc_message_id
      and p.message_id = s.message_id and p.part = s.part
    returning 1
  )
  select (select count(*)::int from old) as looked, (select count(*)::int from pruned) as pruned,
         last.submitted_at::text as "submittedAt", last.message_id as "messageId"
  from (select 1) one left join (
    select submitted_at, message_id from old order by submitted_at desc, message_id desc limit 1) last on true`;

export class PartsPruner implements LivingPart {
  readonly name = 'pruner of submitted parts';
  readonly floor = 'readers';
  private cursor = FROM_THE_OLDEST;
  private cancel: Cancel | undefined;
  private round: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'info' | 'warn'>,
    private readonly batch = BATCH,
  ) {}

  start(): void {
    this.schedule(BUSY_PAUSE_MS);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel?.();
    await this.round;
  }

  /** One statement. @returns whether there may be more to take in this walk */
  async prune(): Promise<boolean> {
    const { rows } = await this.pool.query<{ looked: number; pruned: number } & Partial<Cursor>>({
      name: 'receipt-matching-prune',
      text: PRUNE,
      values: [
        new Date(this.clock.now() - MATCH_WINDOW_MS).toISOString(),
        this.cursor.submittedAt,
        this.cursor.messageId,
        this.batch,
      ],
    });
    const { looked = 0, pruned = 0, submittedAt, messageId } = rows[0] ?? {};
    const more = looked === this.batch && submittedAt !== undefined && messageId !== undefined;
    this.cursor = more ? { submittedAt, messageId } : FROM_THE_OLDEST;
    if (pruned > 0) this.log.info({ looked, pruned }, 'took away submitted parts of settled messages');
    return more;
  }

  private schedule(pauseMs: number): void {
    if (this.stopped) return;
    this.cancel = this.clock.after(pauseMs, () => {
      this.round = this.prune()
        .catch((error: unknown) => {
          this.log.warn({ error: String(error) }, 'could not prune submitted parts; trying again later');
          return false;
        })
        .then((more) => {
          this.schedule(more ? BUSY_PAUSE_MS : IDLE_PAUSE_MS);
        });
    });
  }
}
