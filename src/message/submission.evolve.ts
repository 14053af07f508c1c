// How the events of submission.events.ts change a message. Pure; it never judges an event, it follows.
import { counted } from './deferrals.js';
import { latest } from './instant.js';
import type { MessageEvent } from './message.events.js';
import type { KnownMessage, Part } from './message.state.js';
import { afterResponse, anyMayBeAtSmsc, isFinalStatus, untouchedParts, withPart } from './parts.js';
import { refusalReason } from './reason.js';
import { settled } from './settled.js';
import { shapeAfter } from './submit-shape.js';
import type {
  Loss,
  MessageSubmitted,
  PartRefused,
  SubmitDeferred,
  SubmitOutcomeUnknown,
} from './submission.events.js';

export function submitAttempted(
  state: KnownMessage,
  { at, data }: Extract<MessageEvent, { type: 'SubmitAttempted' }>,
): KnownMessage {
  let parts = data.total === state.parts.length ? state.parts : untouchedParts(data.total);
  for (const number of data.parts) {
    const part = parts[number - 1];
    const doubts = part?.state === 'waiting' ? part.doubts : 0;
    parts = withPart(parts, number, { state: 'submitting', attempt: data.attempt, doubts });
  }
  return {
    ...state,
    status: 'submitting',
    reason: null,
    parts,
    shape: shapeAfter(state, data),
    attempts: data.attempt,
    retryAt: null,
    firstAttemptAt: state.firstAttemptAt ?? at,
    lastAttempt: { at, sender: data.sender, connector: data.connector },
  };
}

export function submitted(state: KnownMessage, data: MessageSubmitted, at: string): KnownMessage {
  let parts = state.parts;
  for (const given of data.parts) {
    const part = parts[given.part - 1];
    if (part === undefined) continue;
    parts = withPart(parts, given.part, afterResponse(part, data.attempt, data.connector, given));
  }
  const next = settled(queriedFrom(state, data.queryAt), parts);
  // A late response to an attempt that was taken as deferred: receipts are awaited after all.
  return next.firstAttemptAt === null ? { ...next, firstAttemptAt: state.lastAttempt?.at ?? at } : next;
}

function queriedFrom(state: KnownMessage, queryAt: string | undefined): KnownMessage {
  if (queryAt === undefined || state.query !== null) return state;
  return { ...state, query: { made: 0, nextAt: queryAt, failed: false, failure: null } };
}

export function deferred(state: KnownMessage, data: SubmitDeferred): KnownMessage {
  const { attempt, connector, cause } = data;
  const parts = waitingAgain(state.parts, data.parts, 0);
  const next = settled(
    {
      ...state,
      retryAt: latest(data.retryAt, state.retryAt),
      deferrals: counted(state.deferrals, data.commandStatus?.code ?? null, attempt),
      lastDeferral: { connector, cause },
    },
    parts,
  );
  if (isFinalStatus(next.status) || next.status === 'quarantined') return next;
  const why = data.commandStatus === null ? 'not sent' : `deferred with ${data.commandStatus.name}`;
  return {
    ...next,
    firstAttemptAt: anyMayBeAtSmsc(parts) ? next.firstAttemptAt : null,
    reason: `${why}; next submit from ${next.retryAt ?? data.retryAt} on`,
  };
}

export function outcomeUnknown(before: KnownMessage, data: SubmitOutcomeUnknown): KnownMessage {
  const state = { ...before, losses: lossesAfter(before.losses, data) };
  if (data.retryAt !== null) {
    const retryAt = latest(data.retryAt, state.retryAt);
    return settled({ ...state, retryAt }, waitingAgain(state.parts, data.parts, 1));
  }
  let parts = state.parts;
  for (const number of data.parts) {
    const part = parts[number - 1];
    const doubts = part?.state === 'submitting' ? part.doubts : 0;
    parts = withPart(parts, number, { state: 'in-doubt', attempt: data.attempt, doubts });
  }
  return settled(state, parts);
}

/** An attempt is lost once, however many of its parts were in flight. */
export function lossesAfter(
  losses: readonly Loss[],
  { attempt, connector, cause }: Pick<SubmitOutcomeUnknown, 'attempt' | 'connector' | 'cause'>,
): readonly Loss[] {
  if (cause === 'response-timeout' || losses.some((loss) => loss.attempt === attempt)) return losses;
  return [...losses, { attempt, connector, cause }];
}

export function released(state: KnownMessage, numbers: readonly number[], at: string): KnownMessage {
  const parts = waitingAgain(state.parts, numbers, 1);
  return settled({ ...state, quarantined: false, retryAt: at }, parts);
}

export function refused(
  state: KnownMessage,
  { parts: numbers, attempt, commandStatus, retries }: PartRefused,
  status: 'rejected' | null,
): KnownMessage {
  const reason = refusalReason(commandStatus, retries);
  let parts = state.parts;
  for (const number of numbers) parts = withPart(parts, number, { state: 'rejected', attempt, reason });
  return settled(state, parts, status);
}

function waitingAgain(
  parts: readonly Part[],
  numbers: readonly number[],
  addedDoubts: number,
): readonly Part[] {
  let next = parts;
  for (const number of numbers) {
    const part = parts[number - 1];
    const doubts = part?.state === 'submitting' || part?.state === 'in-doubt' ? part.doubts : 0;
    next = withPart(next, number, { state: 'waiting', doubts: doubts + addedDoubts });
  }
  return next;
}
