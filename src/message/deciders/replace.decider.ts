// Replacing the text. Before the submit it is done at once; afterwards by replace_sm, which has no
// data_coding and no TLVs (SMPP 3.4 §4.10): one part only, and in the encoding it was submitted in.
// Only a plain text: what else a format fixes (ports, tables, octets) belongs to the text it came with.
import { isBefore, plusSeconds } from '../instant.js';
import { MessageNotChangeableError } from '../message.errors.js';
import type { MessageEvent } from '../message.events.js';
import type { KnownMessage } from '../message.state.js';
import type { AttemptReplace, RecordReplace, ReplaceText } from '../order.commands.js';
import type { PartAtSmsc, ReplaceRefusal, ReplaceRefused } from '../order.events.js';
import { anyMayBeAtSmsc, isFinalStatus, isInDoubt, partsAtSmsc } from '../parts.js';
import { holds } from '../encoding-choice.js';
import type { TextEncoding } from '../message-format.js';
import { countParts } from '../short-message.js';
import { requireChangeable } from './cancel.decider.js';

/** As with cancel_sm; the same text twice does no harm. */
export const MAX_REPLACES = 3;

export function replaceText(command: ReplaceText, state: KnownMessage): readonly MessageEvent[] {
  const { at, text, encoding, partCount } = command;
  const { order } = state;
  if (order === null ? state.text === text : order.kind === 'replace' && order.text === text) return [];
  requireChangeable(state, 'replaced');
  if (isFinalStatus(state.status)) refuse(state, 'too-late');
  if (state.withdrawn !== null) refuse(state, 'cancel-asked');
  if (state.format !== null || state.binary !== null) refuse(state, 'not-plain');
  if (!anyMayBeAtSmsc(state.parts)) {
    return [{ type: 'TextReplaced', at, data: { by: 'request', encoding, partCount, personal: { text } } }];
  }
  const part = replaceablePart(state);
  if (!fitsOnePart(text, state)) refuse(state, 'text-does-not-fit');
  return [{ type: 'ReplaceRequested', at, data: { ...part, personal: { text } } }];
}

export function attemptReplace(command: AttemptReplace, state: KnownMessage): readonly MessageEvent[] {
  const { at, sender } = command;
  const { order } = state;
  if (order?.kind !== 'replace' || isBefore(at, order.dueAt)) return [];
  const [part] = partsAtSmsc(state.parts);
  if (part === undefined) return [refused(at, 'too-late', 'it had ended before replace_sm was sent')];
  if (order.tries >= MAX_REPLACES) return [unanswered(at)];
  const retryAt = plusSeconds(at, command.retryAfterSeconds);
  return [{ type: 'ReplaceAttempted', at, data: { ...part, attempt: order.tries + 1, sender, retryAt } }];
}

export function recordReplace(command: RecordReplace, state: KnownMessage): readonly MessageEvent[] {
  const { at, attempt, result } = command;
  const { order } = state;
  if (order?.kind !== 'replace' || attempt > order.tries) return [];
  switch (result.end) {
    case 'replaced': {
      const { text } = order;
      const encoding = submittedEncoding(state);
      return [{ type: 'TextReplaced', at, data: { by: 'smsc', encoding, partCount: 1, personal: { text } } }];
    }
    case 'refused': {
      const why = `the SMSC refused to replace the text: ${result.commandStatus.name}`;
      return [refused(at, 'refused', why, result.commandStatus)];
    }
    case 'not-carried':
      return [refused(at, 'not-carried', result.reason)];
    case 'unanswered':
      return order.tries >= MAX_REPLACES ? [unanswered(at)] : [];
  }
}

function replaceablePart(state: KnownMessage): PartAtSmsc {
  if (state.parts.length > 1) refuse(state, 'several-parts');
  if (state.shape?.form === 'payload') refuse(state, 'not-plain');
  if (state.parts.some(isInDoubt)) refuse(state, 'in-doubt');
  const [part] = partsAtSmsc(state.parts);
  if (part === undefined) refuse(state, 'submit-under-way');
  if (part.smscMessageId === '') refuse(state, 'no-smsc-id');
  return part;
}

function fitsOnePart(text: string, state: KnownMessage): boolean {
  const encoding = submittedEncoding(state);
  return holds(text, encoding) && countParts({ text, encoding }) === 1;
}

/** As its submit had it: replace_sm has no data_coding for another. */
function submittedEncoding(state: KnownMessage): TextEncoding {
  const encoding = state.shape?.encoding ?? state.encoding;
  if (encoding === 'binary') refuse(state, 'not-plain');
  return encoding;
}

function refuse({ messageId }: KnownMessage, why: MessageNotChangeableError['why']): never {
  throw new MessageNotChangeableError(messageId, 'replaced', why);
}

function unanswered(at: string): MessageEvent {
  return refused(at, 'unanswered', 'the SMSC did not answer replace_sm: which text it has is unknown');
}

function refused(
  at: string,
  cause: ReplaceRefusal,
  reason: string,
  commandStatus: ReplaceRefused['commandStatus'] = null,
): MessageEvent {
  return { type: 'ReplaceRefused', at, data: { cause, reason, commandStatus } };
}
