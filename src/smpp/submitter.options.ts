// What the submitter is told of its connector.
import type { InDoubtPolicy } from '../message/message.commands.js';
import type { StatusMeaning } from './pdu/command-status.js';
import type { ReceiptOptions } from './pdu/receipt-options.js';
import type { SubmitSm } from './pdu/submit-sm.js';
import type { Submission } from './submission.js';

/** What the submitter needs of a connector. */
export interface SubmitPort {
  readonly name: string;
  /** False while it takes nothing for other reasons than window and rate. */
  readonly isAvailable: boolean;
  capacity(): number;
  /** What a command_status of this SMSC asks of the sender. */
  meaningOf(commandStatus: number): StatusMeaning;
  submit(items: readonly { readonly pdu: SubmitSm; readonly tag: Submission }[]): void;
}

export interface SubmitterOptions {
  /** As it stands in SubmitAttempted.sender. */
  readonly sender: string;
  readonly inDoubtPolicy: InDoubtPolicy;
  /** The connectors that share receipts with this one; left out: it alone. */
  readonly group?: string;
  /** How the SMSC writes its ids. */
  readonly receipts?: ReceiptOptions;
  /** Whether another connector could carry what this one refuses now; left out: never. */
  readonly hasAlternative?: () => boolean;
  /** Absent: the connector does not query. */
  readonly queryAfterSeconds?: number;
}
