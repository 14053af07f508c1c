// Follows the journal from a checkpoint, in batches, in order, one process at a time.
//
// What a batch changes and the checkpoint commit in one transaction, so applying any prefix
// twice gives the same rows. The lease decides who reads; its fence, checked in that same
// transaction, refuses a reader that lost it without noticing.
//
// state    | event             | next     | action
// idle     | start             | seeking  | ask for the lease, again every RETRY_MS
// seeking  | lease ours        | reading  | load the checkpoint, reset the handler
// reading  | batch applied     | reading  | commit, tell the listeners, read on
// reading  | nothing new       | reading  | wait for the journal's wake-up
// reading  | fence refused     | seeking  | forget what is in memory
// reading  | store unavailable | seeking  | forget what is in memory, back off
// any      | stop              | stopped  | finish the batch, release the lease
import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import type { Clock } from '../clock/clock.js';
import { BEGINNING, type Journal, type RecordedEvent } from '../journal/journal.js';
import type { Lease, Leases } from './leases.js';

export interface Statement {
  /** Name of the prepared statement; the same name always stands for the same text. */
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A stream that could not be followed further, and why. Its later events are kept out. */
export interface StoppedStream {
  readonly stream: string;
  readonly position: bigint;
  readonly error: string;
}

export interface Applied {
  readonly statements: readonly Statement[];
  readonly stopped: readonly StoppedStream[];
}

export abstract class SubscriptionHandler {
  /** Forget everything in memory: events come from after `checkpoint`, without the stopped streams. */
  abstract reset(checkpoint: bigint, stopped: ReadonlySet<string>): void;

  /** What these events change. Called in order; never two at a time. */
  abstract apply(events: readonly RecordedEvent[]): Promise<Applied>;

  /** The last batch is durable. */
  committed(): void {
    // Most handlers have nothing to do then.
  }
}

export interface SubscriptionOptions {
  /** With a version, e.g. message-status-v1. */
  readonly id: string;
  readonly batchSize: number;
  /** Least time from the beginning of one batch to that of the next, at rest. */
  readonly pauseMs: number;
  /**
   * The same under load, that is after a batch of at least `loadedBatchSize` events: a message
   * that goes from accepted to delivered within it is written once, not four times.
   */
  readonly loadedPauseMs: number;
  readonly loadedBatchSize: number;
}

/** A guess: how soon a waiting process notices a free lease, and the first wait after an error. */
const RETRY_MS = 1_000;

class LostLeaseError extends Error {}

export class Subscription {
  private readonly movedListeners = new Set<(events: number) => void>();
  private running: Promise<void> | undefined;
  private stopping = false;
  private wake: () => void = () => undefined;
  private checkpoint = BEGINNING;
  private lastBatchMs = Number.NEGATIVE_INFINITY;
  private pauseMs = 0;

  constructor(
    private readonly journal: Journal,
    private readonly pool: Pool,
    private readonly leases: Leases,
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'info' | 'warn' | 'error'>,
    readonly options: SubscriptionOptions,
    private readonly handler: SubscriptionHandler,
  ) {}

  /** The position up to which this process has applied and committed everything. */
  get position(): bigint {
    return this.checkpoint;
  }

  /** Calls `listener` after every commit of this process, with the number of events taken in. */
  onMoved(listener: (events: number) => void): () => void {
    this.movedListeners.add(listener);
    return () => this.movedListeners.delete(listener);
  }

  start(): void {
    const stopListening = this.journal.onAppended(() => {
      this.wake();
    });
    this.running = this.run().finally(stopListening);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      const lease = await this.leases.acquire(this.options.id).catch(() => null);
      if (lease === null) {
        await this.sleep(RETRY_MS);
        continue;
      }
      try {
        await this.follow(lease);
      } catch (error) {
        const lost = error instanceof LostLeaseError;
        this.log.warn(
          { subscription: this.options.id, error: String(error) },
          lost ? 'lost the lease' : 'stopped; retrying',
        );
        if (!lost) await this.sleep(RETRY_MS);
      } finally {
        await this.leases.release(lease).catch(() => undefined); // it runs out by itself
      }
    }
  }

