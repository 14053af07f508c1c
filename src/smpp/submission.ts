// One part on its way, and what is recorded of its end. Pure.
//
// | end                                  | recorded as                                  |
// |--------------------------------------|----------------------------------------------|
// | answered ESME_ROK                    | submitted                                    |
// | answered, final command_status       | rejected                                     |
// | answered, any other command_status   | deferred, with the status's retry rule       |
// | timed-out, link-lost                 | unknown: it may have been taken              |
// | not-sent                             | deferred, at once                            |
// | not-sent, the PDU's own fault        | rejected, in the words the SMSC would use    |
import type {
  InDoubtPolicy,
  PartSubmission,
  RecordSubmission,
  RetryRule,
} from '../message/message.commands.js';
import type { KnownMessage } from '../message/message.js';
import { idOf } from '../message/parts.js';
import { STANDARD_STATUSES, type StatusMeaning } from './pdu/command-status.js';
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
  /** The id as the SMSC gave it, where the end has it as its receipts name it. */
  readonly rawSmscMessageId?: string;
}

export interface SubmissionRecord {
  readonly at: string;
  readonly connector: string;
  readonly group: string;
  /** What a command_status means at the SMSC that answered. */
  readonly meaningOf: (commandStatus: number) => StatusMeaning;
  readonly inDoubtPolicy: InDoubtPolicy;
  /** Whether another connector takes submits now that could carry what this one refuses. */
  readonly elsewhere: boolean;
  /** Absent: the connector does not query. */
  readonly queryAfterSeconds?: number;
}

/**
 * A part that never left goes again as soon as there is a link; a second keeps a shutdown or a lost
 * link from turning into a storm of attempts. A guess.
 */
const NOT_SENT: RetryRule = { limit: null, firstSeconds: 1, factor: 1, longestSeconds: 1 };

/** The SMSC's id as its receipts will name it. */
export function withNormalisedId(
  ended: EndedSubmission,
  receipts: ReceiptOptions | undefined,
): EndedSubmission {
  if (receipts === undefined || ended.end.end !== 'answered') return ended;
  const { smscMessageId: rawSmscMessageId } = ended.end;
  const smscMessageId = normaliseSubmitId(receipts, rawSmscMessageId);
  if (smscMessageId === rawSmscMessageId) return ended;
  return { ...ended, end: { ...ended.end, smscMessageId }, rawSmscMessageId };
}

/** One command for the ends of each attempt, in the order in which the attempts first come. */
export function commandsFor(
  ends: readonly EndedSubmission[],
  { at, connector, group, meaningOf, inDoubtPolicy, elsewhere, queryAfterSeconds }: SubmissionRecord,
): RecordSubmission[] {
  const resultsOf = new Map<string, PartSubmission[]>();
  const commands: RecordSubmission[] = [];
  for (const ended of ends) {
    const { messageId, attempt } = ended.tag;
    const result = resultOf(ended, meaningOf);
    // Late answers to two attempts of one message may come together.
    const key = `${messageId}${String(attempt)}`;
    const known = resultsOf.get(key);
    if (known !== undefined) {
      known.push(result);
      continue;
    }
    const results = [result];
    resultsOf.set(key, results);
    const queries = queryAfterSeconds === undefined ? {} : { queryAfterSeconds };
    commands.push({
      type: 'RecordSubmission',
      messageId,
      at,
      attempt,
      connector,
      ...(group === connector ? {} : { group }),
      inDoubtPolicy,
      ...(elsewhere ? { elsewhere } : {}),
      ...queries,
      results,
    });
  }
  return commands;
}

function resultOf(
  { tag: { part }, end, rawSmscMessageId }: EndedSubmission,
  meaningOf: (commandStatus: number) => StatusMeaning,
): PartSubmission {
  switch (end.end) {
    case 'timed-out':
      return { part, end: 'unknown', cause: 'response-timeout' };
    case 'link-lost':
      return { part, end: 'unknown', cause: 'link-lost' };
    case 'not-sent': {
      if (end.unsendable === undefined) {
        return { part, end: 'deferred', cause: 'not-sent', commandStatus: null, retry: NOT_SENT };
      }
      // In our words: no SMSC has said this.
      const { commandStatus: code } = end.unsendable;
      return { part, end: 'rejected', commandStatus: { code, name: STANDARD_STATUSES.meaningOf(code).name } };
    }
    case 'answered': {
      const meaning = meaningOf(end.commandStatus);
      if (meaning.class === 'accepted') {
        const { smscMessageId } = end;
        return { part, end: 'submitted', ...idOf({ smscMessageId, rawSmscMessageId }) };
      }
      const commandStatus = { code: end.commandStatus, name: meaning.name };
      if (meaning.class === 'reject') return { part, end: 'rejected', commandStatus };
      const cause = meaning.class === 'throttle' ? 'throttled' : 'refused';
      return { part, end: 'deferred', cause, commandStatus, retry: meaning.retry };
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
