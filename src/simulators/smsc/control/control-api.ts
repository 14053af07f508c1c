// Control over HTTP, for tests and benches whose simulator is a process of its own.
//
// | request                          | effect                                                    |
// |----------------------------------|-----------------------------------------------------------|
// | GET /counters                    | counters, sessions, what is under way, CPU and memory     |
// | GET /timings                     | latency percentiles                                       |
// | GET /ledger?since=0&waitMs=0     | entries as NDJSON; next `since` in header x-ledger-next;   |
// |                                  | waits up to waitMs for the first when there is none       |
// | GET /settings, PATCH /settings   | the knobs; a JSON object with those to change             |
// | GET, POST, DELETE /scripts       | what happens to one destination; see outcome/script.ts    |
// | POST /deliveries                 | a deliver_sm made up by the caller                        |
// | POST /mo                         | a message from a phone; see control/mobile-message.ts      |
// | POST /alerts                     | alert_notification: a phone can be reached again          |
// | POST /disconnect {mode,systemId} | mode fin, rst or unbind                                   |
// | POST /reset                      | counters, timings, ledger and duplicates start anew       |
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { parseWith } from '../outcome/settings.js';
import { OptionInvalidError } from '../smsc-simulator.errors.js';
import type { AlertInput } from './alert.js';
import type { MobileMessageInput } from './mobile-message.js';
import type { MadeUpDeliveryInput } from './made-up-delivery.js';
import type { ScriptInput } from '../outcome/script.js';
import type { DisconnectMode, SettingsChange } from '../outcome/settings.js';
import type { RecordedEntry } from '../record/ledger.js';

/** The simulator as the control API sees it. */
export interface Controlled {
  readonly settings: unknown;
  change(change: SettingsChange): unknown;
  script(script: ScriptInput): unknown;
  scripts(): unknown;
  clearScripts(): void;
  counters(): unknown;
  timings(): unknown;
  ledger(since: number): RecordedEntry[];
  entry(
    matches: (entry: RecordedEntry) => boolean,
    deadlineMs: number,
    since: number,
  ): Promise<RecordedEntry>;
  deliver(input: MadeUpDeliveryInput): void;
  mobileMessage(input: MobileMessageInput): number;
  alert(input: AlertInput): number;
  disconnect(mode: DisconnectMode | 'unbind', systemId?: string): number;
  reset(): void;
}

/** Guess: a hundred times the longest script. */
const MAX_BODY_OCTETS = 1024 * 1024;

const ledgerQuery = z.strictObject({
  since: z.coerce.number().int().min(0).default(0),
  waitMs: z.coerce.number().min(0).max(60_000).default(0),
});

const disconnectBody = z.strictObject({
  mode: z.enum(['fin', 'rst', 'unbind']).default('fin'),
  systemId: z.string().optional(),
});

type Route = (controlled: Controlled, body: unknown, url: URL) => unknown;

// What a route was given is validated by the simulator itself, hence the casts.
const ROUTES: Readonly<Record<string, Route>> = {
  'GET /counters': (simulator) => simulator.counters(),
  'GET /timings': (simulator) => simulator.timings(),
  'GET /ledger': readLedger,
  'GET /settings': (simulator) => simulator.settings,
  'PATCH /settings': (simulator, body) => simulator.change(body as SettingsChange),
  'GET /scripts': (simulator) => simulator.scripts(),
  'POST /scripts': (simulator, body) => simulator.script(body as ScriptInput),
  'DELETE /scripts': (simulator) => {
    simulator.clearScripts();
    return {};
  },
  'POST /deliveries': (simulator, body) => {
    simulator.deliver(body as MadeUpDeliveryInput);
    return {};
  },
  'POST /mo': (simulator, body) => ({ delivers: simulator.mobileMessage(body as MobileMessageInput) }),
  'POST /alerts': (simulator, body) => ({ sessions: simulator.alert(body as AlertInput) }),
  'POST /disconnect': (simulator, body) =>
    parseWith(disconnectBody, body ?? {}, ({ mode, systemId }) => ({
      disconnected: simulator.disconnect(mode, systemId),
    })),
  'POST /reset': (simulator) => {
    simulator.reset();
    return {};
  },
};

const BASE = 'http://127.0.0.1';

class Ndjson {
  constructor(
    readonly entries: readonly RecordedEntry[],
    readonly next: number,
  ) {}
}

export class ControlApi {
  private constructor(private readonly server: Server) {}

  static async listen(controlled: Controlled, port: number): Promise<ControlApi> {
    const server = createServer((request, response) => {
      void answer(controlled, request, response);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
    return new ControlApi(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => {
        resolve();
      });
      this.server.closeAllConnections();
    });
  }
}

async function answer(
  controlled: Controlled,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    // A target such as `//` is no URL, and no resource either.
    const target = request.url ?? '/';
    const url = URL.canParse(target, BASE) ? new URL(target, BASE) : null;
    const route = url === null ? undefined : ROUTES[`${request.method ?? 'GET'} ${url.pathname}`];
    if (url === null || route === undefined) {
      send(response, 404, {
        title: 'no such resource',
        detail: 'see the table in src/simulators/smsc/control',
      });
      return;
    }
    const result = await route(controlled, await readBody(request), url);
    if (result instanceof Ndjson) sendNdjson(response, result);
    else send(response, 200, result);
  } catch (error) {
    if (error instanceof OptionInvalidError) {
      send(response, 400, {
        title: 'not valid',
        code: error.code,
        field: error.field,
        detail: error.problem,
      });
    } else {
      send(response, 500, { title: 'the simulator failed', detail: String(error) });
    }
  }
}

async function readLedger(controlled: Controlled, _body: unknown, url: URL): Promise<Ndjson> {
  const { since, waitMs } = parseWith(ledgerQuery, Object.fromEntries(url.searchParams), (query) => query);
  if (waitMs > 0) {
    // No entry in time is an answer too: an empty one.
    await controlled.entry(() => true, waitMs, since).catch(() => undefined);
  }
  const entries = controlled.ledger(since);
  return new Ndjson(entries, (entries.at(-1)?.index ?? since - 1) + 1);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    octets += chunk.length;
    if (octets > MAX_BODY_OCTETS) throw new OptionInvalidError('body', 'is longer than 1 MiB');
    chunks.push(chunk);
  }
  if (octets === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch (error) {
    throw new OptionInvalidError('body', 'is not JSON', { cause: error });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
}

function sendNdjson(response: ServerResponse, { entries, next }: Ndjson): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'x-ledger-next': String(next) });
  response.end(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}
