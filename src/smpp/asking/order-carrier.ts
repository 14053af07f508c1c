// Carries cancel_sm and replace_sm to the connector that has the message. Durable by construction:
// what is due stands in awaiting_outcome, the claim is CancelAttempted or ReplaceAttempted, and an
// answer that is lost with this process is asked for again.
import type { Logger } from 'pino';
import type { AwaitingOutcomeQueries } from '../../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import type { Clock } from '../../clock/clock.js';
import type { MessageLifecycle } from '../../lifecycle/message-lifecycle.js';
import type { KnownMessage } from '../../message/message.js';
import type { CancelAttempted, PartAtSmsc, ReplaceAttempted } from '../../message/order.events.js';
import { partsAtSmsc } from '../../message/parts.js';
import type { AskEnd, AskRequest } from '../session/ask.js';
import type { SubmitForm } from '../submit-form.js';
import { cancelResult, replaceResult } from './ask-answers.js';
import { type AskedConnectors, whyNotReplaced } from './asking.options.js';
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
  private readonly retryAfterSeconds: number;

  constructor(
    private readonly lifecycle: MessageLifecycle,
    awaiting: Pick<AwaitingOutcomeQueries, 'dueAfter'>,
    private readonly connectors: AskedConnectors,
    private readonly form: Pick<SubmitForm, 'submitSms'>,
    private readonly clock: Clock,
    log: Pick<Logger, 'warn'>,
    /** As in SubmitAttempted.sender. */
    private readonly sender: string,
  ) {
    this.rounds = new AskingRounds(clock, log, () => this.look());
    this.cancels = new DueOrders(awaiting, lifecycle, 'cancel');
    this.replaces = new DueOrders(awaiting, lifecycle, 'replace');
    const slowest = Math.max(
      0,
      ...[...connectors.values()].map(({ responseTimeoutMs }) => responseTimeoutMs),
    );
    this.retryAfterSeconds = Math.ceil(slowest / 1000) + AFTER_TIMEOUT_SECONDS;
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

  /** Whether every part at an SMSC is one that a bound connector of this process can ask for. */
  private reaches({ parts }: KnownMessage): boolean {
    return partsAtSmsc(parts).every(
      ({ connector }) => (this.connectors.get(connector)?.port.capacity() ?? 0) > 0,
    );
  }

  private async attemptCancels(messages: readonly KnownMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const { sender, retryAfterSeconds } = this;
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
    const results = await Promise.all(
      parts.map(async (part) => cancelResult(part.part, await this.askToCancel(message, part))),
    );
    const { messageId } = message;
    const at = this.clock.isoNow();
    await this.lifecycle.handleMany([{ type: 'RecordCancel', messageId, at, attempt, results }]);
  }

  private askToCancel(
    message: KnownMessage,
    { part, connector, smscMessageId }: PartAtSmsc,
  ): Promise<AskEnd> {
    const submitted = this.form.submitSms(message)[part - 1];
    if (submitted === undefined) return notSent(`there is no part ${String(part)}`);
    return this.ask(connector, {
      command: 'cancel_sm',
      smscMessageId,
      source: { ton: submitted.sourceTon, npi: submitted.sourceNpi, address: submitted.sourceAddr },
      destination: { ton: submitted.destTon, npi: submitted.destNpi, address: submitted.destAddr },
    });
  }

  private async attemptReplaces(messages: readonly KnownMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const { sender, retryAfterSeconds } = this;
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
    const { attempt, connector, smscMessageId } = attempted;
    const { messageId, order } = message;
    const text = order?.kind === 'replace' ? order.text : message.text;
    const [submit] = this.form.submitSms({ ...message, text });
    const end =
      submit === undefined
        ? await notSent('the text makes no submit_sm')
        : await this.ask(connector, {
            command: 'replace_sm',
            smscMessageId,
            source: { ton: submit.sourceTon, npi: submit.sourceNpi, address: submit.sourceAddr },
            registeredDelivery: submit.registeredDelivery,
            shortMessage: submit.shortMessage,
          });
    const at = this.clock.isoNow();
    const result = replaceResult(end);
    await this.lifecycle.handleMany([{ type: 'RecordReplace', messageId, at, attempt, result }]);
  }

  private ask(connector: string, request: AskRequest): Promise<AskEnd> {
    return this.connectors.get(connector)?.port.ask(request) ?? notSent(`no connector ${connector} here`);
  }
}

function notSent(detail: string): Promise<AskEnd> {
  return Promise.resolve({ end: 'not-sent', detail });
}
