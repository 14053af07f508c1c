// What the simulator has seen and done since it started or was last reset.
import { statusName } from '../wire/pdu.js';

/** How often, by name of command_status. */
export type StatusCounts = Record<string, number>;

export interface Counters {
  connections: number;
  binds: number;
  bindsRefused: StatusCounts;
  unbinds: number;
  enquireLinks: number;
  enquireLinksAnswered: number;
  genericNacksSent: number;
  genericNacksReceived: number;
  /** query_sm, cancel_sm and replace_sm that arrived. */
  asks: number;
  /** submit_sm and data_sm that arrived, whatever became of them. */
  submits: number;
  /** Answered, or to be answered, with ESME_ROK: these are messages now. */
  accepted: number;
  refused: StatusCounts;
  /** Accepted although a message with the same destination, header and text was before. */
  duplicated: number;
  responsesDropped: number;
  /** Responses that were due when their link was gone. */
  responsesLost: number;
  /** PDUs swallowed while `silent` was set. */
  pdusIgnored: number;
  /** Links broken by a plan: disconnectAfterSubmits or a script. */
  linksBroken: number;
  /** deliver_sm written, each try counted. */
  deliveriesSent: number;
  deliveriesAcknowledged: number;
  deliveriesRefused: StatusCounts;
  /** Put back to be sent again: refused for now, unanswered too long, or link gone. */
  deliveriesRetried: number;
  /** Unanswered when the link closed, and the settings say that they are lost. */
  deliveriesLost: number;
  /** Responses that match nothing outstanding. */
  strayResponses: number;
}

export function newCounters(): Counters {
  return {
    connections: 0,
    binds: 0,
    bindsRefused: {},
    unbinds: 0,
    enquireLinks: 0,
    enquireLinksAnswered: 0,
    genericNacksSent: 0,
    genericNacksReceived: 0,
    asks: 0,
    submits: 0,
    accepted: 0,
    refused: {},
    duplicated: 0,
    responsesDropped: 0,
    responsesLost: 0,
    pdusIgnored: 0,
    linksBroken: 0,
    deliveriesSent: 0,
    deliveriesAcknowledged: 0,
    deliveriesRefused: {},
    deliveriesRetried: 0,
    deliveriesLost: 0,
    strayResponses: 0,
  };
}

/** What GET /counters shows: the counters and how things stand now. */
export interface CountersSnapshot extends Counters {
  readonly sessions: {
    readonly open: number;
    readonly transmitter: number;
    readonly receiver: number;
    readonly transceiver: number;
  };
  /** Not yet due: receipts and delayed responses. */
  readonly scheduled: number;
  /** Due, but no session is bound or every window is full. */
  readonly deliveriesWaiting: number;
  readonly deliveriesUnacknowledged: number;
  /** When the first and the last submit and the last acknowledgement came; null: none yet. */
  readonly firstSubmitAt: string | null;
  readonly lastSubmitAt: string | null;
  readonly lastAcknowledgementAt: string | null;
  readonly process: { readonly cpuUserMs: number; readonly cpuSystemMs: number; readonly rssOctets: number };
}

export function countStatus(table: StatusCounts, status: number): void {
  const name = statusName(status);
  table[name] = (table[name] ?? 0) + 1;
}
