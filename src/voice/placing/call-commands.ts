// From what the decider permitted to what the gateway is asked, and from its answer to a command.
import type { Handled } from '../../lifecycle/message-lifecycle.js';
import type { MessageCommand } from '../../message/message.commands.js';
import type { CallRequest, CallRequestOutcome } from '../voice-gateway.js';

/** The call that the decider permitted; null when it did not. */
export function permittedCall(messageId: string, handled: Handled | undefined): CallRequest | null {
  if (handled?.status !== 'handled') return null;
  for (const event of handled.events) {
    if (event.type === 'VoiceAttempted')
      return { messageId, attempt: event.data.attempt, to: handled.message.to };
  }
  return null;
}

export function recordOf(call: CallRequest, outcome: CallRequestOutcome, at: string): MessageCommand {
  const { messageId, attempt } = call;
  switch (outcome.status) {
    case 'queued':
      return { type: 'RecordCallQueued', messageId, at, attempt, sessionId: outcome.sessionId };
    case 'refused': {
      const { failure, reason, raw } = outcome;
      return { type: 'RecordCallFailed', messageId, at, attempt, sessionId: null, failure, reason, raw };
    }
    case 'unknown':
      return {
        type: 'RecordCallOutcomeUnknown',
        messageId,
        at,
        attempt,
        cause: 'request-unanswered',
        detail: outcome.detail,
      };
  }
}

export function reasonOf(outcome: CallRequestOutcome): string {
  switch (outcome.status) {
    case 'queued':
      return 'queued';
    case 'refused':
      return outcome.reason;
    case 'unknown':
      return outcome.detail;
  }
}
