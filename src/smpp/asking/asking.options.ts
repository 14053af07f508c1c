// What a connector may be asked, and how often. Off by default: an SMSC that sends receipts needs no
// queries, and replace_sm is taken by few.
import type { StatusMeaning } from '../pdu/command-status.js';
import type { ReceiptDialect } from '../pdu/receipt-options.js';
import type { AskEnd, AskRequest } from '../session/ask.js';
import { ConnectorOptionError } from '../smpp.errors.js';
import type { SubmitForm } from '../submit-form.js';

/** Each pause between two queries of a message is twice as long as the one before. */
export const QUERY_BACKOFF = 2;

/** When the SMSC is asked with query_sm how a message stands of which no final receipt came. */
export interface QueryOptions {
  /** After the submit_sm_resp. */
  readonly afterSeconds: number;
  /** Pause between the first query and the second. */
  readonly everySeconds: number;
  /** Each further pause is so much longer; 1: all the same. */
  readonly backoffFactor: number;
  /** Of one message; then its receipt deadline decides. */
  readonly maxQueries: number;
  /** Of the connector in this process; counted in submitsPerSecond as well. */
  readonly perSecond: number;
}

/**
 * never: texts are replaced before the submit only · transmitter: by replace_sm where the connector
 * binds as transmitter, to whom SMPP 3.4 Table 2-1 gives it · always: over a transceiver too.
 */
export type ReplaceRule = 'never' | 'transmitter' | 'always';

/** What the askers need of a connector. */
export interface AskPort {
  readonly name: string;
  capacity(): number;
  /** What a command_status of this SMSC asks of the sender. */
  meaningOf(commandStatus: number): StatusMeaning;
  ask(request: AskRequest): Promise<AskEnd>;
}

export interface AskedConnector {
  readonly port: AskPort;
  /** How its submits were written: asks must name the same addresses. */
  readonly form: Pick<SubmitForm, 'addressesOf' | 'submitSms'>;
  readonly group: string;
  /** How its SMSC writes dates and states. */
  readonly dialect: Pick<ReceiptDialect, 'states' | 'time'>;
  readonly query: QueryOptions | null;
  readonly replace: ReplaceRule;
  readonly bind: 'transceiver' | 'split';
  readonly responseTimeoutMs: number;
}

/** By name; of this process alone, as they are now: a reload changes them. */
export interface AskedConnectors {
  get(name: string): AskedConnector | undefined;
  values(): Iterable<AskedConnector>;
}

/** @throws ConnectorOptionError that names the setting, what is wrong and what is possible. */
export function checkQueryOptions(query: QueryOptions): void {
  const least = { afterSeconds: 1, everySeconds: 1, backoffFactor: 1, maxQueries: 1, perSecond: 0.01 };
  for (const [field, min] of Object.entries(least) as [keyof QueryOptions, number][]) {
    const value = query[field];
    if (Number.isFinite(value) && value >= min) continue;
    throw new ConnectorOptionError(
      `query.${field} must be a number of at least ${String(min)}, but is ${String(value)}`,
    );
  }
  if (!Number.isInteger(query.maxQueries)) {
    throw new ConnectorOptionError('query.maxQueries must be a whole number');
  }
}

/** Why a connector does not carry replace_sm; null: it does. */
export function whyNotReplaced({ replace, bind, port }: AskedConnector): string | null {
  if (replace === 'never')
    return `connector ${port.name} does not replace texts: its setting replace is never`;
  if (replace === 'always' || bind === 'split') return null;
  return (
    `connector ${port.name} binds as transceiver, and replace_sm is a transmitter's (SMPP 3.4 Table 2-1); ` +
    'set bind to split, or replace to always if the SMSC takes it'
  );
}
