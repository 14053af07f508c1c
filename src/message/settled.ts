// What follows from the parts of a message for the message as a whole: status, outcome, reason.
import type { KnownMessage, MessageStatus, Part, Voice } from './message.state.js';
import { isFinalStatus, mayCall, openStatus, smsOutcome } from './parts.js';
import { reasonOf } from './reason.js';

export const NO_VOICE: Voice = { state: 'none' };

/** The message with these parts, and whatever follows from them for the whole. */
export function settled(
  state: KnownMessage,
  parts: readonly Part[],
  status: MessageStatus | null = null,
): KnownMessage {
  const next = isFinalStatus(state.status) ? state.status : (status ?? openStatus(parts, state.quarantined));
  const outcome =
    state.outcome === 'pending' ? smsOutcome(state.channels, mayCall(state), next, parts) : state.outcome;
  // The SMS arrived before the call was placed: there is nothing left to say.
  const voice = outcome === 'reached-by-sms' && state.voice.state === 'due' ? NO_VOICE : state.voice;
  return explained({ ...state, status: next, outcome, parts, voice });
}

export function unreached(state: KnownMessage): KnownMessage {
  return explained(state.outcome === 'pending' ? { ...state, outcome: 'not-reached' } : state);
}

export function explained(state: KnownMessage): KnownMessage {
  const reason = reasonOf(state);
  return reason === state.reason ? state : { ...state, reason };
}
