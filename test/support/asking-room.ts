// What asks the SMSC, with everything around it that is not the store, the clock or the SMSC: those
// three do what the test says.
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import type { MessageCommand } from '../../src/message/message.commands.js';
import type { KnownMessage } from '../../src/message/message.js';
import type { AskedConnector, AskPort } from '../../src/smpp/asking/asking.options.js';
import { OrderCarrier } from '../../src/smpp/asking/order-carrier.js';
import { QueryPoller } from '../../src/smpp/asking/query-poller.js';
import { encodePdu } from '../../src/smpp/link.js';
import type { AskEnd, AskRequest } from '../../src/smpp/session/ask.js';
import { STANDARD_STATUSES, type StatusMeaning } from '../../src/smpp/pdu/command-status.js';
import { DEFAULT_DIALECT } from '../../src/smpp/pdu/receipt-options.js';
import { SubmitForm } from '../../src/smpp/submit-form.js';
import { DueRows } from './due-rows.js';
import { quiet } from './eventually.js';
import { InMemoryLifecycle } from './in-memory-lifecycle.js';
import { at } from './message-builders.js';
import { accept, attemptSubmit, messageIdOf, tookAs } from './message-commands.js';

/** A connector that keeps what it is asked, and answers when the test says so. */
export class FakeAskPort implements AskPort {
  readonly name = 'main';
  readonly asked: AskRequest[] = [];
  room = 100;
  /** Meanings of its own, for a test to set. */
  statuses = STANDARD_STATUSES;
  private readonly waiting: ((end: AskEnd) => void)[] = [];

  capacity(): number {
    return this.room;
  }

  meaningOf(commandStatus: number): StatusMeaning {
    return this.statuses.meaningOf(commandStatus);
  }

  ask(request: AskRequest): Promise<AskEnd> {
    this.asked.push(request);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Ends the oldest open ask. */
  async answer(end: AskEnd): Promise<void> {
    const resolve = this.waiting.shift();
    if (resolve === undefined) throw new Error(`nothing is asked; so far ${JSON.stringify(this.asked)}`);
    resolve(end);
    await quiet();
  }
}

export function answeredWith(commandStatus: number, pdu: Buffer = Buffer.alloc(16)): AskEnd {
  return { end: 'answered', commandStatus, pdu };
}

/** query_sm_resp as npm smpp writes it. */
export function stateAnswer(message_state: number, final_date = ''): AskEnd {
  return answeredWith(
    0,
    encodePdu('query_sm_resp', 1, { message_id: 'id-1', final_date, message_state, error_code: 0 }),
  );
}

export const QUERY = { afterSeconds: 30, everySeconds: 60, backoffFactor: 2, maxQueries: 2, perSecond: 10 };

export class AskingRoom {
  /** One second after the messages of message-commands.ts were accepted. */
  readonly clock = new VirtualClock(Date.parse(at(1)));
  readonly messages = new InMemoryLifecycle();
  readonly rows = new DueRows(this.messages);
  readonly port = new FakeAskPort();
  readonly connectors: Map<string, AskedConnector>;
  readonly warnings: object[] = [];
  readonly orders: OrderCarrier;
  readonly queries: QueryPoller;

  constructor(overrides: Partial<AskedConnector> = {}, process: { readonly of?: AskingRoom } = {}) {
    const { messages, rows, clock } = process.of ?? this;
    this.messages = messages;
    this.rows = rows;
    this.clock = clock;
    const log = { warn: (fields: object): void => void this.warnings.push(fields) };
    const connector: AskedConnector = {
      port: this.port,
      form: new SubmitForm(),
      group: this.port.name,
      dialect: DEFAULT_DIALECT,
      query: QUERY,
      replace: 'always',
      bind: 'transceiver',
      responseTimeoutMs: 60_000,
      ...overrides,
    };
    this.connectors = new Map([[this.port.name, connector]]);
    const { connectors } = this;
    this.orders = new OrderCarrier(messages, rows, connectors, clock, log, '7');
    this.queries = new QueryPoller(messages, rows, connectors, clock, log, '7');
  }

  /** Message `number`, submitted as `id-<number>`, two seconds after it was accepted. */
  async submitted(number: number): Promise<string> {
    const took = { ...tookAs(number, `id-${String(number)}`), queryAfterSeconds: QUERY.afterSeconds };
    await this.given(accept(number), attemptSubmit(number), took);
    return messageIdOf(number);
  }

  async given(...commands: readonly MessageCommand[]): Promise<void> {
    await this.messages.handleMany(commands);
  }

  async start(): Promise<void> {
    this.orders.start();
    this.queries.start();
    await this.pass(0);
  }

  /** Lets `ms` pass second by second, each time until everything that became ready has run. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; ; left -= 1_000) {
      this.clock.advance(Math.max(0, Math.min(left, 1_000)));
      await quiet();
      if (left <= 1_000) return;
    }
  }

  message(number: number): KnownMessage {
    return this.messages.message(messageIdOf(number));
  }
}
