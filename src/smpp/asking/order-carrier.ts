// Carries cancel_sm and replace_sm to the connector that has the message. Durable by construction:
// what is due stands in awaiting_outcome, the claim is CancelAttempted or ReplaceAttempted, and an
// answer that is lost with this process is asked for again.
import type { Logger } from 'pino';
import type { AwaitingOutcomeQueries } from '../../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import type { Clock } from '../../clock/clock.js';
import type { MessageLifecycle } from '../../lifecycle/message-lifecycle.js';
import { TextNotEncodableError } from '../../message/message.errors.js';
import type { KnownMessage } from '../../message/message.js';
import type { PartCancel, RecordReplace } from '../../message/order.commands.js';
import type { CancelAttempted, PartAtSmsc, ReplaceAttempted } from '../../message/order.events.js';
import { partsAtSmsc } from '../../message/parts.js';
import type { StatusMeaning } from '../pdu/command-status.js';
import type { AskRequest } from '../session/ask.js';
import { cancelResult, replaceResult } from './ask-answers.js';
import { type AskedConnector, type AskedConnectors, whyNotReplaced } from './asking.options.js';
import { AskingRounds } from './asking-rounds.js';
import { DueOrders } from './due-orders.js';

/** Orders under way at once, and in one look. A guess: they are rare beside submits. */
const MAX_UNDER_WAY = 100;

/** Beyond the response timeout: an answer is then recorded, or will never come. */
const AFTER_TIMEOUT_SECONDS = 5;

export class OrderCarrier {
  private readonly rounds: AskingRounds;
  private readonly cancels: DueOrders;
  private readonly replaces: DueOrders;

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
    this.cancels = new DueOrders(awaiting, lifecycle, 'cancel');
    this.replaces = new DueOrders(awaiting, lifecycle, 'replace');
  }

  start(): void {
    this.rounds.start();
  }

  wake(): void {
    this.rounds.wake();
  }

  /** To be called when the connectors are drained: no ask of theirs is open then. */
  stop(): Promise<void> {
    return this.rounds.stop();
  }

  private async look(): Promise<void> {
    const room = MAX_UNDER_WAY - this.rounds.asksUnderWay;
    if (room <= 0) return;
    const now = this.clock.isoNow();
    await this.attemptCancels(
      (await this.cancels.next(now, room)).filter((message) => this.reaches(message)),
    );
    await this.attemptReplaces(
      (await this.replaces.next(now, room)).filter((message) => this.reaches(message)),
    );
  }

  private retryAfterSeconds(): number {
    let slowestMs = 0;
    for (const { responseTimeoutMs } of this.connectors.values())
      slowestMs = Math.max(slowestMs, responseTimeoutMs);
    return Math.ceil(slowestMs / 1000) + AFTER_TIMEOUT_SECONDS;
  }

  /** Whether every part at an SMSC is one that a bound connector of this process can ask for. */
  private reaches({ parts }: KnownMessage): boolean {
    return partsAtSmsc(parts).every(
      ({ connector }) => (this.connectors.get(connector)?.port.capacity() ?? 0) > 0,
    );
  }

  private async attemptCancels(messages: readonly KnownMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const { sender } = this;
    const retryAfterSeconds = this.retryAfterSeconds();
    const at = this.clock.isoNow();
    const handled = await this.lifecycle.handleMany(
      messages.map(({ messageId }) => ({ type: 'AttemptCancel', messageId, at, sender, retryAfterSeconds })),
    );
    for (const result of handled) {
      if (result.status !== 'handled') continue;
      for (const event of result.events) {
        if (event.type === 'CancelAttempted') this.rounds.track(this.cancel(result.message, event.data));
      }
    }
  }

  private async cancel(message: KnownMessage, { attempt, parts }: CancelAttempted): Promise<void> {
    const results = await Promise.all(parts.map((part) => this.askToCancel(message, part)));
    const { messageId } = message;
    const at = this.clock.isoNow();
    await this.lifecycle.handleMany([{ type: 'RecordCancel', messageId, at, attempt, results }]);
  }

  private async askToCancel(message: KnownMessage, at: PartAtSmsc): Promise<PartCancel> {
    const { part } = at;
    const connector = this.connectors.get(at.connector);
    if (connector === undefined) return { part, end: 'unanswered' };
    const smscMessageId = at.rawSmscMessageId ?? at.smscMessageId;
    const addresses = connector.form.addressesOf(message);
    const end = await connector.port.ask({ command: 'cancel_sm', smscMessageId, ...addresses });
    return cancelResult(part, end, meaningOf(connector));
  }

  private async attemptReplaces(messages: readonly KnownMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const { sender } = this;
    const retryAfterSeconds = this.retryAfterSeconds();
    const at = this.clock.isoNow();
    const handled = await this.lifecycle.handleMany(
      messages.map(({ messageId, parts }) => {
        const reason = this.whyNotReplaced(parts);
        return reason === null
          ? { type: 'AttemptReplace', messageId, at, sender, retryAfterSeconds }
          : { type: 'RecordReplace', messageId, at, attempt: 0, result: { end: 'not-carried', reason } };
      }),
    );
    for (const result of handled) {
      if (result.status !== 'handled') continue;
      for (const event of result.events) {
        if (event.type === 'ReplaceAttempted') this.rounds.track(this.replace(result.message, event.data));
      }
    }
  }

  private whyNotReplaced(parts: KnownMessage['parts']): string | null {
    const connector = this.connectors.get(partsAtSmsc(parts)[0]?.connector ?? '');
    return connector === undefined ? null : whyNotReplaced(connector);
  }

  private async replace(message: KnownMessage, attempted: ReplaceAttempted): Promise<void> {
    const result = await this.askToReplace(message, attempted);
    const { messageId } = message;
    const at = this.clock.isoNow();
    const { attempt } = attempted;
    await this.lifecycle.handleMany([{ type: 'RecordReplace', messageId, at, attempt, result }]);
  }

  private async askToReplace(
    message: KnownMessage,
    { connector: name, smscMessageId, rawSmscMessageId }: ReplaceAttempted,
  ): Promise<RecordReplace['result']> {
    const connector = this.connectors.get(name);
    if (connector === undefined) return { end: 'unanswered' };
    const request = this.replaceRequest(message, connector, rawSmscMessageId ?? smscMessageId);
    if ('reason' in request) return { end: 'not-carried', reason: request.reason };
    return replaceResult(await connector.port.ask(request), meaningOf(connector));
  }

  private replaceRequest(
    message: KnownMessage,
    { form, port: { name } }: AskedConnector,
    smscMessageId: string,
  ): AskRequest | { readonly reason: string } {
    const { order } = message;
    const text = order?.kind === 'replace' ? order.text : message.text;
    try {
      const [submit, ...more] = form.submitSms({ ...message, text }, this.clock.now());
      if (submit === undefined || more.length > 0 || submit.shortMessage.length === 0) {
        return { reason: `connector ${name} would send the text in another form than one short_message` };
      }
      const { source } = form.addressesOf(message);
      const { registeredDelivery, shortMessage } = submit;
      return { command: 'replace_sm', smscMessageId, source, registeredDelivery, shortMessage };
    } catch (error) {
      // The alphabet of the SMSC may hold less than the encoding of the message.
      if (!(error instanceof TextNotEncodableError)) throw error;
      return { reason: `connector ${name} cannot write the text as its submit was: ${error.message}` };
    }
  }
}

function meaningOf({ port }: AskedConnector): (commandStatus: number) => StatusMeaning {
  return port.meaningOf.bind(port);
}
