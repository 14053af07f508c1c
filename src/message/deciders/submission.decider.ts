// Permission to submit, and how submits ended. Nothing is sent twice silently: a part is submitted
// again only after a definite refusal that may be retried, or by the stated policy `resubmit`.
//
// Part state × result of a submit; "–" changes nothing. `=` the result is of the part's own
// attempt, `<` of an older one. The attempt must be one that was made, and cut the message as it is
// cut now: an older one of another form was refused or never left, and its part numbers mean others.
// (submit-ends.ts)
//
// | part               | submitted                          | rejected      | deferred | unknown          |
// |--------------------|------------------------------------|---------------|----------|------------------|
// | waiting            | submitted, late                    | –             | –        | –                |
// | submitting         | submitted; `<`: late               | `=` rejected  | `=` waits; rejected when the retries are used up | `=` in doubt, or waits (resubmit) |
// | in-doubt           | submitted, late                    | `=` rejected  | –        | –                |
// | rejected           | `<`: submitted, late; status stays | –             | –        | –                |
// | submitted          | a newer attempt: takes its id      | –             | –        | –                |
// | buffered, reported | a newer attempt, or `=` with another id: takes its id | – | – | –              |
//
// A late `deferred` is a definite refusal, yet it resolves nothing: a response that comes after
// the outcome was recorded as unknown never leads to a second send.
import { pauseSeconds, retryOf } from '../deferrals.js';
import { isAfter, isBefore, plusSeconds } from '../instant.js';
import type { AttemptSubmit, RecordSubmission } from '../message.commands.js';
import type { MessageEvent } from '../message.events.js';
import type { KnownMessage } from '../message.state.js';
import { isFinalStatus, untouchedParts } from '../parts.js';
import { refusalReason } from '../reason.js';
import type { CommandStatus, SubmitAttempted } from '../submission.events.js';
import { lossesAfter } from '../submission.evolve.js';
import { cutFor } from '../submit-shape.js';
import { collect, type DeferredParts, type UnknownParts } from './submit-ends.js';

/**
 * How often a part is sent again after a silence alone (no lost link) before it is held. A guess:
 * an SMSC that leaves the same message without an answer four times will not answer it.
 */
export const MAX_RESUBMITS = 3;

export function attemptSubmit(command: AttemptSubmit, state: KnownMessage): readonly MessageEvent[] {
  if (isFinalStatus(state.status) || state.status === 'quarantined' || state.fallbackDecided) return [];
  if (state.withdrawn !== null) return [];
  const waiting: number[] = [];
  for (let index = 0; index < state.parts.length; index++) {
    const part = state.parts[index];
    // One attempt at a time, so that every result belongs to the last attempt or is late.
    if (part?.state === 'submitting') return [];
    if (part?.state === 'waiting') waiting.push(index + 1);
  }
  if (waiting.length === 0) return [];
  const { at } = command;
  if (isBefore(state.validUntil, at)) return [expiredByValidity(at, state)];
  if (state.sendAt !== null && isAfter(state.sendAt, at)) return [];
  if (state.retryAt !== null && isAfter(state.retryAt, at)) return [];
  const { connector, sender } = command;
  const { form, total, encoding } = cutFor(command, state);
  const attempted: SubmitAttempted = {
    attempt: state.attempts + 1,
    connector,
    sender,
    parts: total === state.parts.length ? waiting : untouchedParts(total).map((_, index) => index + 1),
    form,
    total,
  };
  const data = encoding === state.encoding ? attempted : { ...attempted, encoding };
  return [{ type: 'SubmitAttempted', at, data }];
}

export function expiredByValidity(at: string, state: KnownMessage): MessageEvent {
  const reason = `validity ended at ${state.validUntil} before it was submitted`;
  return { type: 'MessageExpired', at, data: { cause: 'validity', reason } };
}

interface Refusal {
  readonly parts: readonly number[];
  readonly commandStatus: CommandStatus;
  readonly retries: number;
}

