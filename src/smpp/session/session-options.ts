// What one session is told once, when it is made, and the three ways to bind.
import { COMMAND_ID, RESPONSE_BIT } from '../pdu/command-id.js';
import type { StatusTable, TryLater } from '../pdu/command-status.js';
import type { DeliverBudget } from './deliver-budget.js';
import type { TimerLimits } from './session-timers.js';

export interface SessionOptions {
  readonly mode: BindMode;
  readonly bindFields: BindFields;
  /** submit_sm that may await their answer at once. */
  readonly windowSize: number;
  readonly limits: TimerLimits;
  readonly maxPduOctets: number;
  /** What the codes of this SMSC mean. */
  readonly statuses: StatusTable;
  /** Shared with the connector's other sessions, also those before it. */
  readonly deliverBudget: DeliverBudget;
  /** The PDU that carries a part; absent: submit_sm. */
  readonly submitWith?: SubmitWith;
  /** Answers a deliver_sm that the listener threw on; absent: ESME_RSYSERR. */
  readonly tryLaterWith?: TryLater;
}

/** data_sm is for SMSCs that take no other form: see pdu/data-sm.ts for what it cannot carry. */
export type SubmitWith = 'submit_sm' | 'data_sm';

/** SMPP 3.4 §2.2, §4.1. */
export type BindMode = 'transceiver' | 'transmitter' | 'receiver';

/** The parameters of bind_* (§4.1), named as there. Holds the password: never log it. */
export interface BindFields {
  readonly system_id: string;
  readonly password: string;
  readonly system_type: string;
  readonly interface_version: number;
  readonly addr_ton: number;
  readonly addr_npi: number;
  readonly address_range: string;
}

interface BindWords {
  readonly command: string;
  readonly responseId: number;
  readonly bound: 'BOUND_TX' | 'BOUND_RX' | 'BOUND_TRX';
}

export const BIND_MODE: Readonly<Record<BindMode, BindWords>> = {
  transceiver: {
    command: 'bind_transceiver',
    responseId: RESPONSE_BIT + COMMAND_ID.bind_transceiver,
    bound: 'BOUND_TRX',
  },
  transmitter: {
    command: 'bind_transmitter',
    responseId: RESPONSE_BIT + COMMAND_ID.bind_transmitter,
    bound: 'BOUND_TX',
  },
  receiver: {
    command: 'bind_receiver',
    responseId: RESPONSE_BIT + COMMAND_ID.bind_receiver,
    bound: 'BOUND_RX',
  },
};
