// The one connection that appends. It is opened when needed and thrown away when it breaks; it
// never decides what a broken append means.
import pg from 'pg';
import type { Clock } from '../../../clock/clock.js';
import { clientConfig } from '../../../postgres/postgres.js';
import { sendAppend } from './append-request.js';

// An append waits this long for the lock on journal_head. The lock is held for milliseconds; a
// longer wait means that its holder is frozen or its machine is gone.
const LOCK_TIMEOUT_MS = 2_000;
// The server notices a vanished client within 10 + 3 × 5 s and releases its lock.
const SESSION = `set lock_timeout = ${String(LOCK_TIMEOUT_MS)}; set tcp_keepalives_idle = 10;
  set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3`;
// No answer at all: longer than any server-side limit, so that those speak first.
const ANSWER_TIMEOUT_MS = 20_000;
const STATEMENT_TIMEOUT_MS = 15_000;

// A holder of the lock that waits for its client cannot release it while the client is stopped
// (SIGSTOP, a frozen machine). Its unfinished batch rolls back and its client tries again.
const EVICT = `select pg_terminate_backend(a.pid) from pg_locks l join pg_stat_activity a using (pid)
  where l.relation = 'journal_head'::regclass and l.mode = 'RowExclusiveLock' and l.granted
    and a.wait_event_type = 'Client' and a.pid <> pg_backend_pid()
    and a.xact_start < now() - interval '${String(LOCK_TIMEOUT_MS)} milliseconds'`;

export class WriterLink {
  private open: pg.Client | undefined;

  constructor(
    private readonly url: string,
    private readonly clock: Clock,
  ) {}

  /** @throws when no connection can be made: nothing was sent then */
  async connected(): Promise<pg.Client> {
    if (this.open !== undefined) return this.open;
    const client = new pg.Client(
      clientConfig({
        url: this.url,
        applicationName: 'journal writer',
        statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      }),
    );
    const forget = (): void => {
      if (this.open === client) this.open = undefined;
    };
    client.on('error', forget);
    client.on('end', forget);
    try {
      await client.connect();
      await client.query(SESSION);
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
    this.open = client;
    return client;
  }

  append(client: pg.Client, frame: Buffer): Promise<bigint> {
    return this.answered(client, sendAppend(client, frame));
  }

  query<Row extends unknown[]>(client: pg.Client, config: pg.QueryArrayConfig): Promise<Row[]> {
    return this.answered(
      client,
      client.query<Row>(config).then((result) => result.rows),
    );
  }

  /** Ends the session of a writer that holds the lock and does not move. */
  async evictFrozenWriter(): Promise<void> {
    const client = await this.connected();
    await this.answered(client, client.query(EVICT));
  }

  async close(): Promise<void> {
    const client = this.open;
    this.open = undefined;
    await client?.end();
  }

  private async answered<Answer>(client: pg.Client, answer: Promise<Answer>): Promise<Answer> {
    const cancel = this.clock.after(ANSWER_TIMEOUT_MS, () => {
      const silence = new Error(`no answer from PostgreSQL within ${String(ANSWER_TIMEOUT_MS)} ms`);
      client.connection.stream.destroy(silence);
    });
    try {
      return await answer;
    } finally {
      cancel();
    }
  }
}
