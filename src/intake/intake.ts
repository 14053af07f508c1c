// Accepts single messages. What it answers is durable; the answer to a repeated Idempotency-Key
// is the answer to the first request.
import { type CommandBus } from '@nestjs/cqrs';
import { type Clock, type Randomness } from '../clock/clock.js';
import { newUuid } from '../clock/ids.js';
import { type Metrics } from '../health/metrics.js';
import { problem, ProblemError, refuse } from '../http/http.errors.js';
import { type MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import { HandleMessage } from '../lifecycle/message.handler.js';
import { isAfter } from '../message/instant.js';
import type { AcceptMessage } from '../message/message.commands.js';
import type { KnownMessage } from '../message/message.js';
import { IDEMPOTENCY_KEY, isSameRequest, messageIdOfKey } from './idempotency.js';
import { type MessageReader, type Refusal } from './message-reader.js';

export interface Accepted {
  readonly id: string;
  readonly status: 'accepted' | 'scheduled';
  /** Characters of the request that are sent as others; empty: none. */
  readonly replaced: KnownMessage['replaced'];
  /** True when the message had been accepted before under the same Idempotency-Key. */
  readonly replayed: boolean;
}

export class Intake {
  private readonly keysUnderWay = new Set<string>();

  constructor(
    private readonly commands: CommandBus,
    private readonly lifecycle: MessageLifecycle,
    private readonly reader: MessageReader,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
    private readonly metrics: Metrics,
  ) {}

  /**
   * @throws ProblemError for a request that cannot be accepted.
   * @throws JournalError (retryable) when the store does not answer: send the request again.
   */
  async accept(body: unknown, idempotencyKey: string | undefined): Promise<Accepted> {
    if (idempotencyKey === undefined) {
      const command = this.commandOf(body, newUuid(this.clock, this.randomness));
      return this.answer(await this.handle(command), false);
    }
    return this.acceptOnce(body, idempotencyKey);
  }

  private async acceptOnce(body: unknown, key: string): Promise<Accepted> {
    if (!IDEMPOTENCY_KEY.test(key)) {
      const error = {
        field: 'Idempotency-Key',
        problem: 'must be 1 to 255 printable ASCII characters without spaces',
      };
      throw refuse('invalid-request', [error]);
    }
    if (this.keysUnderWay.has(key)) {
      throw new ProblemError(
        problem('idempotency-key-in-use', 'wait for its answer, or ask again in a second'),
        1,
      );
    }
    this.keysUnderWay.add(key);
    try {
      return await this.acceptUnder(messageIdOfKey(key), body);
    } finally {
      this.keysUnderWay.delete(key);
    }
  }

  private async acceptUnder(messageId: string, body: unknown): Promise<Accepted> {
    const command = this.reader.read(body, { messageId, at: this.clock.isoNow(), batch: null });
    if ('kind' in command) {
      // A repeated request may have become invalid by the clock alone: its first answer stands.
      const known = (await this.lifecycle.load([messageId])).get(messageId);
      if (known === undefined) throw this.refusal(command);
      return this.replay(known, body);
    }
    const { message, isNew } = await this.handle(command);
    return isNew ? this.answer({ message, isNew }, false) : this.replay(message, body);
  }

  /** Reads the request again as of the instant of the first one, since defaults depend on it. */
  private replay(message: KnownMessage, body: unknown): Accepted {
    const again = this.reader.read(body, {
      messageId: message.messageId,
      at: message.acceptedAt,
      batch: null,
    });
    if ('kind' in again || !isSameRequest(message, again)) {
      throw new ProblemError(
        problem(
          'idempotency-key-reused',
          'its first request had other content: use a new key for a new message',
          {
            id: message.messageId,
          },
        ),
      );
    }
    return this.answer({ message, isNew: false }, true);
  }

  private commandOf(body: unknown, messageId: string): AcceptMessage {
    const command = this.reader.read(body, { messageId, at: this.clock.isoNow(), batch: null });
    if ('kind' in command) throw this.refusal(command);
    return command;
  }

  private async handle(command: AcceptMessage): Promise<{ message: KnownMessage; isNew: boolean }> {
    const handled = await this.commands.execute(new HandleMessage(command));
    if (handled.status === 'refused') throw handled.error;
    const isNew = handled.events.length > 0;
    if (isNew) this.metrics.messagesAccepted.inc({ source: 'single' });
    return { message: handled.message, isNew };
  }

  private answer({ message }: { message: KnownMessage; isNew: boolean }, replayed: boolean): Accepted {
    const isScheduled = message.sendAt !== null && isAfter(message.sendAt, message.acceptedAt);
    const { messageId: id, replaced } = message;
    return { id, status: isScheduled ? 'scheduled' : 'accepted', replaced, replayed };
  }

  private refusal({ kind, errors }: Refusal): ProblemError {
    this.metrics.messagesRefused.inc({ source: 'single' });
    return refuse(kind, errors);
  }
}
