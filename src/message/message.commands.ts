// What may be asked of a message, in the imperative. Plain data; time and ids come from outside.
import type { Channels, MessageClass, Priority, ReceiptEvidence, VoiceFailure } from './message.events.js';
import type { BinaryBody, Encoding, LongForm, MessageFormat, Replacement } from './message-format.js';
import type { OrderCommand } from './order.commands.js';
import type { DefaultAlphabet } from './short-message.js';
import type { CommandStatus, SubmittedPart, UnknownCause } from './submission.events.js';

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
  /** As it is to be sent; empty with a binary body. */
  readonly text: string;
  readonly encoding: Encoding;
  /** Parts in the form udh8. */
  readonly partCount: number;
  /** Absent for a plain text. */
  readonly format?: MessageFormat;
  readonly binary?: BinaryBody;
  /** What the request had in place of characters of the text. */
  readonly replaced?: readonly Replacement[];
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
  /** The connector's form of a message of several parts; kept from an attempt that may have arrived. */
  readonly longForm: LongForm;
  /** What the connector's SMSC has behind data_coding 0; absent: the GSM alphabet. */
  readonly alphabet?: DefaultAlphabet;
}

/** How often, and how soon, a part is submitted again after a refusal that is not final. */
export interface RetryRule {
  /** Retries after the first refusal with the same status; null: only the validity limits them. */
  readonly limit: number | null;
  readonly firstSeconds: number;
  /** Each pause is this much longer than the one before … */
  readonly factor: number;
  /** … but no longer than this. */
  readonly longestSeconds: number;
}

/** What becomes of a part whose submit was never answered. */
export type InDoubtPolicy =
  | {
      /** Wait for its receipt until the deadline. */
      readonly then: 'hold';
    }
  | {
      /** Send it again, which may duplicate it. */
      readonly then: 'resubmit';
      /** The pause before: long enough for a late response and for most receipts. */
      readonly afterSeconds: number;
      /** How often the link may be lost with the message in flight before it is sent no more. */
      readonly quarantineAfter: number;
    };

/** How one part's submit_sm ended. */
export type PartSubmission =
  | ({ readonly end: 'submitted' } & SubmittedPart)
  | { readonly part: number; readonly end: 'rejected'; readonly commandStatus: CommandStatus }
  | {
      readonly part: number;
      readonly end: 'deferred';
      readonly cause: 'throttled' | 'refused';
      readonly commandStatus: CommandStatus;
      readonly retry: RetryRule;
    }
  | {
      readonly part: number;
      readonly end: 'deferred';
      readonly cause: 'not-sent';
      readonly commandStatus: null;
      readonly retry: RetryRule;
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
  readonly inDoubtPolicy: InDoubtPolicy;
  /** Whether another connector could take what this one refused for now; left out: no. */
  readonly elsewhere?: boolean;
  /** The SMSC is asked how it stands when no receipt came for so long; absent: never. */
  readonly queryAfterSeconds?: number;
  readonly results: readonly PartSubmission[];
}

/**
 * Sends a quarantined message again, by somebody's decision: it may be on the phone already. Refused
 * with MessageNotReleasableError when it is not in quarantine or can no longer be sent.
 */
export interface ReleaseMessage extends Command<'ReleaseMessage'> {
  readonly reason: string;
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

/** Stops a message that may not be sent (opt-out, white list), before any submit; later refused. */
export interface SuppressMessage extends Command<'SuppressMessage'> {
  readonly reason: string;
}

export type MessageCommand =
  | AcceptMessage
  | AttemptSubmit
  | RecordSubmission
  | ReleaseMessage
  | RecordReceipt
  | DecideFallback
  | AttemptCall
  | RecordCallQueued
  | RecordCallAnswered
  | RecordCallFailed
  | RecordCallOutcomeUnknown
  | OrderCommand
  | SuppressMessage;