  private async follow(lease: Lease): Promise<void> {
    await this.resume(lease);
    while (!this.stopping) {
      if (lease.lost) throw new LostLeaseError(this.options.id);
      const sinceBatchMs = this.clock.monotonicMs() - this.lastBatchMs;
      if (sinceBatchMs < this.pauseMs) await this.sleep(this.pauseMs - sinceBatchMs);
      this.lastBatchMs = this.clock.monotonicMs();
      const woken = this.nextWake();
      if (this.isStopping()) return; // told while it slept: nobody would wake it again
      const events = await this.journal.readAll(this.checkpoint, this.options.batchSize);
      if (events.length === 0) {
        await woken;
        continue;
      }
      await this.commit(lease, events);
    }
  }

  /** Takes over the checkpoint: from here on an earlier holder's commits are refused. */
  private async resume(lease: Lease): Promise<void> {
    const { rows } = await this.pool.query<{ position: string }>(
      `insert into subscription.checkpoints as c (id, position, fence) values ($1, 0, $2)
       on conflict (id) do update set fence = excluded.fence where c.fence <= excluded.fence
       returning c.position`,
      [this.options.id, lease.fence],
    );
    // A later holder is there already, or a rebuild moved the fence: the next lease has a higher one.
    if (rows[0] === undefined) throw new LostLeaseError(this.options.id);
    this.checkpoint = BigInt(rows[0].position);
    const stopped = await this.pool.query<{ stream: string }>(
      'select stream from subscription.stopped_streams where id = $1',
      [this.options.id],
    );
    this.handler.reset(this.checkpoint, new Set(stopped.rows.map((row) => row.stream)));
  }

  private async commit(lease: Lease, events: readonly RecordedEvent[]): Promise<void> {
    const position = events.at(-1)?.position ?? this.checkpoint;
    const { statements, stopped } = await this.handler.apply(events);
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      for (const { name, text, values } of statements)
        await client.query({ name, text, values: [...values] });
      for (const stream of stopped) await this.recordStopped(client, stream);
      await this.moveCheckpoint(client, lease, position);
      await client.query('commit');
      client.release();
    } catch (error) {
      // The connection may hold an open transaction: give it back broken, so that it is closed.
      client.release(true);
      throw error;
    }
    this.checkpoint = position;
    this.pauseMs = this.pauseAfter(events.length);
    this.handler.committed();
    for (const listener of this.movedListeners) listener(events.length);
  }

  private pauseAfter(batch: number): number {
    const { batchSize, pauseMs, loadedPauseMs, loadedBatchSize } = this.options;
    if (batch >= batchSize) return 0; // behind: the next batch is there already
    return batch >= loadedBatchSize ? loadedPauseMs : pauseMs;
  }

  private async moveCheckpoint(client: PoolClient, lease: Lease, position: bigint): Promise<void> {
    const moved = await client.query({
      name: 'subscription-move-checkpoint',
      text: `update subscription.checkpoints set position = $3, moved_at = now()
             where id = $1 and fence = $2 and position = $4`,
      values: [this.options.id, lease.fence, position, this.checkpoint],
    });
    if (moved.rowCount !== 1) throw new LostLeaseError(this.options.id);
  }

  private async recordStopped(client: PoolClient, stopped: StoppedStream): Promise<void> {
    this.log.error(
      { subscription: this.options.id, ...stopped, position: String(stopped.position) },
      'stream stopped',
    );
    await client.query(
      `insert into subscription.stopped_streams (id, stream, position, error) values ($1, $2, $3, $4)
       on conflict (id, stream) do nothing`,
      [this.options.id, stopped.stream, stopped.position, stopped.error],
    );
  }

  /** Asked anew: it changes while others are waited for, which the compiler does not see. */
  private isStopping(): boolean {
    return this.stopping;
  }

  private nextWake(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  /** Waits, but not longer than until stop(). */
  private async sleep(delayMs: number): Promise<void> {
    if (this.stopping) return;
    await new Promise<void>((resolve) => {
      const cancel = this.clock.after(delayMs, resolve);
      this.wake = () => {
        if (!this.stopping) return;
        cancel();
        resolve();
      };
    });
  }
}
