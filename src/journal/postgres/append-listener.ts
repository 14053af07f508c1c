// Hears from PostgreSQL that some process appended. Notifications may be lost while the link is
// down, so that a poll backs them up; `listening` says whether silence means "nothing new".
//
// | state        | event                  | next         | action                              |
// |--------------|------------------------|--------------|-------------------------------------|
// | connecting   | LISTEN confirmed       | listening    | read the head, wake                 |
// | connecting   | error                  | waiting      | back off: 100 ms doubling to 5 s    |
// | listening    | notification           | listening    | report the head                     |
// | listening    | poll answered          | listening    | report the head, wake               |
// | listening    | poll unanswered, error | waiting      | drop the link, back off             |
// | waiting      | back-off over          | connecting   | wake: readers ask the database      |
// | any          | close                  | closed       |                                     |
import pg from 'pg';
import type { Cancel, Clock } from '../../clock/clock.js';
import { clientConfig } from '../../postgres/postgres.js';

export interface AppendListenerEvents {
  /** The journal reaches at least to this position. */
  readonly onHead: (head: bigint) => void;
  /** A quiet period is over, or the link is up again. */
  readonly onQuiet: () => void;
}

// Only appends of other processes whose notification was lost wait for the poll.
const POLL_MS = 1_000;
const BACK_OFF_MIN_MS = 100;
const BACK_OFF_MAX_MS = 5_000;

export class AppendListener {
  private state: 'idle' | 'connecting' | 'listening' | 'waiting' | 'closed' = 'idle';
  private client: pg.Client | undefined;
  private cancelTimer: Cancel | undefined;
  private backOffMs = BACK_OFF_MIN_MS;

  constructor(
    private readonly url: string,
    private readonly clock: Clock,
    private readonly events: AppendListenerEvents,
  ) {}

  /** True while every append of every process is reported within the time a notification takes. */
  get listening(): boolean {
    return this.state === 'listening';
  }

  start(): void {
    if (this.state === 'idle') void this.connect();
  }

  async close(): Promise<void> {
    this.state = 'closed';
    this.cancelTimer?.();
    const client = this.client;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    this.state = 'connecting';
    const client = new pg.Client(clientConfig({ url: this.url, applicationName: 'journal listener' }));
    this.client = client;
    const lost = (): void => {
      this.dropped(client);
    };
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', ({ payload }) => {
      if (payload !== undefined) this.events.onHead(BigInt(payload));
    });
    try {
      await client.connect();
      await client.query('listen journal_appended');
      const head = await readHead(client);
      if (this.client !== client) return;
      this.state = 'listening';
      this.backOffMs = BACK_OFF_MIN_MS;
      this.events.onHead(head);
      this.events.onQuiet();
      this.pollLater(client);
    } catch {
      this.dropped(client);
    }
  }

  private pollLater(client: pg.Client): void {
    this.cancelTimer = this.clock.after(POLL_MS, () => {
      // A link without an answer for a whole period is as good as lost.
      this.cancelTimer = this.clock.after(POLL_MS, () => {
        client.connection.stream.destroy();
      });
      readHead(client).then(
        (head) => {
          if (this.client !== client) return;
          this.cancelTimer?.();
          this.events.onHead(head);
          this.events.onQuiet();
          this.pollLater(client);
        },
        () => {
          this.dropped(client);
        },
      );
    });
  }

  private dropped(client: pg.Client): void {
    if (this.client !== client) return;
    this.client = undefined;
    this.cancelTimer?.();
    client.end().catch(() => undefined);
    this.state = 'waiting';
    this.cancelTimer = this.clock.after(this.backOffMs, () => {
      this.backOffMs = Math.min(BACK_OFF_MAX_MS, this.backOffMs * 2);
      this.events.onQuiet();
      void this.connect();
    });
  }
}

async function readHead(client: pg.Client): Promise<bigint> {
  const { rows } = await client.query<[bigint]>({
    rowMode: 'array',
    text: 'select position from journal_head',
  });
  return rows[0]?.[0] ?? 0n;
}
