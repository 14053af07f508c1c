// Whether the SMS has failed by its policy. Decided at most once in the life of a message, from
// stored instants alone, so that it comes out the same whenever and wherever it is asked.
import { isBefore } from '../instant.js';
import type { DecideFallback } from '../message.commands.js';
import type { FallbackRule, MessageEvent } from '../message.events.js';
import type { KnownMessage, Part } from '../message.state.js';
import { isInDoubt, mayCall } from '../parts.js';
import { receiptDeadline } from '../next-step.js';
import { expiredByValidity } from './submission.decider.js';

export function decideFallback(command: DecideFallback, state: KnownMessage): readonly MessageEvent[] {
  const { at } = command;
  if (state.outcome !== 'pending' || state.fallbackDecided) return [];
  switch (state.status) {
    case 'rejected':
    case 'undelivered':
    case 'expired':
      // Without a voice channel the outcome is pending only for a part in doubt (parts.ts).
      if (!mayCall(state) && !isDeadlineOver(at, state)) return [];
      return [decided(at, state, state.status, `the SMS was ${state.status}: ${state.reason ?? ''}`)];
    default:
      return decideOpen(at, state);
  }
}

function decideOpen(at: string, state: KnownMessage): readonly MessageEvent[] {
  // The end of the submit, or its recovery as unknown, comes first.
  if (state.parts.some((part) => part.state === 'submitting')) return [];
  const someWait = state.withdrawn === null && state.parts.some((part) => part.state === 'waiting');
  if (someWait && !isBefore(at, state.validUntil)) return [expiredByValidity(at, state)];
  if (!isDeadlineOver(at, state)) return [];
  const rule = state.parts.some(isInDoubt) ? 'in-doubt' : 'no-receipt';
  const parts = state.parts.map(describe).join(', ');
  const evidence = `no final receipt by ${receiptDeadline(state) ?? ''}; first submit ${state.firstAttemptAt ?? ''}; ${parts}`;
  return [decided(at, state, rule, evidence)];
}

function isDeadlineOver(at: string, state: KnownMessage): boolean {
  const deadline = receiptDeadline(state);
  return deadline !== null && !isBefore(at, deadline);
}

function decided(at: string, state: KnownMessage, rule: FallbackRule, evidence: string): MessageEvent {
  const byVoice = mayCall(state);
  return {
    type: 'FallbackDecided',
    at,
    data: { decision: byVoice ? 'voice' : 'give-up', rule, evidence, callAt: byVoice ? at : null },
  };
}

function describe(part: Part, index: number): string {
  const number = `part ${String(index + 1)}`;
  switch (part.state) {
    case 'submitted':
    case 'buffered':
      return `${number} ${part.state} as ${part.smscMessageId} on ${part.connector}`;
    case 'reported':
      return `${number} reported ${part.receiptState}`;
    case 'waiting':
      return part.doubts > 0 ? `${number} in doubt, not sent again` : `${number} not submitted`;
    case 'submitting':
    case 'in-doubt':
    case 'rejected':
      return `${number} ${part.state} in attempt ${String(part.attempt)}`;
  }
}
