// How a message begins, and how it is suppressed before anything was attempted. Cancelling:
// cancel.decider.ts.
import { isAfter } from '../instant.js';
import type { AcceptMessage, SuppressMessage } from '../message.commands.js';
import { MessageAlreadyAttemptedError, MessageAlreadyFinalError } from '../message.errors.js';
import type { MessageEvent } from '../message.events.js';
import type { KnownMessage, Message } from '../message.state.js';
import { isFinalStatus } from '../parts.js';

export function acceptMessage(command: AcceptMessage, state: Message): readonly MessageEvent[] {
  if (state.status !== 'none') return [];
  const { at, sendAt } = command;
  const accepted: Accepted = {
    type: 'MessageAccepted',
    at,
    data: {
      messageId: command.messageId,
      from: command.from,
      encoding: command.encoding,
      partCount: command.partCount,
      priority: command.priority,
      class: command.class,
      channels: command.channels,
      validUntil: command.validUntil,
      sendAt,
      reference: command.reference,
      batch: command.batch,
      locale: command.locale,
      personal: { to: command.to, text: command.text },
    },
  };
  const first = isPlain(command) ? accepted : withFormat(accepted, command);
  if (sendAt === null || !isAfter(sendAt, at)) return [first];
  return [first, { type: 'MessageScheduled', at, data: { sendAt } }];
}

type Accepted = Extract<MessageEvent, { type: 'MessageAccepted' }>;

// Nearly every message is plain, and accepting it is what uploads spend their time with.
function isPlain({ format, binary, replaced }: AcceptMessage): boolean {
  return format === undefined && binary === undefined && replaced === undefined;
}

function withFormat(accepted: Accepted, { format, binary, replaced }: AcceptMessage): Accepted {
  const personal = {
    ...accepted.data.personal,
    ...(binary === undefined ? undefined : { binary }),
    ...(replaced === undefined ? undefined : { replaced }),
  };
  const data = { ...accepted.data, personal };
  return { ...accepted, data: format === undefined ? data : { ...data, format } };
}

export function suppressMessage(command: SuppressMessage, state: KnownMessage): readonly MessageEvent[] {
  if (state.status === 'suppressed') return [];
  requireUntouched(state);
  return [{ type: 'MessageSuppressed', at: command.at, data: { reason: command.reason } }];
}

// Deferred attempts count too: whoever stops a message must be able to rely on "never attempted".
function requireUntouched(state: KnownMessage): void {
  if (state.attempts > 0) throw new MessageAlreadyAttemptedError(state.messageId, state.attempts);
  if (isFinalStatus(state.status))
    throw new MessageAlreadyFinalError(state.messageId, state.status, 'suppressed');
}
