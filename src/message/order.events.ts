// What is asked of the SMSC about a message it has: to cancel it, to replace its text, how it stands.
// Written ahead like a submit: *Attempted is durable before the first octet of the PDU leaves.
//
// | event            | evidence                                                                   |
// |------------------|----------------------------------------------------------------------------|
// | CancelRequested  | the sender's request; from now on nothing more is submitted and nobody called |
// | CancelAttempted  | none yet: written before cancel_sm                                         |
// | CancelRefused    | cancel_sm_resp with an error, no answer at all, or why none can be asked    |
// | ReplaceRequested | the sender's request                                                       |
// | ReplaceAttempted | none yet: written before replace_sm                                        |
// | TextReplaced     | replace_sm_resp ESME_ROK, or nothing was at the SMSC yet                   |
// | ReplaceRefused   | replace_sm_resp with an error, no answer, or a connector that does not do it |
// | QueryAttempted   | none yet: written before query_sm; the claim that keeps two from asking    |
// | QueryFailed      | query_sm_resp with an error, or no answer                                  |
//
// What a query_sm_resp says of the message is recorded as a receipt of source `query`.

import type { TextEncoding } from './message-format.js';

/** A part as its SMSC knows it. */
export interface PartAtSmsc {
  readonly part: number;
  readonly connector: string;
  readonly smscMessageId: string;
  /** What it is asked by, where the SMSC wrote its id otherwise than its receipts do. */
  readonly rawSmscMessageId?: string;
}

/** What an SMSC said to an ask about one part; null: it did not answer. */
export interface PartWord {
  readonly part: number;
  readonly commandStatus: { readonly code: number; readonly name: string } | null;
}

export interface CancelRequested {
  readonly reason: string;
  /** Part numbers that the SMSC has, or may have in a moment. None: only the call is cancelled. */
  readonly parts: readonly number[];
}

export interface CancelAttempted {
  /** 1 for the first. */
  readonly attempt: number;
  readonly sender: string;
  readonly parts: readonly PartAtSmsc[];
  /** When it is asked again unless an answer is recorded before: ISO 8601 UTC. */
  readonly retryAt: string;
}

/**
 * refused: by the SMSC · unanswered: asked so often in vain, it may be cancelled all the same ·
 * in-doubt: no id to cancel by · no-smsc-id: the SMSC gave none · too-late: it had ended before.
 */
export type CancelRefusal = 'refused' | 'unanswered' | 'in-doubt' | 'no-smsc-id' | 'too-late';

export interface CancelRefused {
  readonly cause: CancelRefusal;
  readonly reason: string;
  /** The SMSC's words; empty when it was not asked. */
  readonly parts: readonly PartWord[];
}

export interface ReplaceRequested extends PartAtSmsc {
  readonly personal: { readonly text: string };
}

export interface ReplaceAttempted extends PartAtSmsc {
  readonly attempt: number;
  readonly sender: string;
  readonly retryAt: string;
}

export interface TextReplaced {
  /** request: nothing was submitted yet. smsc: by replace_sm, in the encoding of the submit. */
  readonly by: 'request' | 'smsc';
  readonly encoding: TextEncoding;
  readonly partCount: number;
  readonly personal: { readonly text: string };
}

/** unanswered: which of the two texts the SMSC has is not known. not-carried: the connector may not. */
export type ReplaceRefusal = 'refused' | 'unanswered' | 'too-late' | 'not-carried';

export interface ReplaceRefused {
  readonly cause: ReplaceRefusal;
  readonly reason: string;
  readonly commandStatus: PartWord['commandStatus'];
}

export interface QueryAttempted {
  /** 1 for the first. */
  readonly query: number;
  readonly sender: string;
  readonly parts: readonly PartAtSmsc[];
  /** When it is asked again; null: this was the last time. ISO 8601 UTC. */
  readonly nextAt: string | null;
}

export interface QueryFailed {
  readonly query: number;
  readonly reason: string;
  readonly parts: readonly PartWord[];
  /** It is not asked again. */
  readonly givenUp: boolean;
}

export interface OrderEventData {
  CancelRequested: CancelRequested;
  CancelAttempted: CancelAttempted;
  CancelRefused: CancelRefused;
  ReplaceRequested: ReplaceRequested;
  ReplaceAttempted: ReplaceAttempted;
  TextReplaced: TextReplaced;
  ReplaceRefused: ReplaceRefused;
  QueryAttempted: QueryAttempted;
  QueryFailed: QueryFailed;
}