export function recordSubmission(command: RecordSubmission, state: KnownMessage): readonly MessageEvent[] {
  const { attempt } = command;
  if (attempt < (state.shape?.sinceAttempt ?? 1) || attempt > state.attempts) return [];
  const ends = collect(command, state);
  const events: MessageEvent[] = [];
  const { at, connector } = command;
  if (ends.submitted.length > 0) {
    const { submitted: parts, late } = ends;
    const group = command.group === undefined ? {} : { group: command.group };
    const { queryAfterSeconds: after } = command;
    const asked = after === undefined ? {} : { queryAt: plusSeconds(at, after) };
    const data = { attempt, connector, ...group, parts, late, ...asked };
    events.push({ type: 'MessageSubmitted', at, data });
  }
  const refusals: Refusal[] = ends.rejected.map((rejected) => ({ ...rejected, retries: 0 }));
  for (const group of ends.deferred) {
    const retry = retryOf(state.deferrals, group.commandStatus?.code ?? null, attempt);
    const { limit } = group.retry;
    if (limit !== null && retry > limit && group.commandStatus !== null) {
      refusals.push({ parts: group.parts, commandStatus: group.commandStatus, retries: limit });
    } else {
      events.push(deferral(command, group, retry, state));
    }
  }
  for (const group of ends.unknown) events.push(...doubt(command, group, state));
  // A message is refused once; what its other parts came to is their end all the same.
  let isRefused = isFinalStatus(state.status);
  for (const refusal of refusals) {
    const data = { attempt, connector, ...refusal };
    if (isRefused) {
      events.push({ type: 'PartRefused', at, data });
      continue;
    }
    isRefused = true;
    const reason = `refused at submit: ${refusalReason(refusal.commandStatus, refusal.retries)}`;
    events.push({ type: 'MessageRejected', at, data: { cause: 'submit', reason, ...data } });
  }
  return events;
}

/** Pause before a refused message goes over another connector: a reload or a wink of the link may be why. */
const ELSEWHERE_SECONDS = 1;

function deferral(
  { at, attempt, connector, elsewhere }: RecordSubmission,
  { parts, cause, commandStatus, retry: rule }: DeferredParts,
  retry: number,
  { lastDeferral }: KnownMessage,
): MessageEvent {
  // Only once: when the other refuses it too, the pauses of the rule begin.
  const wasElsewhere = lastDeferral?.cause === 'refused' && lastDeferral.connector !== connector;
  const isPassedOn = cause === 'refused' && elsewhere === true && !wasElsewhere;
  const pause = pauseSeconds(rule, retry);
  const retryAt = plusSeconds(at, isPassedOn ? Math.min(ELSEWHERE_SECONDS, pause) : pause);
  return {
    type: 'SubmitDeferred',
    at,
    data: { attempt, connector, parts, cause, commandStatus, retry, retryAt },
  };
}

// | policy    | ends in                                      | then                       |
// |-----------|----------------------------------------------|----------------------------|
// | hold      | anything                                     | held                       |
// | resubmit  | anything, when it is to be cancelled         | held                       |
// | resubmit  | the link lost for the last time allowed      | held, quarantined          |
// | resubmit  | a silence, more often than MAX_RESUBMITS     | held                       |
// | resubmit  | anything else, before the validity ends      | sent again                 |
function doubt(
  command: RecordSubmission,
  { parts, cause }: UnknownParts,
  state: KnownMessage,
): readonly MessageEvent[] {
  const { at, attempt, connector, inDoubtPolicy: policy } = command;
  const unknown = (retryAt: string | null): MessageEvent => ({
    type: 'SubmitOutcomeUnknown',
    at,
    data: { attempt, connector, parts, cause, policy: retryAt === null ? 'hold' : 'resubmit', retryAt },
  });
  if (policy.then === 'hold' || isFinalStatus(state.status) || state.fallbackDecided) return [unknown(null)];
  if (state.withdrawn !== null) return [unknown(null)];
  const losses = lossesAfter(state.losses, { attempt, connector, cause });
  if (cause !== 'response-timeout' && losses.length >= policy.quarantineAfter) {
    if (state.quarantined) return [unknown(null)];
    const { attempts } = state;
    const data = { parts, attempts, connector, losses };
    return [unknown(null), { type: 'MessageQuarantined', at, data }];
  }
  for (const number of parts) {
    const part = state.parts[number - 1];
    if (part?.state !== 'submitting') continue;
    const silences = part.doubts - state.losses.length;
    if (cause === 'response-timeout' && silences >= MAX_RESUBMITS) return [unknown(null)];
  }
  const retryAt = plusSeconds(at, policy.afterSeconds);
  // Too late to be sent again: only a receipt can tell.
  return [unknown(isAfter(retryAt, state.validUntil) ? null : retryAt)];
}
