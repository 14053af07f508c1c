// The command side of a message as its callers see it.
import type { MessageCommand } from '../message/message.commands.js';
import type { MessageError } from '../message/message.errors.js';
import type { MessageEvent } from '../message/message.events.js';
import type { KnownMessage } from '../message/message.js';
import type { UnknownEventError } from './lifecycle.errors.js';

/** What a command came to. `events` is empty when the command changed nothing. */
export type Handled =
  | { readonly status: 'handled'; readonly message: KnownMessage; readonly events: readonly MessageEvent[] }
  | { readonly status: 'refused'; readonly error: MessageError | UnknownEventError };

export abstract class MessageLifecycle {
  /**
   * Load, decide, append; durable when it resolves. Results are in the order of the commands;
   * commands to the same message take effect in that order, and one that the decider refuses
   * leaves the others alone.
   *
   * @throws JournalUnavailableError when the store cannot commit: nothing was recorded, retry later.
   * @throws AppendOutcomeUnknownError when the store vanished while committing: send the same
   *   commands again, the decider ignores what is already recorded.
   * @throws MessageContendedError when a message kept changing: send the commands again.
   */
  abstract handleMany(commands: readonly MessageCommand[]): Promise<readonly Handled[]>;

  /** The messages as the journal tells them now; unknown ids are absent. */
  abstract load(messageIds: readonly string[]): Promise<ReadonlyMap<string, KnownMessage>>;
}
