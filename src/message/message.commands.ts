// What may be asked of a message, in the imperative. Plain data; time and ids come from outside.
import type {
  Channels,
  CommandStatus,
  MessageClass,
  Priority,
  ReceiptEvidence,
  TextEncoding,
  UnknownCause,
  VoiceFailure,
} from './message.events.js';

interface Command<Type extends string> {
  readonly type: Type;
  readonly messageId: string;
  /** The instant the command was given: ISO 8601 UTC. */
  readonly at: string;
}

/** First command of every message. Ignored when the message exists (a retried request). */
export interface AcceptMessage extends Command<'AcceptMessage'> {
  readonly to: string;
  readonly from: string;
  readonly text: string;
  readonly encoding: TextEncoding;
  readonly partCount: number;
  readonly priority: Priority;
  readonly class: MessageClass;
  readonly channels: Channels;
  readonly validUntil: string;
  readonly sendAt: string | null;
  readonly reference: string | null;
  readonly batch: string | null;
  readonly locale: string | null;
}

/**
 * Asks for permission to submit every part that waits. Granted by SubmitAttempted; answered by
 * MessageExpired when the validity is over; by nothing when no part waits, it is not yet due, or
 * an earlier attempt is still under way.
 */
export interface AttemptSubmit extends Command<'AttemptSubmit'> {
  readonly connector: string;
  readonly sender: string;
}

/** How one part's submit_sm ended. */
export type PartSubmission =
  | { readonly part: number; readonly end: 'submitted'; readonly smscMessageId: string }
  | { readonly part: number; readonly end: 'rejected'; readonly commandStatus: CommandStatus }
  | {
      readonly part: number;
      readonly end: 'deferred';
      readonly commandStatus: CommandStatus | null;
      readonly retryAt: string;
    }
  | { readonly part: number; readonly end: 'unknown'; readonly cause: UnknownCause };

/**
 * Records how parts of one attempt ended. Results of another than the part's attempt, and a second
 * result of the same part, change nothing, with two exceptions that resolve doubt: a late
 * `submitted` of any attempt, and a late `rejected` of the attempt the part is in doubt about.
 */
export interface RecordSubmission extends Command<'RecordSubmission'> {
  readonly attempt: number;
  readonly connector: string;
  /** The connectors that share receipts with it; left out: it alone. */
  readonly group?: string;
  readonly inDoubtPolicy: 'hold' | 'resubmit';
  readonly results: readonly PartSubmission[];
}

/**
 * Records a receipt that was matched to a part. Repeating it changes nothing. Refused with
 * ReceiptNotExpectedError when the part does not exist or was never sent, and with
 * ReceiptForAnotherRecipientError when it names another phone: the match was wrong.
 */
export interface RecordReceipt extends Command<'RecordReceipt'> {
  readonly part: number;
  readonly receipt: ReceiptEvidence;
  /** The number of the phone as the SMSC wrote it; left out: it does not say. */
  readonly recipient?: string;
}

/**
 * Asks whether the SMS has failed by its policy at `at`; answered by FallbackDecided, by
 * MessageExpired (validity over, never submitted), or by nothing.
 */
export interface DecideFallback extends Command<'DecideFallback'> {}

/** Asks for permission to place the call that is due. Granted by VoiceAttempted. */
export interface AttemptCall extends Command<'AttemptCall'> {
  readonly gateway: string;
  readonly reportDueAt: string;
}

export interface RecordCallQueued extends Command<'RecordCallQueued'> {
  readonly attempt: number;
  readonly sessionId: string;
}

export interface RecordCallAnswered extends Command<'RecordCallAnswered'> {
  readonly attempt: number;
  readonly sessionId: string;
  readonly durationSeconds: number;
  readonly raw: string;
}

export interface RecordCallFailed extends Command<'RecordCallFailed'> {
  readonly attempt: number;
  readonly sessionId: string | null;
  readonly failure: VoiceFailure;
  readonly reason: string;
  readonly raw: string;
}

export interface RecordCallOutcomeUnknown extends Command<'RecordCallOutcomeUnknown'> {
  readonly attempt: number;
  readonly cause: 'request-unanswered' | 'no-final-report' | 'process-lost';
  readonly detail: string;
}

/** Cancels a message of which no part has been attempted; later it is refused. */
export interface CancelMessage extends Command<'CancelMessage'> {
  readonly reason: string;
}

/** Stops a message that may not be sent (opt-out, white list), before any submit; later refused. */
export interface SuppressMessage extends Command<'SuppressMessage'> {
  readonly reason: string;
}

export type MessageCommand =
  | AcceptMessage
  | AttemptSubmit
  | RecordSubmission
  | RecordReceipt
  | DecideFallback
  | AttemptCall
  | RecordCallQueued
  | RecordCallAnswered
  | RecordCallFailed
  | RecordCallOutcomeUnknown
  | CancelMessage
  | SuppressMessage;
