// How each state stands in a receipt: text of SMPP 3.4 Appendix B, message_state of §5.2.28.
// The err values are this simulator's own; the specification leaves them to the vendor.
import { ESM_CLASS_INTERMEDIATE_NOTIFICATION, ESM_CLASS_RECEIPT } from '../wire/pdu.js';

export const RECEIPT_STATS = [
  'ENROUTE',
  'DELIVRD',
  'EXPIRED',
  'DELETED',
  'UNDELIV',
  'ACCEPTD',
  'UNKNOWN',
  'REJECTD',
] as const;

export type ReceiptStat = (typeof RECEIPT_STATS)[number];

export interface ReceiptState {
  readonly messageState: number;
  readonly err: string;
  /** Value of network_error_code; absent where the network reported no error. */
  readonly networkError?: number;
  /** Whether the SMSC says that nothing more will happen to the message. */
  readonly final: boolean;
  readonly esmClass: number;
}

const receipt = { final: true, esmClass: ESM_CLASS_RECEIPT };

export const RECEIPT_STATES: Readonly<Record<ReceiptStat, ReceiptState>> = {
  ENROUTE: { messageState: 1, err: '000', final: false, esmClass: ESM_CLASS_INTERMEDIATE_NOTIFICATION },
  DELIVRD: { ...receipt, messageState: 2, err: '000' },
  EXPIRED: { ...receipt, messageState: 3, err: '020', networkError: 20 },
  DELETED: { ...receipt, messageState: 4, err: '030' },
  UNDELIV: { ...receipt, messageState: 5, err: '001', networkError: 1 },
  ACCEPTD: { ...receipt, messageState: 6, err: '000', final: false },
  UNKNOWN: { ...receipt, messageState: 7, err: '255' },
  REJECTD: { ...receipt, messageState: 8, err: '040', networkError: 40 },
};
