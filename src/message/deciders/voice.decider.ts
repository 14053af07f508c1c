// The spoken half: permission to call, and what came of the call. A call whose outcome is unknown
// is never repeated: the phone may have rung, and nobody is called twice for one notice.
import { isAfter, isBefore, plusSeconds } from '../instant.js';
import type {
  AttemptCall,
  RecordCallAnswered,
  RecordCallFailed,
  RecordCallOutcomeUnknown,
  RecordCallQueued,
} from '../message.commands.js';
import type { MessageEvent } from '../message.events.js';
import type { KnownMessage } from '../message.state.js';

export function attemptCall(command: AttemptCall, state: KnownMessage): readonly MessageEvent[] {
  const { voice } = state;
  if (voice.state !== 'due' || state.outcome !== 'pending' || isAfter(voice.callAt, command.at)) return [];
  const { at, gateway, reportDueAt } = command;
  return [{ type: 'VoiceAttempted', at, data: { attempt: voice.callsMade + 1, gateway, reportDueAt } }];
}

export function recordCallQueued(command: RecordCallQueued, state: KnownMessage): readonly MessageEvent[] {
  const { voice } = state;
  const { at, attempt, sessionId } = command;
  // The first session named stays: a second answer to one request would be a second call.
  if (voice.state !== 'calling' || voice.attempt !== attempt || voice.sessionId !== null) return [];
  return [{ type: 'VoiceQueued', at, data: { attempt, sessionId } }];
}

export function recordCallAnswered(
  command: RecordCallAnswered,
  state: KnownMessage,
): readonly MessageEvent[] {
  if (!isOfCurrentCall(command, state)) return [];
  const { at, attempt, sessionId, durationSeconds, raw } = command;
  return [{ type: 'VoiceAnswered', at, data: { attempt, sessionId, durationSeconds, raw } }];
}

export function recordCallFailed(command: RecordCallFailed, state: KnownMessage): readonly MessageEvent[] {
  if (!isOfCurrentCall(command, state)) return [];
  const { at, attempt, sessionId, failure, reason, raw } = command;
  const retryAt = nextCallAt(command, state);
  return [{ type: 'VoiceFailed', at, data: { attempt, sessionId, failure, reason, retryAt, raw } }];
}

export function recordCallOutcomeUnknown(
  command: RecordCallOutcomeUnknown,
  state: KnownMessage,
): readonly MessageEvent[] {
  const { voice } = state;
  const { at, attempt, cause, detail } = command;
  if (voice.state !== 'calling' || voice.attempt !== attempt) return [];
  if (cause === 'no-final-report' && isBefore(at, voice.reportDueAt)) return [];
  return [{ type: 'VoiceOutcomeUnknown', at, data: { attempt, cause, detail } }];
}

// A final report counts for the call under way, and for the last call after its outcome was taken
// as unknown. The first final report of a call wins.
function isOfCurrentCall(
  report: { readonly attempt: number; readonly sessionId: string | null },
  { voice }: KnownMessage,
): boolean {
  if (voice.state !== 'calling' && voice.state !== 'unknown') return false;
  if (voice.attempt !== report.attempt) return false;
  return voice.sessionId === null || report.sessionId === null || voice.sessionId === report.sessionId;
}

// Only busy and no answer are worth another call; and only while nobody was reached otherwise.
function nextCallAt(command: RecordCallFailed, state: KnownMessage): string | null {
  const channel = state.channels[1];
  if (channel === undefined || state.outcome !== 'pending') return null;
  if (command.failure !== 'busy' && command.failure !== 'no-answer') return null;
  return command.attempt < channel.maxCalls ? plusSeconds(command.at, channel.retryAfterSeconds) : null;
}
