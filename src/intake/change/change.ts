// Cancels accepted messages and replaces their texts. What it answers is durable; a repeated request
// gets the answer of the first as long as that still holds.
import { type CommandBus } from '@nestjs/cqrs';
import { type Clock } from '../../clock/clock.js';
import { problem, ProblemError, refuse } from '../../http/http.errors.js';
import { HandleMessage } from '../../lifecycle/message.handler.js';
import type { CancelMessage, ReplaceText } from '../../message/order.commands.js';
import {
  MessageAlreadyFinalError,
  MessageNotChangeableError,
  MessageUnknownError,
} from '../../message/message.errors.js';
import type { KnownMessage } from '../../message/message.js';
import { anyMayBeAtSmsc } from '../../message/parts.js';
import { chooseEncoding } from '../../message/encoding-choice.js';
import { countParts } from '../../message/short-message.js';

export interface Changed {
  readonly id: string;
  readonly state: 'done' | 'requested';
  readonly status: string;
  readonly outcome: string;
}

export interface ChangeRules {
  readonly maxParts: number;
  readonly allowLatin1: boolean;
  /** Why a text that is at the SMSC is not replaced; null: it may be asked of it. */
  readonly whyNotReplaced: string | null;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A moment: a submit under way has ended then, or is in doubt. */
const ASK_AGAIN_SECONDS = 5;

const NO_REASON = 'asked by the sender';

export class Change {
  constructor(
    private readonly commands: CommandBus,
    private readonly lifecycle: {
      load(messageIds: readonly string[]): Promise<ReadonlyMap<string, KnownMessage>>;
    },
    private readonly clock: Clock,
    private readonly rules: ChangeRules,
  ) {}

  /** @throws ProblemError 404 and 409; JournalError (retryable) when the store does not answer. */
  async cancel(id: string, reason = NO_REASON): Promise<Changed> {
    const at = this.clock.isoNow();
    return this.handle({ type: 'CancelMessage', messageId: knownForm(id), at, reason });
  }

  /** @throws ProblemError 404, 409 and 422; JournalError (retryable) when the store does not answer. */
  async replace(id: string, text: string): Promise<Changed> {
    const messageId = knownForm(id);
    const encoding = chooseEncoding(text, { allowLatin1: this.rules.allowLatin1 });
    const partCount = countParts({ text, encoding });
    if (partCount > this.rules.maxParts) {
      const limit = String(this.rules.maxParts);
      const needs = `needs ${String(partCount)} parts in ${encoding}; at most ${limit} are allowed: shorten it`;
      throw refuse('invalid-message', [{ field: 'text', problem: needs }]);
    }
    await this.requireReplaceable(messageId, text);
    const at = this.clock.isoNow();
    return this.handle({ type: 'ReplaceText', messageId, at, text, encoding, partCount });
  }

  /** What the connector's settings forbid is said at once, not by a later refusal. */
  private async requireReplaceable(messageId: string, text: string): Promise<void> {
    const { whyNotReplaced } = this.rules;
    if (whyNotReplaced === null) return;
    const message = (await this.lifecycle.load([messageId])).get(messageId);
    if (message?.outcome !== 'pending' || message.text === text) return;
    if (!anyMayBeAtSmsc(message.parts)) return;
    const detail = `message ${messageId} is at the SMSC already, and ${whyNotReplaced}`;
    throw new ProblemError(problem('not-changeable', detail, { reason: 'not-carried' }));
  }

  private async handle(command: CancelMessage | ReplaceText): Promise<Changed> {
    const handled = await this.commands.execute(new HandleMessage(command));
    if (handled.status === 'refused') throw refusalOf(handled.error, command.messageId);
    const { messageId, status, outcome, order } = handled.message;
    return { id: messageId, state: order === null ? 'done' : 'requested', status, outcome };
  }
}

function refusalOf(error: Error, messageId: string): Error {
  if (error instanceof MessageUnknownError) return notFound(messageId);
  if (error instanceof MessageAlreadyFinalError) {
    return new ProblemError(problem('not-changeable', error.message, { reason: 'already-final' }));
  }
  if (!(error instanceof MessageNotChangeableError)) return error;
  const { message, why, retryable } = error;
  return new ProblemError(
    problem('not-changeable', message, { reason: why }),
    retryable ? ASK_AGAIN_SECONDS : null,
  );
}

function knownForm(id: string): string {
  if (!UUID.test(id)) throw notFound(id);
  return id.toLowerCase();
}

function notFound(id: string): ProblemError {
  return new ProblemError(problem('not-found', `there is no message ${id.slice(0, 60)}`));
}
