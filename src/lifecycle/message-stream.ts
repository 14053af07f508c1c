// How a message's events stand in the journal: stream names, ids, metadata, and the way back.
import { uuidOf } from '../clock/ids.js';
import type { NewEvent, RecordedEvent } from '../journal/journal.js';
import type { MessageEvent, MessageEventType } from '../message/message.events.js';
import { UnknownEventError } from './lifecycle.errors.js';

const PREFIX = 'message-';

/** Schema version of every message event written today; a new shape gets a new number and an upcaster. */
const SCHEMA_VERSION = 1;

const EVENT_TYPES: Readonly<Record<MessageEventType, true>> = {
  MessageAccepted: true,
  MessageScheduled: true,
  SubmitAttempted: true,
  MessageSubmitted: true,
  SubmitDeferred: true,
  SubmitOutcomeUnknown: true,
  PartRefused: true,
  MessageQuarantined: true,
  MessageReleased: true,
  MessageBuffered: true,
  PartReported: true,
  MessageDelivered: true,
  MessageUndelivered: true,
  MessageExpired: true,
  MessageRejected: true,
  MessageCancelled: true,
  MessageSuppressed: true,
  ReceiptContradicted: true,
  FallbackDecided: true,
  VoiceAttempted: true,
  VoiceQueued: true,
  VoiceAnswered: true,
  VoiceFailed: true,
  VoiceOutcomeUnknown: true,
  CancelRequested: true,
  CancelAttempted: true,
  CancelRefused: true,
  ReplaceRequested: true,
  ReplaceAttempted: true,
  TextReplaced: true,
  ReplaceRefused: true,
  QueryAttempted: true,
  QueryFailed: true,
};

export function messageStream(messageId: string): string {
  return PREFIX + messageId;
}

/** The message a stream belongs to; undefined for streams of other things. */
export function messageIdOf(stream: string): string | undefined {
  return stream.startsWith(PREFIX) ? stream.slice(PREFIX.length) : undefined;
}

/**
 * An event ready to append. Its id is fixed by the command and the index, so that an append
 * retried with the same command leaves one copy: the first event takes the command's own id
 * (nearly every command causes one event; a SHA-1 for each costs 2 µs), the others a UUIDv5.
 */
export function toNewEvent(
  event: MessageEvent,
  messageId: string,
  commandId: string,
  index: number,
): NewEvent {
  return {
    id: index === 0 ? commandId : uuidOf(`${commandId}/${String(index)}`),
    type: event.type,
    data: event.data,
    metadata: {
      correlationId: messageId,
      causationId: commandId,
      tenantId: 'default',
      at: event.at,
      schemaVersion: SCHEMA_VERSION,
    },
  };
}

/**
 * @throws UnknownEventError for a type or version this build does not know: the stream must not
 *   be acted on by it; deploy the newer build.
 */
export function toMessageEvent(recorded: RecordedEvent): MessageEvent {
  if (!(recorded.type in EVENT_TYPES) || recorded.metadata.schemaVersion !== SCHEMA_VERSION) {
    throw new UnknownEventError(recorded);
  }
  return { type: recorded.type, at: recorded.metadata.at, data: recorded.data } as MessageEvent;
}
