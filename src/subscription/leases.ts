// Leases with fencing numbers, for work that must have one owner at a time.
//
// A lease ends when its time is over without renewal, or at once when its holder's database
// connection is gone (the holder keeps an advisory lock on its process number). Time alone is
// never trusted for writes: every write under a lease is guarded by the fence.
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Cancel, Clock } from '../clock/clock.js';

export interface Lease {
  readonly name: string;
  readonly fence: bigint;
  /** True as soon as this process knows that it no longer holds it. */
  lost: boolean;
}

/** Class of the advisory locks that say "this process is alive"; any number nobody else uses. */
export const ALIVE_LOCK_CLASS = 7301;

/** A guess: long enough for a garbage collection or a swapped-out process, short enough to notice. */
const LEASE_SECONDS = 15;
const RENEW_INTERVAL_MS = 5_000;

/** Stands as holder where there is none: process numbers begin with 1. */
const NOBODY = 0;

/** Of a row named `lease`. */
const HOLDER_LIVES = `exists (select from pg_locks
                    where locktype = 'advisory' and classid = ${String(ALIVE_LOCK_CLASS)}
                      and objid = lease.holder::oid and objsubid = 2 and granted)`;

const ACQUIRE = `
insert into subscription.leases as lease (name, holder, fence, held_until)
values ($1, $2, 1, now() + $3 * interval '1 second')
on conflict (name) do update
  set holder = excluded.holder, fence = lease.fence + 1, held_until = excluded.held_until
  where lease.holder = excluded.holder
     or lease.held_until < now()
     or not ${HOLDER_LIVES}
returning fence`;

export class Leases {
  private readonly held = new Map<string, Lease>();
  /** Gives back the connection that keeps this process alive in the eyes of the others. */
  private endSession: ((reason: Error | true) => void) | undefined;
  private number = 0;
  private cancelRenewal: Cancel | undefined;
  private renewal: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'info' | 'warn'>,
  ) {}

  /** This process among all that ever joined the database; stands in `SubmitAttempted.sender`. */
  get processNumber(): number {
    return this.number;
  }

  async start(): Promise<void> {
    const { rows } = await this.pool.query<{ number: number }>(
      `select nextval('subscription.process_numbers')::integer as number`,
    );
    this.number = rows[0]?.number ?? 0;
    await this.openSession();
    this.scheduleRenewal();
  }

  /** The lease when it is free, expired, ours already, or its holder is dead; null otherwise. */
  async acquire(name: string): Promise<Lease | null> {
    const { rows } = await this.pool.query<{ fence: string }>(ACQUIRE, [name, this.number, LEASE_SECONDS]);
    const fence = rows[0]?.fence;
    if (fence === undefined) return null;
    const earlier = this.held.get(name);
    if (earlier !== undefined) earlier.lost = true;
    const lease: Lease = { name, fence: BigInt(fence), lost: false };
    this.held.set(name, lease);
    return lease;
  }

  /** Lets the next process have it at once. The row stays: its fence must go on growing. */
  async release(lease: Lease): Promise<void> {
    lease.lost = true;
    if (this.held.get(lease.name) === lease) this.held.delete(lease.name);
    await this.pool.query(
      `update subscription.leases set holder = ${String(NOBODY)}, held_until = now()
       where name = $1 and holder = $2 and fence = $3`,
      [lease.name, this.number, lease.fence],
    );
  }

  /** How many living processes hold a lease whose name starts with `prefix`. */
  async countHolders(prefix: string): Promise<number> {
    const { rows } = await this.pool.query<{ holders: string }>(
      `select count(distinct holder) as holders from subscription.leases as lease
       where starts_with(name, $1) and held_until > now() and ${HOLDER_LIVES}`,
      [prefix],
    );
    return Number(rows[0]?.holders ?? 0);
  }

  /** Gives everything back. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelRenewal?.();
    await this.renewal; // or it would take a connection after the last one was given back
    for (const lease of this.held.values()) lease.lost = true;
    this.held.clear();
    await this.pool
      .query('update subscription.leases set held_until = now() where holder = $1', [this.number])
      .catch(() => undefined); // the store is gone: the leases run out by themselves
    this.endSession?.(true);
  }

  private async openSession(): Promise<void> {
    const session = await this.pool.connect();
    // Once: a connection that breaks while it is given back would be given back twice.
    let isOurs = true;
    const giveBack = (reason: Error | true): void => {
      if (!isOurs) return;
      isOurs = false;
      if (this.endSession === giveBack) this.endSession = undefined;
      session.release(reason);
    };
    session.once('error', (error: Error) => {
      if (isOurs) this.log.warn({ error: error.message }, 'the connection that keeps the leases broke');
      giveBack(error);
    });
    try {
      await session.query('select pg_advisory_lock($1, $2)', [ALIVE_LOCK_CLASS, this.number]);
    } catch (error) {
      giveBack(true);
      throw error;
    }
    this.endSession = giveBack;
  }

  private scheduleRenewal(): void {
    if (this.stopped) return;
    this.cancelRenewal = this.clock.after(RENEW_INTERVAL_MS, () => {
      this.renewal = this.renew();
    });
  }

  private async renew(): Promise<void> {
    try {
      if (this.endSession === undefined) await this.openSession();
      const { rows } = await this.pool.query<{ name: string; fence: string }>(
        `update subscription.leases set held_until = now() + $2 * interval '1 second'
         where holder = $1 returning name, fence`,
        [this.number, LEASE_SECONDS],
      );
      const ours = new Set(rows.map((row) => `${row.name}/${row.fence}`));
      for (const lease of this.held.values()) {
        if (ours.has(`${lease.name}/${String(lease.fence)}`)) continue;
        this.log.warn({ lease: lease.name }, 'lost a lease: another process took over');
        lease.lost = true;
        this.held.delete(lease.name);
      }
    } catch (error) {
      this.log.warn({ error: String(error) }, 'could not renew the leases; trying again');
    }
    this.scheduleRenewal();
  }
}
