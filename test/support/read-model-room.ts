// The read models over a real database: processes that read, a journal that is written to, and the
// rows as a whole.
import type { Pool } from 'pg';
import { MessageStatusQueries } from '../../projections/message-status/message-status.queries.js';
import { READ_MODELS } from '../../projections/read-models.js';
import { SeededRandomness } from '../../src/clock/virtual-clock.js';
import { PostgresJournal } from '../../src/journal/postgres/postgres-journal.js';
import { JournaledLifecycle } from '../../src/lifecycle/journaled-lifecycle.js';
import { openPool } from '../../src/postgres/postgres.js';
import { Conversations } from '../../src/smpp/inbound/conversations.js';
import { ReceiptLedger } from '../../src/smpp/receipt-ledger.js';
import { Leases } from '../../src/subscription/leases.js';
import { Subscription } from '../../src/subscription/subscription.js';
import { silentLog } from './connector-recorder.js';
import { eventually } from './eventually.js';
import { HastyClock } from './hasty-clock.js';
import { openTestDatabase, type TestDatabase } from './test-postgres.js';

export const CONNECTOR = 'main';

const LOOK_AGAIN_MS = 50;

export type ReadModelName = 'message-status' | 'awaiting-outcome' | 'receipt-matching' | 'calls' | 'inbound';

export interface ReaderOptions {
  /** Without it, of every read model. */
  readonly models?: readonly ReadModelName[];
  readonly batchSize?: number;
}

/** What one process has: connections, a journal, leases, readers. */
export class ReaderProcess {
  readonly clock = new HastyClock();
  readonly pool: Pool;
  readonly journal: PostgresJournal;
  readonly leases: Leases;
  readonly readers: readonly Subscription[];
  /** Events that this process took in, by reader. */
  readonly taken = new Map<string, number>();
  private readonly applicationName: string;
  private stopped: Promise<void> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    url: string,
    name: string,
    {
      models = READ_MODELS.map((model) => model.name as ReadModelName),
      batchSize = 1_000,
    }: ReaderOptions = {},
  ) {
    this.applicationName = `reader ${name}`;
    this.pool = openPool({ url, applicationName: this.applicationName });
    this.journal = new PostgresJournal({ url, pool: this.pool, clock: this.clock });
    this.leases = new Leases(this.pool, this.clock, silentLog);
    this.readers = READ_MODELS.filter((model) => models.includes(model.name as ReadModelName)).map(
      (model) => {
        const options = {
          id: model.subscription,
          batchSize,
          pauseMs: 0,
          loadedPauseMs: 0,
          loadedBatchSize: 1,
        };
        const handler = model.projectInto(this.journal, model.schema);
        const reader = new Subscription(
          this.journal,
          this.pool,
          this.leases,
          this.clock,
          silentLog,
          options,
          handler,
        );
        reader.onMoved((events) => {
          this.taken.set(model.subscription, (this.taken.get(model.subscription) ?? 0) + events);
          for (const listener of this.listeners) listener();
        });
        return reader;
      },
    );
  }

  static async start(url: string, name: string, options?: ReaderOptions): Promise<ReaderProcess> {
    const process = new ReaderProcess(url, name, options);
    await process.leases.start();
    for (const reader of process.readers) reader.start();
    return process;
  }

  onMoved(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Looks after every move, and now and then: a commit whose answer was lost moves nothing here. */
  until(what: string, holds: () => boolean): Promise<void> {
    const subscribe = (listener: () => void): (() => void) => {
      const unsubscribe = this.onMoved(listener);
      const again = setInterval(listener, LOOK_AGAIN_MS);
      return () => {
        clearInterval(again);
        unsubscribe();
      };
    };
    return eventually(subscribe, what, holds, 20_000);
  }

  /** Resolves when every reader of this process has taken in all there is now. */
  async caughtUp(): Promise<void> {
    const head = await this.journal.head();
    await this.until(`the readers to reach ${String(head)}`, () =>
      this.readers.every(({ position }) => position >= head),
    );
  }

  /** Ends every connection of its pool at the server, as a crash of the machine would. */
  async cutOff(by: Pool): Promise<number> {
    const { rowCount } = await by.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where application_name like $1 and pid <> pg_backend_pid()',
      [`%${this.applicationName}`],
    );
    return rowCount ?? 0;
  }

  /** Cuts it off for good: as if its machine were gone. */
  async die(by: Pool): Promise<void> {
    // Port 1 of this machine: nobody listens there.
    this.pool.options.connectionString = 'postgres://nobody@127.0.0.1:1/nowhere';
    await this.cutOff(by);
  }

  /** Safe to call twice. */
  stop(): Promise<void> {
    this.stopped ??= this.stopAll();
    return this.stopped;
  }

  private async stopAll(): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.stop()));
    await this.leases.stop();
    await this.journal.close();
    await this.pool.end();
  }
}

export class ReadModelRoom {
  readonly clock = new HastyClock();
  readonly randomness = new SeededRandomness(20_260_101);
  readonly lifecycle: JournaledLifecycle;
  readonly ledger: ReceiptLedger;
  readonly conversations: Conversations;
  private readonly processes: ReaderProcess[] = [];

  private constructor(
    private readonly database: TestDatabase,
    readonly pool: Pool,
    readonly journal: PostgresJournal,
  ) {
    this.lifecycle = new JournaledLifecycle(journal, this.clock, this.randomness);
    this.ledger = new ReceiptLedger(journal, CONNECTOR, this.clock, this.randomness);
    this.conversations = new Conversations(
      journal,
      new MessageStatusQueries(pool),
      this.clock,
      this.randomness,
    );
  }

  static async open(): Promise<ReadModelRoom> {
    const database = await openTestDatabase();
    const pool = openPool({ url: database.url, applicationName: 'room' });
    const journal = new PostgresJournal({ url: database.url, pool, clock: new HastyClock() });
    return new ReadModelRoom(database, pool, journal);
  }

  get url(): string {
    return this.database.url;
  }

  async process(name: string, options?: ReaderOptions): Promise<ReaderProcess> {
    const process = await ReaderProcess.start(this.url, name, options);
    this.processes.push(process);
    return process;
  }

  /** Reads everything there is into the read models, and ends. */
  async read(options?: ReaderOptions): Promise<void> {
    const process = await ReaderProcess.start(this.url, 'once', options);
    await process.caughtUp();
    await process.stop();
  }

  /** Empty read models, as before anything was read. */
  async forget(): Promise<void> {
    for (const { schema, tables } of READ_MODELS) {
      for (const table of tables) await this.pool.query(`truncate ${schema}.${table}`);
    }
    await this.pool.query('truncate subscription.checkpoints, subscription.stopped_streams');
  }

  async rows<Row extends object>(table: string, order: string): Promise<readonly Row[]> {
    const { rows } = await this.pool.query<Row>(`select * from ${table} order by ${order}`);
    return rows;
  }

  /** Every row of every table of the read models, table by table, in an order of its own. */
  async contents(): Promise<Readonly<Record<string, readonly string[]>>> {
    const contents: Record<string, readonly string[]> = {};
    for (const { schema, tables } of READ_MODELS) {
      for (const table of tables) {
        const { rows } = await this.pool.query<{ row: string }>(
          `select t::text as row from ${schema}.${table} t order by row`,
        );
        contents[`${schema}.${table}`] = rows.map(({ row }) => row);
      }
    }
    return contents;
  }

  async close(): Promise<void> {
    for (const process of this.processes.splice(0)) await process.stop();
    await this.journal.close();
    await this.pool.end();
    await this.database.close();
  }
}
