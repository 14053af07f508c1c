// The states of a message, as types. How events change them: message.ts.
import type { Channels, MessageClass, Priority, ReceiptState } from './message.events.js';
import type { DeferralCount } from './deferrals.js';
import type { BinaryBody, Encoding, LongForm, MessageFormat, Replacement } from './message-format.js';
import type { DeferralCause, Loss } from './submission.events.js';

/**
 * The SMS half of a message. Derived from its parts while open; the last six are final: once
 * reached, the status never changes.
 *
 * accepted, scheduled: no part can be at the SMSC · submitting: not every part is out yet ·
 * in-doubt: some part may or may not be at the SMSC · quarantined: in doubt, and not sent again
 * because the link is lost whenever it is in flight · submitted: every part is at the SMSC ·
 * buffered: the SMSC says that it still holds a part.
 */
export type MessageStatus =
  | 'accepted'
  | 'scheduled'
  | 'submitting'
  | 'submitted'
  | 'in-doubt'
  | 'quarantined'
  | 'buffered'
  | 'delivered'
  | 'undelivered'
  | 'rejected'
  | 'expired'
  | 'cancelled'
  | 'suppressed';

/** Decided once: when it is no longer pending it never changes, whatever arrives later. */
export type Outcome = 'pending' | 'reached-by-sms' | 'reached-by-voice' | 'not-reached';

/** One submit_sm of the message. `attempt` is that of its last submit. */
export type Part =
  | {
      readonly state: 'waiting';
      /** Earlier attempts of unknown outcome that were not waited for (policy resubmit). */
      readonly doubts: number;
    }
  | {
      readonly state: 'submitting' | 'in-doubt';
      readonly attempt: number;
      readonly doubts: number;
    }
  | { readonly state: 'rejected'; readonly attempt: number; readonly reason: string }
  | {
      readonly state: 'submitted' | 'buffered';
      readonly attempt: number;
      readonly connector: string;
      readonly smscMessageId: string;
      /** As in SubmittedPart. */
      readonly rawSmscMessageId?: string;
    }
  | {
      /** A final receipt is recorded. */
      readonly state: 'reported';
      readonly attempt: number;
      readonly connector: string;
      readonly smscMessageId: string;
      /** As in SubmittedPart. */
      readonly rawSmscMessageId?: string;
      readonly receiptState: ReceiptState;
      readonly networkError: string | null;
    };

/** The spoken half of a message. */
export type Voice =
  | { readonly state: 'none' }
  | { readonly state: 'due'; readonly callAt: string; readonly callsMade: number }
  | {
      readonly state: 'calling';
      readonly attempt: number;
      readonly sessionId: string | null;
      readonly reportDueAt: string;
    }
  | { readonly state: 'answered'; readonly attempt: number }
  | { readonly state: 'failed'; readonly attempt: number; readonly reason: string }
  | { readonly state: 'unknown'; readonly attempt: number; readonly sessionId: string | null };

/** What the SMSC is being asked to do with the message. */
export type Order =
  | { readonly kind: 'cancel'; readonly reason: string; readonly tries: number; readonly dueAt: string }
  | { readonly kind: 'replace'; readonly text: string; readonly tries: number; readonly dueAt: string };

/** How often the SMSC was asked how it stands, and when it is asked next. */
export interface Query {
  readonly made: number;
  /** Null: not again. */
  readonly nextAt: string | null;
  /** The last query told nothing of some part. */
  readonly failed: boolean;
  /** Why it was given up; null: it was not. */
  readonly failure: string | null;
}

/** How a message is cut into parts. */
export interface SubmitShape {
  readonly form: LongForm;
  readonly encoding: Encoding;
  /** Attempts before this one cut the message differently: their results are of other parts. */
  readonly sinceAttempt: number;
}

export interface KnownMessage {
  readonly messageId: string;
  readonly status: MessageStatus;
  readonly outcome: Outcome;
  /** Why it stands as it stands, in one line; null while all goes well. */
  readonly reason: string | null;
  readonly to: string;
  readonly from: string;
  /** As it goes, or went, to the SMSC and into the call. */
  readonly text: string;
  /** As it was accepted. */
  readonly acceptedText: string;
  readonly acceptedEncoding: Encoding;
  /** Of the text before the submit; an attempt may need another: shape.encoding. */
  readonly encoding: Encoding;
  /** Parts in the form udh8, before the submit. */
  readonly partCount: number;
  /** Null for a plain text. */
  readonly format: MessageFormat | null;
  readonly binary: BinaryBody | null;
  /** Characters of the request that are not in the text. */
  readonly replaced: readonly Replacement[];
  readonly priority: Priority;
  readonly class: MessageClass;
  readonly channels: Channels;
  readonly validUntil: string;
  readonly sendAt: string | null;
  readonly reference: string | null;
  readonly batch: string | null;
  readonly locale: string | null;
  readonly acceptedAt: string;
  /** Index 0 is part 1. Before the first attempt as many as the form udh8 has. */
  readonly parts: readonly Part[];
  /** How the last attempt cut the message; null before the first. */
  readonly shape: SubmitShape | null;
  /** Number of submit attempts so far. */
  readonly attempts: number;
  /** Earliest instant of the next submit; null: at once. */
  readonly retryAt: string | null;
  /**
   * When the first submit that may have reached the SMSC was attempted; receipts are awaited from
   * here. Null again when every attempt so far was deferred.
   */
  readonly firstAttemptAt: string | null;
  /** When the last submit was attempted, and by whom. */
  readonly lastAttempt: { readonly at: string; readonly sender: string; readonly connector: string } | null;
  /** How often it was deferred, by status; bounded (deferrals.ts). */
  readonly deferrals: readonly DeferralCount[];
  /** Where the last deferral came from; null before the first. */
  readonly lastDeferral: { readonly connector: string; readonly cause: DeferralCause } | null;
  /** Attempts that were in flight when their link or process was lost, oldest first. */
  readonly losses: readonly Loss[];
  /** Not submitted again while some part is in doubt. */
  readonly quarantined: boolean;
  readonly fallbackDecided: boolean;
  /** Why the sender wants it cancelled; null: it does not. Nothing more is sent then, nobody called. */
  readonly withdrawn: string | null;
  readonly order: Order | null;
  /** Why the last order was not carried out, in words; null: it was, or there was none. */
  readonly refusal: string | null;
  /** Null: the connector does not ask. */
  readonly query: Query | null;
  readonly voice: Voice;
  /**
   * receiptIds of receipts that settled no part: intermediate and contradicting ones. The repeat of
   * a final receipt is recognised by its part. Bounded: receipt.decider.ts.
   */
  readonly receiptIds: readonly string[];
}

export type Message = { readonly status: 'none' } | KnownMessage;

export const initialState: Message = { status: 'none' };
