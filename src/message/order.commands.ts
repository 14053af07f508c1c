// What may be asked of a message that its SMSC has: to cancel it, to replace its text, how it stands.
import type { TextEncoding } from './message-format.js';
import type { PartWord } from './order.events.js';

interface Command<Type extends string> {
  readonly type: Type;
  readonly messageId: string;
  /** The instant the command was given: ISO 8601 UTC. */
  readonly at: string;
}

/**
 * Cancels the message: at once when nothing is at an SMSC, else by asking the SMSC (CancelRequested).
 * Repeating it changes nothing while it is open or done; after a refusal it asks anew. Refused when
 * the outcome is decided, while a call or a replacement is under way, and in doubt: without an id
 * cancel_sm would cancel other messages to the same number (SMPP 3.4 §4.9).
 */
export interface CancelMessage extends Command<'CancelMessage'> {
  readonly reason: string;
}

/** Asks for permission to send cancel_sm. Granted by CancelAttempted. */
export interface AttemptCancel extends Command<'AttemptCancel'> {
  readonly sender: string;
  /** When it may be asked again without an answer: longer than an answer may take. */
  readonly retryAfterSeconds: number;
}

/** How the ask about one part ended. */
export type PartCancel =
  | { readonly part: number; readonly end: 'cancelled' }
  | {
      readonly part: number;
      readonly end: 'refused';
      readonly commandStatus: NonNullable<PartWord['commandStatus']>;
    }
  /** No answer, or one that may be another in a moment. */
  | { readonly part: number; readonly end: 'unanswered' };

export interface RecordCancel extends Command<'RecordCancel'> {
  readonly attempt: number;
  readonly results: readonly PartCancel[];
}

/**
 * Replaces the text: at once when nothing is at an SMSC, else by asking the SMSC (ReplaceRequested),
 * which works for one plain part whose encoding also holds the new text.
 */
export interface ReplaceText extends Command<'ReplaceText'> {
  readonly text: string;
  /** Of the new text if it were accepted now; of no matter once submitted. */
  readonly encoding: TextEncoding;
  readonly partCount: number;
}

export interface AttemptReplace extends Command<'AttemptReplace'> {
  readonly sender: string;
  readonly retryAfterSeconds: number;
}

export interface RecordReplace extends Command<'RecordReplace'> {
  /** 0: it was not asked, because the connector may not. */
  readonly attempt: number;
  readonly result:
    | { readonly end: 'replaced' }
    | { readonly end: 'refused'; readonly commandStatus: NonNullable<PartWord['commandStatus']> }
    | { readonly end: 'not-carried'; readonly reason: string }
    | { readonly end: 'unanswered' };
}

/** Asks for permission to send query_sm about every part without a final word. */
export interface AttemptQuery extends Command<'AttemptQuery'> {
  readonly sender: string;
  readonly everySeconds: number;
  /** Each pause is so much longer than the one before. */
  readonly backoffFactor: number;
  readonly maxQueries: number;
}

/** Records that a query told nothing. What it told of a part is a RecordReceipt. */
export interface RecordQuery extends Command<'RecordQuery'> {
  readonly query: number;
  readonly failures: readonly PartWord[];
}

export type OrderCommand =
  | CancelMessage
  | AttemptCancel
  | RecordCancel
  | ReplaceText
  | AttemptReplace
  | RecordReplace
  | AttemptQuery
  | RecordQuery;
