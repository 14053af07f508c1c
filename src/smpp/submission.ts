// One part on its way, and what is recorded of its end. Pure.
//
// | end                                  | recorded as                                  |
// |--------------------------------------|----------------------------------------------|
// | answered ESME_ROK                    | submitted                                    |
// | answered, final command_status       | rejected                                     |
// | answered, any other command_status   | deferred until retryAt                       |
// | timed-out, link-lost                 | unknown: it may have been taken              |
// | not-sent                             | deferred until retryAt                       |
// | not-sent, the PDU's own fault        | rejected, in the words the SMSC would use    |
import type { PartSubmission, RecordSubmission } from '../message/message.commands.js';
import type { KnownMessage } from '../message/message.js';
import { meaningOf } from './pdu/command-status.js';
import { normaliseSubmitId, type ReceiptOptions } from './pdu/receipt-options.js';
import type { SubmitEnd } from './session/submit-end.js';

export interface Submission {
  readonly messageId: string;
  readonly attempt: number;
  readonly part: number;
}

export interface EndedSubmission {
  readonly tag: Submission;
  readonly end: SubmitEnd;
}

export interface SubmissionRecord {
  readonly at: string;
  /** When a deferred part is submitted again: ISO 8601 UTC. */
  readonly retryAt: string;
  readonly connector: string;
  readonly group: string;
  readonly inDoubtPolicy: 'hold' | 'resubmit';
}

/** The SMSC's id as its receipts will name it. */
export function withNormalisedId(
  ended: EndedSubmission,
  receipts: ReceiptOptions | undefined,
): EndedSubmission {
  if (receipts === undefined || ended.end.end !== 'answered') return ended;
  const smscMessageId = normaliseSubmitId(receipts, ended.end.smscMessageId);
  return { ...ended, end: { ...ended.end, smscMessageId } };
}

/** One command for the ends of each attempt, in the order in which the attempts first come. */
export function commandsFor(
  ends: readonly EndedSubmission[],
  { at, retryAt, connector, group, inDoubtPolicy }: SubmissionRecord,
): RecordSubmission[] {
  const resultsOf = new Map<string, PartSubmission[]>();
  const commands: RecordSubmission[] = [];
  for (const { tag, end } of ends) {
    const { messageId, attempt, part } = tag;
    const result = resultOf(part, end, retryAt);
    // Late answers to two attempts of one message may come together.
    const key = `${messageId}${String(attempt)}`;
    const known = resultsOf.get(key);
    if (known !== undefined) {
      known.push(result);
      continue;
    }
    const results = [result];
    resultsOf.set(key, results);
    commands.push({
      type: 'RecordSubmission',
      messageId,
      at,
      attempt,
      connector,
      ...(group === connector ? {} : { group }),
      inDoubtPolicy,
      results,
    });
  }
  return commands;
}

function resultOf(part: number, end: SubmitEnd, retryAt: string): PartSubmission {
  switch (end.end) {
    case 'timed-out':
      return { part, end: 'unknown', cause: 'response-timeout' };
    case 'link-lost':
      return { part, end: 'unknown', cause: 'link-lost' };
    case 'not-sent': {
      if (end.unsendable === undefined) return { part, end: 'deferred', commandStatus: null, retryAt };
      const { commandStatus: code } = end.unsendable;
      return { part, end: 'rejected', commandStatus: { code, name: meaningOf(code).name } };
    }
    case 'answered': {
      const { name, class: meaning } = meaningOf(end.commandStatus);
      if (meaning === 'accepted') return { part, end: 'submitted', smscMessageId: end.smscMessageId };
      const commandStatus = { code: end.commandStatus, name };
      return meaning === 'reject'
        ? { part, end: 'rejected', commandStatus }
        : { part, end: 'deferred', commandStatus, retryAt };
    }
  }
}

/** The parts of a message whose attempt has no end yet, and that attempt; undefined without any. */
export function unendedParts(
  message: KnownMessage,
): { readonly attempt: number; readonly parts: readonly number[] } | undefined {
  const parts: number[] = [];
  let attempt = 0;
  message.parts.forEach((part, index) => {
    if (part.state !== 'submitting') return;
    parts.push(index + 1);
    attempt = part.attempt;
  });
  return parts.length === 0 ? undefined : { attempt, parts };
}
