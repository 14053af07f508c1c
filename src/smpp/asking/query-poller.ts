// Asks SMSCs with query_sm how messages stand whose receipts do not come, where a connector says so.
// What is due stands in awaiting_outcome, derived from MessageSubmitted and QueryAttempted; nothing
// is remembered here. Several processes may look at the same rows: QueryAttempted is the claim.
import type { Logger } from 'pino';
import type { AwaitingOutcomeQueries } from '../../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import type { Clock } from '../../clock/clock.js';
import type { MessageLifecycle } from '../../lifecycle/message-lifecycle.js';
import type { KnownMessage } from '../../message/message.js';
import type { MessageCommand } from '../../message/message.commands.js';
import type { ReceiptEvidence } from '../../message/message.events.js';
import type { AttemptQuery } from '../../message/order.commands.js';
import type { PartAtSmsc, PartWord, QueryAttempted } from '../../message/order.events.js';
import { queryableParts } from '../../message/parts.js';
import { queryResult } from './ask-answers.js';
import type { AskedConnector, AskedConnectors, QueryOptions } from './asking.options.js';
import { AskingRounds } from './asking-rounds.js';
import { DueOrders } from './due-orders.js';
import { QueryBudget } from './query-budget.js';

/** Messages in one look; more wait for the next. */
const BATCH = 200;

export class QueryPoller {
  private readonly rounds: AskingRounds;
  private readonly due: DueOrders;
  private readonly budgets = new Map<string, { readonly perSecond: number; readonly budget: QueryBudget }>();

  constructor(
    private readonly lifecycle: MessageLifecycle,
    awaiting: Pick<AwaitingOutcomeQueries, 'dueAfter'>,
    private readonly connectors: AskedConnectors,
    private readonly clock: Clock,
    log: Pick<Logger, 'warn'>,
    /** As in SubmitAttempted.sender. */
    private readonly sender: string,
  ) {
    this.rounds = new AskingRounds(clock, log, () => this.look());
    this.due = new DueOrders(awaiting, lifecycle, 'query');
  }

  /** Looks at nothing while no connector of this process asks: a reload may bring one. */
  start(): void {
    this.rounds.start();
  }

  /** To be called when the connectors are drained: no ask of theirs is open then. */
  stop(): Promise<void> {
    return this.rounds.stop();
  }

  private async look(): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    if (!this.mayAsk(nowMs)) return;
    const at = this.clock.isoNow();
    const commands = (await this.due.next(at, BATCH)).flatMap((message) =>
      this.commandFor(message, at, nowMs),
    );
    if (commands.length === 0) return;
    for (const result of await this.lifecycle.handleMany(commands)) {
      if (result.status !== 'handled') continue;
      for (const event of result.events) {
        if (event.type === 'QueryAttempted') this.rounds.track(this.query(result.message, event.data));
      }
    }
  }

  private mayAsk(nowMs: number): boolean {
    for (const { port, query } of this.connectors.values()) {
      if (query !== null && this.budgetOf(port.name, query, nowMs).available(nowMs) >= 1) return true;
    }
    return false;
  }

  private budgetOf(name: string, { perSecond }: QueryOptions, nowMs: number): QueryBudget {
    const known = this.budgets.get(name);
    if (known?.perSecond === perSecond) return known.budget;
    const budget = new QueryBudget(perSecond, nowMs);
    this.budgets.set(name, { perSecond, budget });
    return budget;
  }

  /** None when the connector is not here, does not ask, is not bound, or has asked enough for now. */
  private commandFor({ messageId, parts }: KnownMessage, at: string, nowMs: number): AttemptQuery[] {
    const wanted = queryableParts(parts);
    const name = wanted[0]?.connector ?? '';
    const connector = this.connectors.get(name);
    const query = connector?.query ?? null;
    if (connector === undefined || query === null || connector.port.capacity() < wanted.length) return [];
    if (!this.budgetOf(name, query, nowMs).take(wanted.length, nowMs)) return [];
    const { everySeconds, backoffFactor, maxQueries } = query;
    const { sender } = this;
    return [{ type: 'AttemptQuery', messageId, at, sender, everySeconds, backoffFactor, maxQueries }];
  }

  private async query(message: KnownMessage, { query, parts }: QueryAttempted): Promise<void> {
    const answers = await Promise.all(
      parts.map(async (part) => {
        return { part: part.part, told: await this.ask(message, part) };
      }),
    );
    const { messageId } = message;
    const at = this.clock.isoNow();
    const commands: MessageCommand[] = [];
    const failures: PartWord[] = [];
    for (const { part, told } of answers) {
      if ('receiptId' in told) commands.push({ type: 'RecordReceipt', messageId, at, part, receipt: told });
      else failures.push(told);
    }
    if (failures.length > 0) commands.push({ type: 'RecordQuery', messageId, at, query, failures });
    await this.lifecycle.handleMany(commands);
  }

  /** source_addr must be that of the submit (SMPP 3.4 §4.8). */
  private async ask(message: KnownMessage, part: PartAtSmsc): Promise<ReceiptEvidence | PartWord> {
    const connector: AskedConnector | undefined = this.connectors.get(part.connector);
    if (connector === undefined) return { part: part.part, commandStatus: null };
    const smscMessageId = part.rawSmscMessageId ?? part.smscMessageId;
    const { source } = connector.form.addressesOf(message);
    const end = await connector.port.ask({ command: 'query_sm', smscMessageId, source });
    return queryResult(part, end, connector, this.clock.isoNow());
  }
}
