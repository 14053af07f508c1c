// What the status API shows of a message and of its events.
import type { RecordedEvent } from '../journal/journal.js';
import type { Channels } from '../message/message.events.js';
import type { MessageView } from './message-view.js';

type RequestedChannel =
  | { readonly channel: 'sms'; readonly fallbackAfter: number; readonly successStatus: string }
  | { readonly channel: 'voice'; readonly maxCalls: number; readonly retryAfter: number };

export interface MessageAnswer extends Omit<MessageView, 'channels'> {
  /** By the names the request uses. */
  readonly channels: readonly RequestedChannel[];
}

export interface EventAnswer {
  readonly id: string;
  readonly type: string;
  readonly revision: number | string;
  readonly position: number | string;
  readonly at: string;
  readonly data: object;
  readonly metadata: object;
}

export function messageAnswer(view: MessageView): MessageAnswer {
  return { ...view, channels: requestedChannels(view.channels) };
}

export function eventAnswer({ id, type, revision, position, data, metadata }: RecordedEvent): EventAnswer {
  return {
    id,
    type,
    revision: jsonNumber(revision),
    position: jsonNumber(position),
    at: metadata.at,
    data,
    metadata,
  };
}

/** JSON numbers are exact up to 2^53; what lies above is given as text rather than rounded. */
function jsonNumber(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
}

function requestedChannels([sms, voice]: Channels): readonly RequestedChannel[] {
  const { fallbackAfterSeconds: fallbackAfter, successStatus } = sms;
  const first = { channel: 'sms' as const, fallbackAfter, successStatus };
  if (voice === undefined) return [first];
  return [first, { channel: 'voice', maxCalls: voice.maxCalls, retryAfter: voice.retryAfterSeconds }];
}
