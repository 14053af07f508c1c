// What a connector tells its owner.
import type { BindStatus } from './bind-pool.js';
import type { AskCounts } from './connector-figures.js';
import type { AlertNotification } from './pdu/alert-notification.js';
import type { DeliverSm } from './pdu/deliver-sm.js';
import type { SessionCounters } from './session/session-counters.js';
import type { EndedSubmit, LateAnswer } from './session/submit-end.js';

export type ConnectorState = 'down' | 'bound' | 'draining' | 'stopped';

/** A deliver_sm or data_sm. Its octets share memory with the socket's chunk: copy what is kept long. */
export interface IncomingDeliver {
  readonly pdu: DeliverSm;
  /** Answers it, at any later time; the first call counts, none once the link is gone. */
  respond(commandStatus: number): void;
}

/** Calls may throw without harm to the session; what was told in that call is then lost. */
export interface ConnectorListener<Tag> {
  /** At most one call per read of the socket or tick. A surplus comes on the next tick of submit(). */
  submitsEnded(ends: readonly EndedSubmit<Tag>[]): void;
  /** Answers to submits that had ended as timed-out, while the same session lasts. */
  submitAnsweredLate(answers: readonly LateAnswer<Tag>[]): void;
  /** One call per read of the socket. When it throws, what it left unanswered gets tryLaterWith. */
  delivered(pdus: readonly IncomingDeliver[]): void;
  /** alert_notification: phones that can be reached again. Nothing is answered. */
  alerted?(alerts: readonly AlertNotification[]): void;
  /** capacity() may have grown: window, rate, socket buffer or bind. */
  capacityChanged(): void;
  /** Also called for every failed attempt to bind, with `down` and its reason. */
  stateChanged(state: ConnectorState, reason: string): void;
}

export interface ConnectorCounters extends Omit<SessionCounters, 'answersByStatus' | 'bindRefusals'> {
  /** Name of command_status → submit_sm_resp with it. */
  readonly answersByStatus: Readonly<Record<string, number>>;
  /** Sessions bound now. */
  readonly bindsUp: number;
  /** Name of command_status → bind_*_resp with it. */
  readonly bindRefusals: Readonly<Record<string, number>>;
  /** The status by which the SMSC refuses the account, until a bind succeeds; null when it does not. */
  readonly accountRefusedBy: string | null;
  readonly windowInUse: number;
  readonly unansweredDelivers: number;
  /** The rate as throttling has left it; null: no limit. */
  readonly currentSubmitsPerSecond: number | null;
  /** congestion_state as the SMSC told it of late (SMPP 5.0): 0 idle to 100 congested; null: it did not. */
  readonly congestionState: number | null;
  readonly asks: AskCounts;
  readonly sessions: readonly BindStatus[];
}
