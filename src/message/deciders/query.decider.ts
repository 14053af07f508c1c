// Asking the SMSC how a message stands, where its receipts do not come. QueryAttempted is the claim:
// it moves the next query ahead, so that no other process asks meanwhile. A query that is lost with
// its process is not missed: the next one is due by itself.
//
// What an answer says is recorded like a receipt (receipt.decider.ts). The first final word stays,
// whichever way it came: a receipt that contradicts a final answer is a ReceiptContradicted.
import { isBefore, plusSeconds } from '../instant.js';
import type { MessageEvent } from '../message.events.js';
import type { KnownMessage } from '../message.state.js';
import type { AttemptQuery, RecordQuery } from '../order.commands.js';
import { isFinalStatus, queryableParts } from '../parts.js';

/** No pause between two queries is longer: validity periods are days. */
const LONGEST_PAUSE_SECONDS = 86_400;

export function attemptQuery(command: AttemptQuery, state: KnownMessage): readonly MessageEvent[] {
  const { at, sender, everySeconds, backoffFactor, maxQueries } = command;
  const { query } = state;
  const dueAt = query?.nextAt ?? null;
  if (query === null || dueAt === null || isBefore(at, dueAt)) return [];
  if (state.outcome !== 'pending' || isFinalStatus(state.status) || state.order !== null) return [];
  const parts = queryableParts(state.parts);
  if (parts.length === 0) return [];
  const pause = Math.min(everySeconds * backoffFactor ** query.made, LONGEST_PAUSE_SECONDS);
  const nextAt = query.made + 1 >= maxQueries ? null : plusSeconds(at, pause);
  return [{ type: 'QueryAttempted', at, data: { query: query.made + 1, sender, parts, nextAt } }];
}

export function recordQuery(command: RecordQuery, state: KnownMessage): readonly MessageEvent[] {
  const { at, query: number, failures } = command;
  const { query } = state;
  if (query?.made !== number || query.failed || failures.length === 0) return [];
  const said = failures.map(({ commandStatus }) => commandStatus?.name ?? 'no answer').join(', ');
  const givenUp = query.nextAt === null;
  const times = givenUp ? `asked ${String(number)} times with query_sm, the last time in vain` : 'query_sm';
  const reason = `${times}: ${said}`;
  return [{ type: 'QueryFailed', at, data: { query: number, reason, parts: failures, givenUp } }];
}
