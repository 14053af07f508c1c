// Permission to submit, and how submits ended. Nothing is sent twice silently: a part is submitted
// again only after a definite refusal that may be retried, or by the stated policy `resubmit`.
//
// Part state × result of a submit; "–" changes nothing. `=` the result is of the part's own
// attempt, `<` of an older one. The attempt must be one that was made.
//
// | part               | submitted                          | rejected      | deferred | unknown          |
// |--------------------|------------------------------------|---------------|----------|------------------|
// | waiting            | submitted, late                    | –             | –        | –                |
// | submitting         | submitted; `<`: late               | `=` rejected  | `=` waits | `=` in doubt, or waits (resubmit) |
// | in-doubt           | submitted, late                    | `=` rejected  | –        | –                |
// | rejected           | `<`: submitted, late; status stays | –             | –        | –                |
// | submitted          | a newer attempt: takes its id      | –             | –        | –                |
// | buffered, reported | a newer attempt, or `=` with another id: takes its id | – | – | –              |
//
// A late `deferred` is a definite refusal, yet it resolves nothing: a response that comes after
// the outcome was recorded as unknown never leads to a second send.
import { isAfter, isBefore, plusSeconds } from '../instant.js';
import type { AttemptSubmit, PartSubmission, RecordSubmission } from '../message.commands.js';
import type { MessageEvent, SubmittedPart } from '../message.events.js';
import type { KnownMessage, Part } from '../message.state.js';
import { isFinalStatus } from '../parts.js';

/**
 * With policy resubmit, the pause before a part of unknown outcome is sent again. A guess: long
 * enough for a late response and for most receipts (they come within seconds), short for a person.
 */
export const RESUBMIT_AFTER_SECONDS = 60;

/**
 * How often one part is sent again without knowing the outcome; then it is held. A guess. Without a
 * bound, one message whose submit makes the SMSC drop the link would drop it for ever.
 */
export const MAX_RESUBMITS = 3;

export function attemptSubmit(command: AttemptSubmit, state: KnownMessage): readonly MessageEvent[] {
  if (isFinalStatus(state.status) || state.fallbackDecided) return [];
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
  return [
    {
      type: 'SubmitAttempted',
      at,
      data: { attempt: state.attempts + 1, connector, sender, parts: waiting },
    },
  ];
}

export function expiredByValidity(at: string, state: KnownMessage): MessageEvent {
  const reason = `validity ended at ${state.validUntil} before it was submitted`;
  return { type: 'MessageExpired', at, data: { cause: 'validity', reason } };
}

export function recordSubmission(command: RecordSubmission, state: KnownMessage): readonly MessageEvent[] {
  const { attempt } = command;
  if (attempt < 1 || attempt > state.attempts) return [];
  const ends = collect(command, state);
  const events: MessageEvent[] = [];
  const { at, connector } = command;
  if (ends.submitted.length > 0) {
    const { submitted: parts, late } = ends;
    const group = command.group === undefined ? {} : { group: command.group };
    events.push({ type: 'MessageSubmitted', at, data: { attempt, connector, ...group, parts, late } });
  }
  if (ends.deferred !== null) {
    const { parts, commandStatus, retryAt } = ends.deferred;
    events.push({ type: 'SubmitDeferred', at, data: { attempt, connector, parts, commandStatus, retryAt } });
  }
  if (ends.unknown !== null) {
    const { parts, cause } = ends.unknown;
    const retryAt = resubmitAt(command, state, parts);
    const policy = retryAt === null ? 'hold' : 'resubmit';
    events.push({
      type: 'SubmitOutcomeUnknown',
      at,
      data: { attempt, connector, parts, cause, policy, retryAt },
    });
  }
  // A message is refused once: the attempt has its end, and its status is final already.
  if (ends.rejected !== null && !isFinalStatus(state.status)) {
    const { parts, commandStatus } = ends.rejected;
    const reason = `refused at submit: ${commandStatus.name}`;
    events.push({
      type: 'MessageRejected',
      at,
      data: { cause: 'submit', reason, attempt, connector, parts, commandStatus },
    });
  }
  return events;
}

type EndOf<End extends PartSubmission['end']> = Omit<
  Extract<PartSubmission, { end: End }>,
  'part' | 'end'
> & { parts: number[] };

interface Ends {
  readonly submitted: SubmittedPart[];
  late: boolean;
  rejected: EndOf<'rejected'> | null;
  deferred: EndOf<'deferred'> | null;
  unknown: EndOf<'unknown'> | null;
}

// Parts that ended the same way share one event; it names the first part's status or cause, and
// the latest retryAt.
function collect(command: RecordSubmission, state: KnownMessage): Ends {
  const ends: Ends = { submitted: [], late: false, rejected: null, deferred: null, unknown: null };
  const { attempt, results } = command;
  const seen = results.length > 1 ? new Set<number>() : null;
  for (const result of results) {
    const number = result.part;
    const part = state.parts[number - 1];
    if (part === undefined || seen?.has(number) === true) continue;
    seen?.add(number);
    if (result.end === 'submitted') {
      if (!takesId(part, attempt, result.smscMessageId)) continue;
      ends.submitted.push({ part: number, smscMessageId: result.smscMessageId });
      if (part.state !== 'submitting' || part.attempt !== attempt) ends.late = true;
      continue;
    }
    const unanswered =
      part.state === 'submitting' || (part.state === 'in-doubt' && result.end === 'rejected');
    if (!unanswered || part.attempt !== attempt) continue;
    if (result.end === 'rejected') {
      ends.rejected ??= { parts: [], commandStatus: result.commandStatus };
      ends.rejected.parts.push(number);
    } else if (result.end === 'unknown') {
      ends.unknown ??= { parts: [], cause: result.cause };
      ends.unknown.parts.push(number);
    } else {
      const { commandStatus, retryAt } = result;
      if (ends.deferred === null) ends.deferred = { parts: [], commandStatus, retryAt };
      else if (isAfter(retryAt, ends.deferred.retryAt)) ends.deferred = { ...ends.deferred, retryAt };
      ends.deferred.parts.push(number);
    }
  }
  return ends;
}

// An smscMessageId proves that the SMSC has the part, and its receipts will carry it: it is
// recorded whenever the part does not know it yet.
function takesId(part: Part, attempt: number, smscMessageId: string): boolean {
  switch (part.state) {
    case 'waiting':
    case 'submitting':
    case 'in-doubt':
      return true;
    case 'rejected':
      return attempt < part.attempt;
    case 'submitted':
      return attempt > part.attempt;
    case 'buffered':
    case 'reported':
      // A receipt that was matched without the id may have resolved the part before its response.
      return attempt > part.attempt || (attempt === part.attempt && smscMessageId !== part.smscMessageId);
  }
}

function resubmitAt(command: RecordSubmission, state: KnownMessage, parts: readonly number[]): string | null {
  if (command.inDoubtPolicy === 'hold' || isFinalStatus(state.status) || state.fallbackDecided) return null;
  for (const number of parts) {
    const part = state.parts[number - 1];
    if (part?.state === 'submitting' && part.doubts >= MAX_RESUBMITS) return null;
  }
  const retryAt = plusSeconds(command.at, RESUBMIT_AFTER_SECONDS);
  // Too late to be sent again: only a receipt can tell.
  return isAfter(retryAt, state.validUntil) ? null : retryAt;
}
