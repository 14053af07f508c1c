// A voice gateway that answers what the test says and remembers what it was asked.
import { type CallRequest, type CallRequestOutcome, VoiceGateway } from '../../src/voice/voice-gateway.js';

export type CallAnswer = (call: CallRequest) => CallRequestOutcome | Promise<CallRequestOutcome>;

export class ScriptedVoiceGateway extends VoiceGateway {
  override readonly name = 'scripted';
  readonly requests: CallRequest[] = [];

  constructor(public answer: CallAnswer = queuedBySession) {
    super();
  }

  override async requestCall(call: CallRequest): Promise<CallRequestOutcome> {
    this.requests.push(call);
    return this.answer(call);
  }
}

/** Every call is taken; its session is named after message and attempt. */
export function queuedBySession(call: CallRequest): CallRequestOutcome {
  return { status: 'queued', sessionId: `session-${call.messageId}-${String(call.attempt)}` };
}
