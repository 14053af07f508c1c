// Everything that can happen to a message, in the past tense, and what proves it.
//
// | event                 | evidence                                                             |
// |-----------------------|----------------------------------------------------------------------|
// | MessageAccepted       | the sender's request, validated                                      |
// | MessageScheduled      | `sendAt` lies ahead                                                  |
// | SubmitAttempted       | none yet: written before the first octet of submit_sm leaves         |
// | MessageSubmitted      | submit_sm_resp ESME_ROK, per part                                    |
// | SubmitDeferred        | a retryable command_status, or the part never left                   |
// | SubmitOutcomeUnknown  | no submit_sm_resp: timeout, link lost, process lost                  |
// | MessageQuarantined    | the link was lost as often as may be while it was in flight          |
// | MessageReleased       | somebody asked for it to be sent again after all                     |
// | MessageBuffered       | receipt ENROUTE / ACCEPTD / UNKNOWN: nothing final is said           |
// | PartReported          | receipt of one part that does not decide the message's status        |
// | MessageDelivered      | receipt DELIVRD of the last missing part                             |
// | MessageUndelivered    | receipt UNDELIV / DELETED, or any failure of one of several parts    |
// | MessageExpired        | receipt EXPIRED, or validity over before every part was submitted    |
// | MessageRejected       | final command_status at submit, retries used up, or receipt REJECTD  |
// | PartRefused           | as MessageRejected, of a message whose status is final already       |
// | MessageCancelled      | a request before submit; cancel_sm_resp ESME_ROK; receipt DELETED    |
// | MessageSuppressed     | opt-out or white list, checked at submit                             |
// | ReceiptContradicted   | a final receipt that disagrees with the recorded one                 |
// | FallbackDecided       | rule and evidence named inside; at most one in the life of a message |
// | VoiceAttempted        | none yet: written before the call is requested                       |
// | VoiceQueued           | the gateway took the call and named its session                      |
// | VoiceAnswered         | the gateway's final report                                           |
// | VoiceFailed           | the gateway's refusal or final report                                |
// | VoiceOutcomeUnknown   | no answer to the request, or no final report in time; never redialled |
//
// What is asked of the SMSC about a message it has (cancel, replace, query): order.events.ts.
//
// Personal data (numbers, texts) stands only in sub-objects named `personal`.
// A merged event type is never edited: a new shape is a new schemaVersion with an upcaster.

import type { BinaryBody, Encoding, MessageFormat, Replacement } from './message-format.js';
import type { OrderEventData, PartAtSmsc } from './order.events.js';
import type {
  CommandStatus,
  MessageQuarantined,
  MessageReleased,
  MessageSubmitted,
  PartRefused,
  SubmitAttempted,
  SubmitDeferred,
  SubmitOutcomeUnknown,
} from './submission.events.js';

export type Priority = 'high' | 'normal' | 'low';
export type MessageClass = 'transactional' | 'otp' | 'marketing' | 'emergency';
/** What a channel must reach to count as success. `submitted` is for routes without receipts. */
export type SmsSuccess = 'delivered' | 'submitted';

export interface SmsChannel {
  readonly channel: 'sms';
  /** How long after the first submit a final receipt is awaited, in seconds. */
  readonly fallbackAfterSeconds: number;
  readonly successStatus: SmsSuccess;
}

export interface VoiceChannel {
  readonly channel: 'voice';
  /** Calls at most, the first included. Only busy and no answer are tried again. */
  readonly maxCalls: number;
  /** Pause between two calls, in seconds. */
  readonly retryAfterSeconds: number;
}

/** Ordered: an SMS alone, or an SMS and then a call. */
export type Channels = readonly [SmsChannel] | readonly [SmsChannel, VoiceChannel];

/** SMPP 3.4 §5.2.28 message_state, in words. */
export type ReceiptState =
  'enroute' | 'accepted' | 'delivered' | 'expired' | 'deleted' | 'undeliverable' | 'unknown' | 'rejected';

/** A delivery receipt as the listener understood it, with what it read. */
export interface ReceiptEvidence {
  /** Equal for equal receipts, so that a repeated one is recognised. */
  readonly receiptId: string;
  readonly connector: string;
  /** As in MessageSubmitted. */
  readonly group?: string;
  readonly smscMessageId: string;
  readonly state: ReceiptState;
  /** The SMSC's own error code, raw; null when absent. */
  readonly networkError: string | null;
  /** When the SMSC says it was done, raw (YYMMDDhhmm[ss], its local time); null when absent. */
  readonly doneDate: string | null;
  /** The same as ISO 8601 UTC; left out while the SMSC's time zone is not known. */
  readonly doneAt?: string;
  /** When we received it: ISO 8601 UTC. */
  readonly receivedAt: string;
  /** The receipt text as it came, cut before any user text. */
  readonly raw: string;
  /**
   * Present when it is the answer to a query_sm and not a receipt: weaker, for some SMSCs are known to
   * answer from a cache. The first final word stays all the same, whichever way it came.
   */
  readonly source?: 'query';
}

export interface MessageAccepted {
  readonly messageId: string;
  readonly from: string;
  readonly encoding: Encoding;
  /** Parts in the form udh8. The form that is used is fixed by the attempt: SubmitAttempted.total. */
  readonly partCount: number;
  /** Absent for a plain text. */
  readonly format?: MessageFormat;
  readonly priority: Priority;
  readonly class: MessageClass;
  readonly channels: Channels;
  /** Not submitted after this instant: ISO 8601 UTC. */
  readonly validUntil: string;
  readonly sendAt: string | null;
  readonly reference: string | null;
  readonly batch: string | null;
  /** Language of the text for the spoken call, BCP 47; null: the gateway's default. */
  readonly locale: string | null;
  readonly personal: {
    readonly to: string;
    /** As it is sent and spoken; empty with a binary body. */
    readonly text: string;
    readonly binary?: BinaryBody;
    /** Characters of the request that are not in the text as sent. */
    readonly replaced?: readonly Replacement[];
  };
}

