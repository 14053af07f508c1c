// The ends of asks in the words of the domain. Pure.
import { uuidOf } from '../../clock/ids.js';
import type { ReceiptEvidence } from '../../message/message.events.js';
import type { PartCancel, RecordReplace } from '../../message/order.commands.js';
import type { PartAtSmsc, PartWord } from '../../message/order.events.js';
import { meaningOf, STATUS } from '../pdu/command-status.js';
import { STATE_BY_TLV } from '../pdu/delivery-receipt.js';
import { readQuerySmResp } from '../pdu/query-sm-resp.js';
import type { AskEnd } from '../session/ask.js';

type Status = NonNullable<PartWord['commandStatus']>;

export function cancelResult(part: number, end: AskEnd): PartCancel {
  if (end.end !== 'answered') return { part, end: 'unanswered' };
  if (end.commandStatus === STATUS.ESME_ROK) return { part, end: 'cancelled' };
  const isUnbound = end.commandStatus === STATUS.ESME_RINVBNDSTS;
  if (isTemporary(end.commandStatus) || isUnbound) return { part, end: 'unanswered' };
  return { part, end: 'refused', commandStatus: statusOf(end.commandStatus) };
}

/** ESME_RINVBNDSTS is final here: a strict SMSC says it to a transceiver. */
export function replaceResult(end: AskEnd): RecordReplace['result'] {
  if (end.end !== 'answered' || isTemporary(end.commandStatus)) return { end: 'unanswered' };
  if (end.commandStatus === STATUS.ESME_ROK) return { end: 'replaced' };
  return { end: 'refused', commandStatus: statusOf(end.commandStatus) };
}

/** What a query told of a part, or that it told nothing. */
export function queryResult(
  { part, connector, smscMessageId }: PartAtSmsc,
  end: AskEnd,
  receivedAt: string,
): ReceiptEvidence | PartWord {
  if (end.end !== 'answered') return { part, commandStatus: null };
  const answer = end.commandStatus === STATUS.ESME_ROK ? readQuerySmResp(end.pdu) : null;
  if (answer === null) return { part, commandStatus: statusOf(end.commandStatus) };
  const { messageState, errorCode, finalDate } = answer;
  const state = STATE_BY_TLV[messageState] ?? 'unknown';
  const networkError = errorCode === 0 ? null : String(errorCode);
  return {
    // Equal answers are one piece of evidence, whenever they are given.
    receiptId: uuidOf(['query', connector, smscMessageId, state, networkError, finalDate].join('/')),
    connector,
    smscMessageId,
    state,
    networkError,
    doneDate: finalDate,
    receivedAt,
    raw: `query_sm_resp message_state:${String(messageState)} error_code:${String(errorCode)}`,
    source: 'query',
  };
}

function isTemporary(commandStatus: number): boolean {
  const { class: meaning } = meaningOf(commandStatus);
  return meaning === 'throttle' || meaning === 'retry';
}

function statusOf(code: number): Status {
  return { code, name: meaningOf(code).name };
}
