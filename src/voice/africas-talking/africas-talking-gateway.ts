// Requests calls from Africa's Talking: POST {baseUrl}/call, form-encoded. One request per call
// and never a second one: what went wrong on the way is an outcome, not a reason to repeat.
import type { Clock } from '../../clock/clock.js';
import { labelOf } from '../call-label.js';
import { type CallRequest, type CallRequestOutcome, VoiceGateway } from '../voice-gateway.js';
import { readCallAnswer, readCallException } from './call-answer.js';

export interface AfricasTalkingSettings {
  /** Without `/call`, e.g. https://voice.africastalking.com */
  readonly baseUrl: string;
  /** `sandbox` on the sandbox host. */
  readonly username: string;
  readonly apiKey: string;
  /** The number the call comes from, registered with the account: E.164. */
  readonly from: string;
  /** Until the whole answer is there; then the outcome is unknown. */
  readonly requestTimeoutMs: number;
}

// An answer for one number is below 1 KiB; an endless one must not fill the memory.
const ANSWER_OCTETS = 65_536;

export class AfricasTalkingGateway extends VoiceGateway {
  override readonly name = 'africas-talking';
  private readonly callUrl: string;

  constructor(
    private readonly settings: AfricasTalkingSettings,
    private readonly clock: Clock,
  ) {
    super();
    this.callUrl = `${settings.baseUrl.replace(/\/+$/, '')}/call`;
  }

  override async requestCall(call: CallRequest): Promise<CallRequestOutcome> {
    const timeout = new AbortController();
    const cancel = this.clock.after(this.settings.requestTimeoutMs, () => {
      timeout.abort();
    });
    try {
      const response = await fetch(this.callUrl, this.requestFor(call, timeout.signal));
      return readCallAnswer(response.status, await bodyOf(response));
    } catch (error) {
      if (timeout.signal.aborted) {
        return { status: 'unknown', detail: `no answer within ${String(this.settings.requestTimeoutMs)} ms` };
      }
      return readCallException(error);
    } finally {
      cancel();
    }
  }

  private requestFor(call: CallRequest, signal: AbortSignal): RequestInit {
    return {
      method: 'POST',
      headers: {
        apikey: this.settings.apiKey,
        accept: 'application/json',
        // A kept connection may be closed by the gateway just as we send, and the call would be
        // in doubt for nothing. A fresh one costs one handshake per call.
        connection: 'close',
      },
      body: new URLSearchParams({
        username: this.settings.username,
        from: this.settings.from,
        to: call.to,
        clientRequestId: labelOf(call),
      }),
      // Following a 307 or 308 would send the request a second time.
      redirect: 'manual',
      signal,
    };
  }
}

async function bodyOf(response: Response): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let octets = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    octets += chunk.byteLength;
    // Leaving the loop cancels the rest of the stream.
    if (octets >= ANSWER_OCTETS) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, ANSWER_OCTETS);
}
