// What a connector counts beside its sessions: asks by command and end, and how full its SMSC says it is.
import { STATUS } from './pdu/command-status.js';
import type { AskEnd, AskRequest } from './session/ask.js';

/** refused: answered with another status than ESME_ROK. */
type AskOutcome = 'accepted' | 'refused' | Exclude<AskEnd['end'], 'answered'>;

/** Command → end → how often since the connector was made. */
export type AskCounts = Readonly<Record<AskRequest['command'], Readonly<Record<AskOutcome, number>>>>;

/**
 * congestion_state is only told with an answer: what is older says nothing about now. Longer than the
 * pause between two looks of most monitoring; a guess.
 */
const CONGESTION_SHOWN_MS = 60_000;

export class ConnectorFigures {
  private readonly counts = { query_sm: noEnds(), cancel_sm: noEnds(), replace_sm: noEnds() };
  private told: { readonly state: number; readonly atMs: number } | null = null;

  get asks(): AskCounts {
    const { query_sm, cancel_sm, replace_sm } = this.counts;
    return { query_sm: { ...query_sm }, cancel_sm: { ...cancel_sm }, replace_sm: { ...replace_sm } };
  }

  asked(command: AskRequest['command'], end: AskEnd): void {
    this.counts[command][outcomeOf(end)]++;
  }

  congested(state: number, nowMs: number): void {
    this.told = { state, atMs: nowMs };
  }

  /** What the SMSC said last, 0 idle to 100 congested; null when it said nothing of late. */
  congestionState(nowMs: number): number | null {
    return this.told === null || nowMs - this.told.atMs > CONGESTION_SHOWN_MS ? null : this.told.state;
  }
}

function outcomeOf(end: AskEnd): AskOutcome {
  if (end.end !== 'answered') return end.end;
  return end.commandStatus === STATUS.ESME_ROK ? 'accepted' : 'refused';
}

function noEnds(): Record<AskOutcome, number> {
  return { accepted: 0, refused: 0, 'timed-out': 0, 'link-lost': 0, 'not-sent': 0 };
}
