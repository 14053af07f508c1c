// Cancelling. Before the submit it is done at once; afterwards the SMSC is asked, part by part, and
// the message is cancelled as soon as one of its parts surely does not arrive.
//
// | part                  | CancelMessage                 | AttemptCancel                          |
// |-----------------------|-------------------------------|----------------------------------------|
// | waiting, no doubt     | never submitted any more      | cancelled, without asking for it       |
// | submitting            | requested                     | – : its end comes first                |
// | submitted, buffered   | requested; ! without SMSC id  | cancel_sm; refused without SMSC id     |
// | in doubt              | !                             | refused: there is no id to cancel by   |
// | reported              | –                             | –                                      |
//
// A request withdraws the call for good, also when the SMSC refuses: whoever cancels a message does
// not want its person called. A receipt that comes first keeps the status; the SMSC's answer to
// cancel_sm is then recorded as too late. cancel_sm about one id may be repeated without harm.
import { isBefore, plusSeconds } from '../instant.js';
import { MessageAlreadyFinalError, MessageNotChangeableError } from '../message.errors.js';
import type { MessageEvent } from '../message.events.js';
import type { KnownMessage } from '../message.state.js';
import type { AttemptCancel, CancelMessage, RecordCancel } from '../order.commands.js';
import type { CancelRefusal, PartWord } from '../order.events.js';
import { isFinalStatus, isInDoubt, mayCall, partsAtSmsc } from '../parts.js';

/** How often cancel_sm is sent without an answer. A guess: a link that is lost three times stays so. */
export const MAX_CANCELS = 3;

export function cancelMessage(command: CancelMessage, state: KnownMessage): readonly MessageEvent[] {
  const { at, reason } = command;
  if (state.status === 'cancelled' || state.order?.kind === 'cancel') return [];
  if (state.withdrawn !== null && state.outcome === 'not-reached') return [];
  requireChangeable(state, 'cancelled');
  if (isFinalStatus(state.status) && mayCall(state)) {
    return [{ type: 'CancelRequested', at, data: { reason, parts: [] } }];
  }
  if (state.parts.some(isInDoubt))
    throw new MessageNotChangeableError(state.messageId, 'cancelled', 'in-doubt');
  const atSmsc = partsAtSmsc(state.parts);
  if (atSmsc.some(({ smscMessageId }) => smscMessageId === '')) {
    throw new MessageNotChangeableError(state.messageId, 'cancelled', 'no-smsc-id');
  }
  const onTheirWay = state.parts.flatMap((part, index) => (part.state === 'submitting' ? [index + 1] : []));
  const parts = [...atSmsc.map(({ part }) => part), ...onTheirWay].toSorted((a, b) => a - b);
  if (parts.length > 0) return [{ type: 'CancelRequested', at, data: { reason, parts } }];
  return [{ type: 'MessageCancelled', at, data: { by: 'request', reason } }];
}

/** Neither decided, nor in the hands of a call or of an open order. */
export function requireChangeable(state: KnownMessage, wanted: 'cancelled' | 'replaced'): void {
  const { messageId, outcome, status } = state;
  if (outcome !== 'pending') {
    throw new MessageAlreadyFinalError(messageId, `${status}, its outcome ${outcome}`, wanted);
  }
  if (state.voice.state === 'calling')
    throw new MessageNotChangeableError(messageId, wanted, 'call-under-way');
  if (state.order !== null) throw new MessageNotChangeableError(messageId, wanted, 'order-under-way');
}

export function attemptCancel(command: AttemptCancel, state: KnownMessage): readonly MessageEvent[] {
  const { at, sender } = command;
  const { order, parts } = state;
  if (order?.kind !== 'cancel' || isFinalStatus(state.status) || isBefore(at, order.dueAt)) return [];
  if (parts.some(({ state: part }) => part === 'submitting')) return [];
  const atSmsc = partsAtSmsc(parts);
  if (parts.some(isInDoubt)) return [ended(at, state, order.reason, 'in-doubt', [])];
  if (atSmsc.some(({ smscMessageId }) => smscMessageId === '')) {
    return [ended(at, state, order.reason, 'no-smsc-id', [])];
  }
  if (atSmsc.length === 0 || order.tries >= MAX_CANCELS) {
    const words = atSmsc.map(({ part }) => ({ part, commandStatus: null }));
    return [ended(at, state, order.reason, 'unanswered', words)];
  }
  const retryAt = plusSeconds(at, command.retryAfterSeconds);
  const attempt = order.tries + 1;
  return [{ type: 'CancelAttempted', at, data: { attempt, sender, parts: atSmsc, retryAt } }];
}

export function recordCancel(command: RecordCancel, state: KnownMessage): readonly MessageEvent[] {
  const { at, attempt, results } = command;
  const { order } = state;
  // Answers to an earlier attempt count like those to the last: the parts are the same.
  if (order?.kind !== 'cancel' || attempt < 1 || attempt > order.tries || results.length === 0) return [];
  const words = results.map(wordOf);
  if (isFinalStatus(state.status)) return [ended(at, state, order.reason, 'too-late', words)];
  const cancelled = new Set(results.flatMap(({ part, end }) => (end === 'cancelled' ? [part] : [])));
  const parts = partsAtSmsc(state.parts).filter(({ part }) => cancelled.has(part));
  if (parts.length > 0) {
    return [{ type: 'MessageCancelled', at, data: { by: 'smsc', reason: order.reason, attempt, parts } }];
  }
  if (results.every(({ end }) => end === 'refused'))
    return [ended(at, state, order.reason, 'refused', words)];
  return order.tries >= MAX_CANCELS ? [ended(at, state, order.reason, 'unanswered', words)] : [];
}

/** A part that was never submitted settles it even where the SMSC refuses: the whole cannot arrive. */
function ended(
  at: string,
  state: KnownMessage,
  reason: string,
  cause: CancelRefusal,
  parts: readonly PartWord[],
): MessageEvent {
  const neverSent = state.parts.some((part) => part.state === 'waiting' && part.doubts === 0);
  if (neverSent && cause !== 'too-late') {
    return { type: 'MessageCancelled', at, data: { by: 'request', reason } };
  }
  return { type: 'CancelRefused', at, data: { cause, reason: refusal(cause, parts, state), parts } };
}

function refusal(cause: CancelRefusal, parts: readonly PartWord[], state: KnownMessage): string {
  const said = parts.map(({ commandStatus }) => commandStatus?.name ?? 'no answer').join(', ');
  switch (cause) {
    case 'refused':
      return `the SMSC refused to cancel it: ${said}`;
    case 'unanswered':
      return 'the SMSC did not answer cancel_sm: whether it is cancelled is unknown';
    case 'in-doubt':
      return 'a submit was not answered: without its id cancel_sm would cancel other messages too';
    case 'no-smsc-id':
      return 'the SMSC gave no id: without one cancel_sm would cancel other messages too';
    case 'too-late':
      return `it was ${state.status} before the SMSC answered cancel_sm: ${said}`;
  }
}

function wordOf(result: RecordCancel['results'][number]): PartWord {
  const { part } = result;
  if (result.end === 'cancelled') return { part, commandStatus: { code: 0, name: 'ESME_ROK' } };
  return { part, commandStatus: result.end === 'refused' ? result.commandStatus : null };
}
