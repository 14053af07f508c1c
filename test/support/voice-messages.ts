// Messages whose SMS has failed and whose call is due.
import type { MessageEvent } from '../../src/message/message.events.js';
import type { InMemoryLifecycle } from './in-memory-lifecycle.js';

export interface DueMessage {
  readonly to?: string;
  readonly text?: string;
  readonly locale?: string | null;
  readonly callAt?: string;
  readonly maxCalls?: number;
  readonly retryAfterSeconds?: number;
}

/** Puts a message whose SMS is under way, and which nobody has thought of calling, into the lifecycle. */
export function submittedOnly(lifecycle: InMemoryLifecycle, number: number): string {
  const messageId = messageIdOf(number);
  lifecycle.given(messageId, eventsUntilDue(messageId, {}).slice(0, -1));
  return messageId;
}

/** A UUID that tells its number, e.g. …-000000000007. */
export function messageIdOf(number: number): string {
  return `019b7a8c-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

const LONG_AGO = '2025-12-31T00:00:00.000Z';

/** Puts a message whose call is due at `callAt` into the lifecycle and returns its id. */
export function dueForCall(lifecycle: InMemoryLifecycle, number: number, due: DueMessage = {}): string {
  const messageId = messageIdOf(number);
  lifecycle.given(messageId, eventsUntilDue(messageId, due));
  return messageId;
}

function eventsUntilDue(messageId: string, due: DueMessage): readonly MessageEvent[] {
  const { to = '+254711082880', text = 'Your water is cut off.', locale = null, callAt = LONG_AGO } = due;
  const { maxCalls = 2, retryAfterSeconds = 60 } = due;
  return [
    {
      type: 'MessageAccepted',
      at: LONG_AGO,
      data: {
        messageId,
        from: 'SureReach',
        encoding: 'gsm7',
        partCount: 1,
        priority: 'normal',
        class: 'transactional',
        channels: [
          { channel: 'sms', fallbackAfterSeconds: 600, successStatus: 'delivered' },
          { channel: 'voice', maxCalls, retryAfterSeconds },
        ],
        validUntil: '2030-01-01T00:00:00.000Z',
        sendAt: null,
        reference: null,
        batch: null,
        locale,
        personal: { to, text },
      },
    },
    {
      type: 'SubmitAttempted',
      at: LONG_AGO,
      data: { attempt: 1, connector: 'main', sender: '1', parts: [1], form: 'udh8', total: 1 },
    },
    {
      type: 'MessageSubmitted',
      at: LONG_AGO,
      data: { attempt: 1, connector: 'main', parts: [{ part: 1, smscMessageId: '77' }], late: false },
    },
    {
      type: 'FallbackDecided',
      at: callAt,
      data: { decision: 'voice', rule: 'no-receipt', evidence: 'no final receipt in time', callAt },
    },
  ];
}
