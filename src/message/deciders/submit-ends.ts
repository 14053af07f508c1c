// The results of submits that count, by how they ended: the table of submission.decider.ts. Parts that
// ended the same way with the same status stand together.
import type { PartSubmission, RecordSubmission } from '../message.commands.js';
import type { KnownMessage, Part } from '../message.state.js';
import { idOf } from '../parts.js';
import type { SubmittedPart } from '../submission.events.js';

type PartsThat<End extends PartSubmission['end']> = Omit<
  Extract<PartSubmission, { end: End }>,
  'part' | 'end'
> & { readonly parts: number[] };

export type DeferredParts = PartsThat<'deferred'>;
export type UnknownParts = PartsThat<'unknown'>;

export interface SubmitEnds {
  readonly submitted: SubmittedPart[];
  late: boolean;
  readonly rejected: PartsThat<'rejected'>[];
  readonly deferred: DeferredParts[];
  readonly unknown: UnknownParts[];
}

export function collect(command: RecordSubmission, state: KnownMessage): SubmitEnds {
  const ends: SubmitEnds = { submitted: [], late: false, rejected: [], deferred: [], unknown: [] };
  const { attempt, results } = command;
  const seen = results.length > 1 ? new Set<number>() : null;
  for (const result of results) {
    const number = result.part;
    const part = state.parts[number - 1];
    if (part === undefined || seen?.has(number) === true) continue;
    seen?.add(number);
    if (result.end === 'submitted') {
      if (!takesId(part, attempt, result.smscMessageId)) continue;
      ends.submitted.push({ part: number, ...idOf(result) });
      if (part.state !== 'submitting' || part.attempt !== attempt) ends.late = true;
      continue;
    }
    const unanswered =
      part.state === 'submitting' || (part.state === 'in-doubt' && result.end === 'rejected');
    if (unanswered && part.attempt === attempt) add(ends, number, result);
  }
  return ends;
}

function add(ends: SubmitEnds, part: number, result: Exclude<PartSubmission, { end: 'submitted' }>): void {
  switch (result.end) {
    case 'rejected': {
      const { commandStatus } = result;
      const same = ends.rejected.find((group) => group.commandStatus.code === commandStatus.code);
      if (same === undefined) ends.rejected.push({ parts: [part], commandStatus });
      else same.parts.push(part);
      return;
    }
    case 'deferred': {
      const code = result.commandStatus?.code;
      const same = ends.deferred.find((group) => group.commandStatus?.code === code);
      if (same !== undefined) same.parts.push(part);
      else if (result.cause === 'not-sent') {
        const { cause, commandStatus, retry } = result;
        ends.deferred.push({ parts: [part], cause, commandStatus, retry });
      } else {
        const { cause, commandStatus, retry } = result;
        ends.deferred.push({ parts: [part], cause, commandStatus, retry });
      }
      return;
    }
    case 'unknown': {
      const { cause } = result;
      const same = ends.unknown.find((group) => group.cause === cause);
      if (same === undefined) ends.unknown.push({ parts: [part], cause });
      else same.parts.push(part);
    }
  }
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
