// Our own name for one call, given to gateways that hand it back in their reports. It finds the
// message even when the answer that told us the session id was lost.
import type { CallRef } from './call-directory.js';

export function labelOf(call: CallRef): string {
  return `${call.messageId}.${String(call.attempt)}`;
}

// A UUID and an attempt of at most three digits; anything else is some other system's label.
const LABEL = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([1-9]\d{0,2})$/i;

/** The call a label names; null for a label that is not ours. */
export function callOfLabel(label: string): CallRef | null {
  const [, messageId, attempt] = LABEL.exec(label) ?? [];
  if (messageId === undefined || attempt === undefined) return null;
  return { messageId: messageId.toLowerCase(), attempt: Number(attempt) };
}
