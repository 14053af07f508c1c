// One request, one message: the Idempotency-Key fixes the message id, so that the journal itself
// remembers it, whichever process the repeated request meets.
import { uuidOf } from '../clock/ids.js';
import type { AcceptMessage } from '../message/message.commands.js';
import type { KnownMessage } from '../message/message.js';

/** Printable ASCII, as the draft of the header asks for; long enough for any UUID or hash. */
export const IDEMPOTENCY_KEY = /^[\x21-\x7E]{1,255}$/;

export function messageIdOfKey(key: string): string {
  return uuidOf(`idempotency/${key}`);
}

/** Whether a message is what the command asks for. The command carries the message's own instant. */
export function isSameRequest(message: KnownMessage, command: AcceptMessage): boolean {
  return (
    message.to === command.to &&
    message.from === command.from &&
    // A text that was replaced since was asked for by another request.
    message.acceptedText === command.text &&
    message.priority === command.priority &&
    message.class === command.class &&
    message.validUntil === command.validUntil &&
    message.sendAt === command.sendAt &&
    message.reference === command.reference &&
    message.batch === command.batch &&
    message.locale === command.locale &&
    message.acceptedEncoding === command.encoding &&
    sameJson(message.format, command.format) &&
    sameJson(message.binary, command.binary) &&
    sameChannels(message, command)
  );
}

/** Both were made by the same code, in the same order of fields. */
function sameJson(stored: object | null, asked: object | undefined): boolean {
  return JSON.stringify(stored) === JSON.stringify(asked ?? null);
}

function sameChannels(
  { channels: [sms, voice] }: KnownMessage,
  { channels: [askedSms, askedVoice] }: AcceptMessage,
): boolean {
  return (
    sms.fallbackAfterSeconds === askedSms.fallbackAfterSeconds &&
    sms.successStatus === askedSms.successStatus &&
    voice?.maxCalls === askedVoice?.maxCalls &&
    voice?.retryAfterSeconds === askedVoice?.retryAfterSeconds
  );
}
