// What can happen to the submits of a message: the part of message.events.ts that is about submit_sm.
// The table there says what proves each.
import type { Encoding, LongForm } from './message-format.js';

/** A submit_sm_resp command_status as it came; `name` as in SMPP 3.4 §5.1.3, e.g. ESME_RTHROTTLED. */
export interface CommandStatus {
  readonly code: number;
  readonly name: string;
}

export interface SubmitAttempted {
  /** 1 for the first. */
  readonly attempt: number;
  readonly connector: string;
  /** Number of the sender process (subscription.process_numbers): tells a later one whose attempt this was. */
  readonly sender: string;
  /** Part numbers, from 1, that this attempt submits. */
  readonly parts: readonly number[];
  /** How the message is cut. A part sent later is cut the same way, whatever connector carries it. */
  readonly form: LongForm;
  /** How many parts the message has in this form. */
  readonly total: number;
  /** Present where the connector cannot write the encoding the message was accepted with. */
  readonly encoding?: Encoding;
}

export interface SubmittedPart {
  readonly part: number;
  /** As its receipts name it. */
  readonly smscMessageId: string;
  /** As the SMSC gave it, and wants to be asked by; left out where it is the same. */
  readonly rawSmscMessageId?: string;
}

export interface MessageSubmitted {
  readonly attempt: number;
  readonly connector: string;
  /** Receipts may come through any connector of this group; left out: through this one alone. */
  readonly group?: string;
  readonly parts: readonly SubmittedPart[];
  /** True when the response came after the outcome had been recorded as unknown. */
  readonly late: boolean;
  /** When the SMSC is asked how it stands unless a receipt came; absent: never. ISO 8601 UTC. */
  readonly queryAt?: string;
}

/**
 * throttled: the SMSC asks for less · refused: the SMSC cannot now · not-sent: it never left (link
 * down, shutdown).
 */
export type DeferralCause = 'throttled' | 'refused' | 'not-sent';

export interface SubmitDeferred {
  readonly attempt: number;
  readonly connector: string;
  readonly parts: readonly number[];
  readonly cause: DeferralCause;
  /** Null when the part never left. */
  readonly commandStatus: CommandStatus | null;
  /** Which retry for this status comes next: 1 for the first. */
  readonly retry: number;
  readonly retryAt: string;
}

export type UnknownCause = 'response-timeout' | 'link-lost' | 'process-lost';

export interface SubmitOutcomeUnknown {
  readonly attempt: number;
  readonly connector: string;
  readonly parts: readonly number[];
  readonly cause: UnknownCause;
  /** hold: wait for a receipt until the deadline. resubmit: send again, which may duplicate. */
  readonly policy: 'hold' | 'resubmit';
  /** When the parts are sent again; null with hold. ISO 8601 UTC. */
  readonly retryAt: string | null;
}

/** A final refusal of parts of a message that has been refused, or has ended otherwise, before. */
export interface PartRefused {
  readonly attempt: number;
  readonly connector: string;
  readonly parts: readonly number[];
  readonly commandStatus: CommandStatus;
  readonly retries: number;
}

/** An attempt that was in flight when its link, or the process that held it, was lost. */
export interface Loss {
  readonly attempt: number;
  readonly connector: string;
  readonly cause: Exclude<UnknownCause, 'response-timeout'>;
}

/** Not submitted again by itself. A receipt, a release or the deadline settles it. */
export interface MessageQuarantined {
  /** Parts that are in doubt. */
  readonly parts: readonly number[];
  readonly attempts: number;
  readonly connector: string;
  /** Every attempt that was lost, oldest first: the evidence. */
  readonly losses: readonly Loss[];
}

export interface MessageReleased {
  /** Parts that are sent again though they may be at the SMSC. */
  readonly parts: readonly number[];
  readonly reason: string;
}
