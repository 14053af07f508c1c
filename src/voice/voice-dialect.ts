// How one gateway reports on calls and is told what to say: its words in, ours out, and back.
// Pure: no network, no clock.
import type { VoiceFailure } from '../message/message.events.js';
import type { CallRef } from './call-directory.js';

/** A report as we understand it. */
export type CallReport = {
  readonly sessionId: string;
  /** The call our own label names, for gateways that hand the label back; null otherwise. */
  readonly labelled: CallRef | null;
} & (
  | { /** The person has picked up and listens. */ readonly kind: 'picked-up' }
  | { readonly kind: 'answered'; readonly durationSeconds: number; readonly raw: string }
  | {
      readonly kind: 'failed';
      readonly failure: VoiceFailure;
      /** The gateway's word for it. */
      readonly reason: string;
      readonly raw: string;
    }
);

/** What a report is answered with. */
export interface Instruction {
  readonly contentType: string;
  readonly body: string;
}

export abstract class VoiceDialect {
  /**
   * Reads the parsed body (form or JSON) of a report. `raw` of the result holds no number.
   * @throws UnreadableReportError naming the field: answer 400.
   */
  abstract readReport(body: unknown): CallReport;

  /** Speak `text`, any text, exactly, in `locale` (BCP 47) where the gateway can. */
  abstract speak(text: string, locale: string | null): Instruction;

  /** Say nothing and end the call. */
  abstract hangUp(): Instruction;
}
