// How a submit_sm ends: always in exactly one of these.
import { STATUS } from '../pdu/command-status.js';
import { UnsendablePduError } from '../smpp.errors.js';

/** Why a submit_sm cannot be sent at all; sending it again gives the same. */
export interface Unsendable {
  /** What an SMSC would have answered. */
  readonly commandStatus: number;
  readonly detail: string;
}

export type SubmitEnd =
  | {
      /** submit_sm_resp, or generic_nack, whose status is then never ESME_ROK. */
      readonly end: 'answered';
      readonly commandStatus: number;
      /** Empty unless commandStatus is ESME_ROK. */
      readonly smscMessageId: string;
    }
  | {
      /** No answer in time: it may have been accepted. */
      readonly end: 'timed-out';
    }
  | {
      /** The link went before the answer came: it may have been accepted. */
      readonly end: 'link-lost';
    }
  | {
      /** No octet of it was given to the network. */
      readonly end: 'not-sent';
      /** Present when it is the PDU's own fault: reject it, do not try again. */
      readonly unsendable?: Unsendable;
    };

export interface EndedSubmit<Tag> {
  readonly tag: Tag;
  readonly end: SubmitEnd;
}

export interface LateAnswer<Tag> {
  readonly tag: Tag;
  readonly commandStatus: number;
  readonly smscMessageId: string;
}

/** Whatever made the writing fail, the submit has ended: nothing of it left. */
export function endOfUnsendable(error: unknown): SubmitEnd {
  const unsendable =
    error instanceof UnsendablePduError
      ? { commandStatus: error.commandStatus, detail: error.message }
      : { commandStatus: STATUS.ESME_RSYSERR, detail: String(error) };
  return { end: 'not-sent', unsendable };
}
