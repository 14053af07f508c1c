// The voice port: asks somebody who can telephone to call a person and speak a text.
import type { VoiceFailure } from '../message/message.events.js';

export interface CallRequest {
  readonly messageId: string;
  /** 1 for the first call of the message. */
  readonly attempt: number;
  /** E.164. */
  readonly to: string;
}

/**
 * queued: the gateway took the call; its reports carry `sessionId`. refused: it said no, nobody
 * is called. unknown: no clear answer, the phone may ring; never ask again for this attempt.
 */
export type CallRequestOutcome =
  | { readonly status: 'queued'; readonly sessionId: string }
  | {
      readonly status: 'refused';
      readonly failure: VoiceFailure;
      readonly reason: string;
      readonly raw: string;
    }
  | { readonly status: 'unknown'; readonly detail: string };

export abstract class VoiceGateway {
  /** As it stands in events and metrics. */
  abstract readonly name: string;

  /** Requests one call. Never throws: every failure is one of the three outcomes. */
  abstract requestCall(call: CallRequest): Promise<CallRequestOutcome>;
}
