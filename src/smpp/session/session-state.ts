// The states of a session (their transitions: session.ts), why one ends, and which of the timers
// run in each.
import type { BindRefusal } from '../pdu/command-status.js';
import type { Phase, TimerCloseCause } from './session-timers.js';

export const PHASE_OF = {
  CONNECTING: 'connecting',
  OPEN: 'binding',
  BINDING: 'binding',
  BOUND_TX: 'bound',
  BOUND_RX: 'bound',
  BOUND_TRX: 'bound',
  DRAINING: 'bound',
  LEAVING: 'leaving',
  UNBINDING: 'unbinding',
  CLOSED: 'closed',
} as const satisfies Record<string, Phase | 'closed'>;

export type SessionState = keyof typeof PHASE_OF;

export type CloseCause =
  | TimerCloseCause
  | 'connect-failed'
  | 'bind-refused'
  | 'framing'
  | 'peer-does-not-read'
  | 'link-lost'
  | 'unbound-by-smsc'
  | 'unbound-by-us'
  | 'stopped';

export interface SessionEnd {
  readonly cause: CloseCause;
  readonly detail: string;
  /** How the bind was refused; null when it was not. */
  readonly refusal: BindRefusal | null;
  /** How long it was bound; 0 when it never was. */
  readonly boundForMs: number;
}
