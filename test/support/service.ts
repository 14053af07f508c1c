// The whole service as tests run it: the built program in a process of its own, over a real
// database, spoken to over HTTP.
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { clientConfig } from '../../src/postgres/postgres.js';
import { type Exit, type StartedProcess, startProcess } from './processes.js';

export interface ServiceOptions {
  /** Without it the service starts a PostgreSQL of its own. */
  readonly databaseUrl?: string;
  /** Further settings, by the names of the README. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface MessageAnswer {
  readonly id: string;
  readonly to: string;
  readonly status: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly parts: readonly { readonly part: number; readonly state: string }[];
  readonly attempts: readonly object[];
  readonly voice: readonly { readonly result: string }[];
}

export interface EventAnswer {
  readonly type: string;
  readonly revision: number;
  readonly position: number;
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface BatchAnswer {
  readonly messages: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byOutcome: Readonly<Record<string, number>>;
}

/** How often the API is asked again; the wait itself ends with the answer or its deadline. */
const ASK_AGAIN_MS = 25;

export class RunningService {
  constructor(
    private readonly process: StartedProcess,
    readonly url: string,
  ) {}

  static async start({ databaseUrl, env = {} }: ServiceOptions): Promise<RunningService> {
    const process = await startProcess(
      'dist/src/main.js',
      [],
      { DATABASE_URL: databaseUrl ?? '', HTTP_PORT: '0', LOG_LEVEL: 'info', ...env },
      {
        readLine: (line) =>
          /^SureReach is ready: (\S+)$/.exec(line) ? { url: line.split(' ').at(-1) } : undefined,
      },
    );
    return new RunningService(process, String(process.ready['url']));
  }

  get pid(): number {
    return this.process.pid;
  }

  get output(): string {
    return this.process.stdout + this.process.stderr;
  }

  signal(signal: NodeJS.Signals): void {
    this.process.signal(signal);
  }

  /** SIGTERM, and its end. */
  stop(deadlineMs = 20_000): Promise<Exit> {
    return this.process.stop(deadlineMs);
  }

  /** SIGKILL. */
  kill(): Promise<Exit> {
    return this.process.kill();
  }

  async send(message: object, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const response = await fetch(`${this.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(message),
    });
    const answer = (await response.json()) as { id?: string };
    if (response.status !== 202 || answer.id === undefined) {
      throw new Error(`POST /v1/messages answered ${String(response.status)}: ${JSON.stringify(answer)}`);
    }
    return answer.id;
  }

  async upload(batch: string, rows: readonly object[]): Promise<{ readonly accepted: number }> {
    const response = await fetch(`${this.url}/v1/messages/bulk?batch=${batch}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    });
    return (await response.json()) as { accepted: number };
  }

  async get<Answer>(path: string): Promise<Answer> {
    const response = await fetch(this.url + path);
    if (!response.ok)
      throw new Error(`GET ${path} answered ${String(response.status)}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  /** The answer whatever its status, its body as JSON. */
  async post(path: string, body: object = {}): Promise<{ readonly status: number; readonly body: unknown }> {
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }

  message(id: string): Promise<MessageAnswer> {
    return this.get<MessageAnswer>(`/v1/messages/${id}`);
  }

  events(id: string): Promise<readonly EventAnswer[]> {
    return this.get<readonly EventAnswer[]>(`/v1/messages/${id}/events`);
  }

  /** The first answer of `path` that is as wanted. */
  async eventually<Answer>(
    path: string,
    what: string,
    holds: (answer: Answer) => boolean,
    deadlineMs = 20_000,
  ): Promise<Answer> {
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      const answer = await this.get<Answer>(path).catch((error: unknown) => String(error));
      if (typeof answer !== 'string' && holds(answer)) return answer;
      if (performance.now() > deadline) {
        throw new Error(
          `waited ${String(deadlineMs)} ms in vain for ${what}; last: ${JSON.stringify(answer)}\n${this.output.slice(-3000)}`,
        );
      }
      await delay(ASK_AGAIN_MS);
    }
  }

  /** When all `messages` of a batch are in the read model and none is pending any more. */
  batchSettled(batch: string, messages: number, deadlineMs: number): Promise<BatchAnswer> {
    return this.eventually<BatchAnswer>(
      `/v1/batches/${batch}`,
      `an outcome of all ${String(messages)} messages`,
      (answer) => answer.messages === messages && (answer.byOutcome['pending'] ?? 0) === 0,
      deadlineMs,
    );
  }

  settled(id: string, deadlineMs?: number): Promise<MessageAnswer> {
    return this.eventually<MessageAnswer>(
      `/v1/messages/${id}`,
      `an outcome of message ${id}`,
      ({ outcome }) => outcome !== 'pending',
      deadlineMs,
    );
  }
}

/** Resolves when the slots of the work are held by as many senders as there are. */
export async function slotsDivided(databaseUrl: string, senders: number, deadlineMs = 20_000): Promise<void> {
  const client = new pg.Client(clientConfig({ url: databaseUrl, applicationName: 'test' }));
  await client.connect();
  const deadline = performance.now() + deadlineMs;
  try {
    for (;;) {
      const { rows } = await client.query<{ holders: bigint }>(
        `select count(distinct holder) as holders from subscription.leases where name like 'sender-slot/%' and holder <> 0`,
      );
      if (Number(rows[0]?.holders ?? 0) === senders) return;
      if (performance.now() > deadline)
        throw new Error(`the slots were not divided among ${String(senders)} senders`);
      await delay(ASK_AGAIN_MS);
    }
  } finally {
    await client.end();
  }
}