export interface MessageScheduled {
  readonly sendAt: string;
}

export interface MessageBuffered {
  readonly part: number;
  readonly receipt: ReceiptEvidence;
}

export interface PartReported {
  readonly part: number;
  readonly receipt: ReceiptEvidence;
}

export interface MessageDelivered {
  readonly part: number;
  readonly receipt: ReceiptEvidence;
}

export interface MessageUndelivered {
  readonly part: number;
  readonly reason: string;
  readonly receipt: ReceiptEvidence;
}

export type MessageExpired =
  | { readonly cause: 'validity'; readonly reason: string }
  | {
      readonly cause: 'receipt';
      readonly reason: string;
      readonly part: number;
      readonly receipt: ReceiptEvidence;
    };

export type MessageRejected =
  | {
      readonly cause: 'submit';
      readonly reason: string;
      readonly attempt: number;
      readonly connector: string;
      readonly parts: readonly number[];
      readonly commandStatus: CommandStatus;
      /** How often it had been submitted again after this status; 0 for a status that is final. */
      readonly retries: number;
    }
  | {
      readonly cause: 'receipt';
      readonly reason: string;
      readonly part: number;
      readonly receipt: ReceiptEvidence;
    };

export type MessageCancelled =
  | {
      /** Nothing of it was at an SMSC, or not the whole. */
      readonly by: 'request';
      readonly reason: string;
    }
  | {
      /** cancel_sm_resp ESME_ROK about these parts. */
      readonly by: 'smsc';
      readonly reason: string;
      readonly attempt: number;
      readonly parts: readonly PartAtSmsc[];
    }
  | {
      /** A receipt says DELETED after a cancel was asked for. */
      readonly by: 'receipt';
      readonly reason: string;
      readonly part: number;
      readonly receipt: ReceiptEvidence;
    };

export interface MessageSuppressed {
  readonly reason: string;
}

export interface ReceiptContradicted {
  readonly part: number;
  readonly recorded: ReceiptState;
  readonly receipt: ReceiptEvidence;
}

/** Why the SMS is taken as failed. */
export type FallbackRule = 'rejected' | 'undelivered' | 'expired' | 'no-receipt' | 'in-doubt';

export interface FallbackDecided {
  /** give-up: the policy has no further channel; the message is not reached. */
  readonly decision: 'voice' | 'give-up';
  readonly rule: FallbackRule;
  /** What it rests on, in words, with the ids or instants that prove it. */
  readonly evidence: string;
  /** When the call is due: ISO 8601 UTC; null for give-up. */
  readonly callAt: string | null;
}

export interface VoiceAttempted {
  /** 1 for the first call. */
  readonly attempt: number;
  readonly gateway: string;
  /** No final report by then: outcome unknown. ISO 8601 UTC. */
  readonly reportDueAt: string;
}

export interface VoiceQueued {
  readonly attempt: number;
  readonly sessionId: string;
}

export interface VoiceAnswered {
  readonly attempt: number;
  readonly sessionId: string;
  readonly durationSeconds: number;
  /** The gateway's final report as it came, without numbers. */
  readonly raw: string;
}

export type VoiceFailure =
  'busy' | 'no-answer' | 'declined' | 'unreachable' | 'invalid-number' | 'refused-by-gateway' | 'failed';

export interface VoiceFailed {
  readonly attempt: number;
  readonly sessionId: string | null;
  readonly failure: VoiceFailure;
  /** The gateway's word for it, e.g. USER_BUSY. */
  readonly reason: string;
  /** When the next call is due; null when there is none. ISO 8601 UTC. */
  readonly retryAt: string | null;
  readonly raw: string;
}

export interface VoiceOutcomeUnknown {
  readonly attempt: number;
  readonly cause: 'request-unanswered' | 'no-final-report' | 'process-lost';
  readonly detail: string;
}

export interface MessageEventData extends OrderEventData {
  MessageAccepted: MessageAccepted;
  MessageScheduled: MessageScheduled;
  SubmitAttempted: SubmitAttempted;
  MessageSubmitted: MessageSubmitted;
  SubmitDeferred: SubmitDeferred;
  SubmitOutcomeUnknown: SubmitOutcomeUnknown;
  PartRefused: PartRefused;
  MessageQuarantined: MessageQuarantined;
  MessageReleased: MessageReleased;
  MessageBuffered: MessageBuffered;
  PartReported: PartReported;
  MessageDelivered: MessageDelivered;
  MessageUndelivered: MessageUndelivered;
  MessageExpired: MessageExpired;
  MessageRejected: MessageRejected;
  MessageCancelled: MessageCancelled;
  MessageSuppressed: MessageSuppressed;
  ReceiptContradicted: ReceiptContradicted;
  FallbackDecided: FallbackDecided;
  VoiceAttempted: VoiceAttempted;
  VoiceQueued: VoiceQueued;
  VoiceAnswered: VoiceAnswered;
  VoiceFailed: VoiceFailed;
  VoiceOutcomeUnknown: VoiceOutcomeUnknown;
}

export type MessageEventType = keyof MessageEventData;

/** One event of a message. `at` is the instant of the command that caused it, ISO 8601 UTC. */
export type MessageEvent = {
  [Type in MessageEventType]: {
    readonly type: Type;
    readonly at: string;
    readonly data: MessageEventData[Type];
  };
}[MessageEventType];
