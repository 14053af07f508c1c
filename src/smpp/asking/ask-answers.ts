// The ends of asks in the words of the domain, judged as the connector judges its submits. Pure.
import { uuidOf } from '../../clock/ids.js';
import type { ReceiptEvidence } from '../../message/message.events.js';
import type { PartCancel, RecordReplace } from '../../message/order.commands.js';
import type { PartAtSmsc, PartWord } from '../../message/order.events.js';
import { STATUS, type StatusMeaning } from '../pdu/command-status.js';
import { readQuerySmResp } from '../pdu/query-sm-resp.js';
import type { AskEnd } from '../session/ask.js';
import type { AskedConnector } from './asking.options.js';

type Status = NonNullable<PartWord['commandStatus']>;
type MeaningOf = (commandStatus: number) => StatusMeaning;

export function cancelResult(part: number, end: AskEnd, meaningOf: MeaningOf): PartCancel {
  if (end.end !== 'answered') return { part, end: 'unanswered' };
  const { commandStatus } = end;
  const meaning = meaningOf(commandStatus);
  if (meaning.class === 'accepted') return { part, end: 'cancelled' };
  const isUnbound = commandStatus === STATUS.ESME_RINVBNDSTS;
  if (isTemporary(meaning) || isUnbound) return { part, end: 'unanswered' };
  return { part, end: 'refused', commandStatus: statusOf(commandStatus, meaning) };
}

/** ESME_RINVBNDSTS is final here: a strict SMSC says it to a transceiver. */
export function replaceResult(end: AskEnd, meaningOf: MeaningOf): RecordReplace['result'] {
  if (end.end !== 'answered') return { end: 'unanswered' };
  const { commandStatus } = end;
  const meaning = meaningOf(commandStatus);
  if (isTemporary(meaning)) return { end: 'unanswered' };
  if (meaning.class === 'accepted') return { end: 'replaced' };
  return { end: 'refused', commandStatus: statusOf(commandStatus, meaning) };
}

/** What a query told of a part, or that it told nothing. */
export function queryResult(
  { part, connector, smscMessageId }: PartAtSmsc,
  end: AskEnd,
  { port, group, dialect }: Pick<AskedConnector, 'port' | 'group' | 'dialect'>,
  receivedAt: string,
): ReceiptEvidence | PartWord {
  if (end.end !== 'answered') return { part, commandStatus: null };
  const { commandStatus } = end;
  const answer = commandStatus === STATUS.ESME_ROK ? readQuerySmResp(end.pdu) : null;
  if (answer === null) {
    return { part, commandStatus: statusOf(commandStatus, port.meaningOf(commandStatus)) };
  }
  const { messageState, errorCode, finalDate } = answer;
  const state = dialect.states.ofNumber(messageState) ?? 'unknown';
  const networkError = errorCode === 0 ? null : String(errorCode);
  const doneAt = finalDate === null ? null : dialect.time.instantOf(finalDate);
  return {
    // Equal answers are one piece of evidence, whenever they are given.
    receiptId: uuidOf(['query', connector, smscMessageId, state, networkError, finalDate].join('/')),
    connector,
    ...(group === connector ? {} : { group }),
    smscMessageId,
    state,
    networkError,
    doneDate: finalDate,
    ...(doneAt === null ? {} : { doneAt }),
    receivedAt,
    raw: `query_sm_resp message_state:${String(messageState)} error_code:${String(errorCode)}`,
    source: 'query',
  };
}

function isTemporary({ class: statusClass }: StatusMeaning): boolean {
  return statusClass === 'throttle' || statusClass === 'retry';
}

function statusOf(code: number, { name }: StatusMeaning): Status {
  return { code, name };
}
