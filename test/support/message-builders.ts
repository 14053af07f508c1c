// Commands and events of one message for specs: short to write, complete, with instants in seconds
// after the message was accepted.
import type { InDoubtPolicy, MessageCommand, RetryRule } from '../../src/message/message.commands.js';
import type {
  Channels,
  MessageEvent,
  MessageEventData,
  MessageEventType,
  ReceiptEvidence,
  ReceiptState,
  SmsSuccess,
  VoiceChannel,
} from '../../src/message/message.events.js';

import type { UnknownCause } from '../../src/message/submission.events.js';

const ACCEPTED_AT_MS = Date.UTC(2026, 0, 1, 8);

export const HOLD: InDoubtPolicy = { then: 'hold' };
export const RESUBMIT: InDoubtPolicy = { then: 'resubmit', afterSeconds: 60, quarantineAfter: 3 };

/** A retry rule that always gives the same pause, without end. */
export function every(seconds: number, limit: number | null = null): RetryRule {
  return { limit, firstSeconds: seconds, factor: 1, longestSeconds: seconds };
}

/** The instant `seconds` after acceptance, in the form every event carries. */
export function at(seconds: number): string {
  return new Date(ACCEPTED_AT_MS + seconds * 1000).toISOString();
}

export const MESSAGE_ID = '019b7a8c-0000-7000-8000-000000000001';
export const VALIDITY_SECONDS = 7200;
export const RECEIPT_WAIT_SECONDS = 600;

export const VOICE: VoiceChannel = { channel: 'voice', maxCalls: 2, retryAfterSeconds: 120 };

export function smsOnly(successStatus: SmsSuccess = 'delivered'): Channels {
  return [{ channel: 'sms', fallbackAfterSeconds: RECEIPT_WAIT_SECONDS, successStatus }];
}

export function smsThenVoice(successStatus: SmsSuccess = 'delivered'): Channels {
  return [{ channel: 'sms', fallbackAfterSeconds: RECEIPT_WAIT_SECONDS, successStatus }, VOICE];
}

/** An event `seconds` after acceptance. */
export function event<Type extends MessageEventType>(
  type: Type,
  seconds: number,
  data: MessageEventData[Type],
): MessageEvent {
  // Type and data belong together by the signature; the compiler does not follow it into the union.
  return { type, at: at(seconds), data } as MessageEvent;
}

/** A command `seconds` after acceptance. */
export function command<Type extends MessageCommand['type']>(
  type: Type,
  seconds: number,
  data: Omit<Extract<MessageCommand, { type: Type }>, 'type' | 'messageId' | 'at'>,
): Extract<MessageCommand, { type: Type }> {
  return { type, messageId: MESSAGE_ID, at: at(seconds), ...data } as Extract<MessageCommand, { type: Type }>;
}

export function accepted(overrides: Partial<MessageEventData['MessageAccepted']> = {}): MessageEvent {
  return event('MessageAccepted', 0, {
    messageId: MESSAGE_ID,
    from: 'SureReach',
    encoding: 'gsm7',
    partCount: 1,
    priority: 'normal',
    class: 'transactional',
    channels: smsThenVoice(),
    validUntil: at(VALIDITY_SECONDS),
    sendAt: null,
    reference: null,
    batch: null,
    locale: null,
    personal: { to: '+27831234567', text: 'Your card was used.' },
    ...overrides,
  });
}

/** Of a message that has no parts behind the last one named, unless `cut` says otherwise. */
export function attempted(
  seconds: number,
  attempt = 1,
  parts: readonly number[] = [1],
  cut: Partial<Pick<MessageEventData['SubmitAttempted'], 'form' | 'total' | 'encoding' | 'connector'>> = {},
): MessageEvent {
  return event('SubmitAttempted', seconds, {
    attempt,
    connector: 'main',
    sender: 'sender-1',
    parts,
    form: 'udh8',
    total: Math.max(...parts),
    ...cut,
  });
}

export function submitted(
  seconds: number,
  parts: readonly number[] = [1],
  { attempt = 1, late = false }: { attempt?: number; late?: boolean } = {},
): MessageEvent {
  return event('MessageSubmitted', seconds, {
    attempt,
    connector: 'main',
    parts: parts.map((part) => ({ part, smscMessageId: `${String(attempt)}-${String(part)}` })),
    late,
  });
}

export function unanswered(
  seconds: number,
  policy: 'hold' | 'resubmit' = 'hold',
  {
    attempt = 1,
    parts = [1],
    cause = 'response-timeout',
  }: { attempt?: number; parts?: readonly number[]; cause?: UnknownCause } = {},
): MessageEvent {
  return event('SubmitOutcomeUnknown', seconds, {
    attempt,
    connector: 'main',
    parts,
    cause,
    policy,
    retryAt: policy === 'hold' ? null : at(seconds + 60),
  });
}

export function deferredUntil(
  seconds: number,
  retryAtSeconds: number,
  {
    attempt = 1,
    parts = [1],
    retry = 1,
  }: { attempt?: number; parts?: readonly number[]; retry?: number } = {},
): MessageEvent {
  return event('SubmitDeferred', seconds, {
    attempt,
    connector: 'main',
    parts,
    cause: 'throttled',
    commandStatus: { code: 0x58, name: 'ESME_RTHROTTLED' },
    retry,
    retryAt: at(retryAtSeconds),
  });
}

export function refusedAtSubmit(seconds: number, parts: readonly number[] = [1]): MessageEvent {
  return event('MessageRejected', seconds, {
    cause: 'submit',
    reason: 'refused at submit: ESME_RINVDSTADR',
    attempt: 1,
    connector: 'main',
    parts,
    commandStatus: { code: 0x0b, name: 'ESME_RINVDSTADR' },
    retries: 0,
  });
}

/** A receipt; equal part, state and copy give an equal receipt. */
export function receipt(state: ReceiptState, part = 1, copy = 'a'): ReceiptEvidence {
  return {
    receiptId: `${String(part)}-${state}-${copy}`,
    connector: 'main',
    smscMessageId: `1-${String(part)}`,
    state,
    networkError: state === 'undeliverable' ? '901' : null,
    doneDate: '2601010805',
    receivedAt: at(300),
    raw: `id:1-${String(part)} stat:${state}`,
  };
}

export function fallbackDecided(seconds: number, decision: 'voice' | 'give-up' = 'voice'): MessageEvent {
  return event('FallbackDecided', seconds, {
    decision,
    rule: 'no-receipt',
    evidence: 'no final receipt',
    callAt: decision === 'voice' ? at(seconds) : null,
  });
}

export function calling(seconds: number, attempt = 1): MessageEvent {
  return event('VoiceAttempted', seconds, { attempt, gateway: 'fake', reportDueAt: at(seconds + 180) });
}

export function queued(seconds: number, attempt = 1): MessageEvent {
  return event('VoiceQueued', seconds, { attempt, sessionId: `session-${String(attempt)}` });
}
