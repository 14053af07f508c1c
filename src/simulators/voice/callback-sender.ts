// Posts one callback and reads the answer. Knows when it has been sent, before it is answered:
// a real gateway's callback may overtake its own answer to the call request.
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Clock } from '../../clock/clock.js';

export interface CallbackAnswer {
  /** Null: there was no answer. */
  readonly httpStatus: number | null;
  readonly body: string;
}

export type CallbackFields = Readonly<Record<string, string>>;

// A gateway does not wait for ever, nor read for ever.
const ANSWER_TIMEOUT_MS = 10_000;
const ANSWER_CHARACTERS = 65_536;

export class CallbackSender {
  private readonly underWay = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /**
   * @param sent called once the whole request has been handed to the network, or has failed
   * @returns the answer; never rejects
   */
  post(
    url: string,
    fields: CallbackFields,
    format: 'form' | 'json',
    sent: () => void,
  ): Promise<CallbackAnswer> {
    const body = format === 'json' ? JSON.stringify(fields) : new URLSearchParams(fields).toString();
    const type = format === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
    const open = url.startsWith('https:') ? requestHttps : requestHttp;
    return new Promise((resolve) => {
      const request = open(url, {
        method: 'POST',
        agent: false,
        headers: { 'content-type': type, 'content-length': Buffer.byteLength(body) },
      });
      const abandon = (): void => {
        request.destroy();
      };
      const cancel = this.clock.after(ANSWER_TIMEOUT_MS, abandon);
      let httpStatus: number | null = null;
      let text = '';
      const end = (): void => {
        cancel();
        this.underWay.delete(abandon);
        sent();
        resolve({ httpStatus, body: text });
      };
      this.underWay.add(abandon);
      request.on('finish', sent);
      request.on('error', end);
      request.on('response', (response) => {
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          if (text.length < ANSWER_CHARACTERS) text += chunk;
        });
        response.on('error', end);
        response.on('end', () => {
          httpStatus = response.statusCode ?? null;
          end();
        });
      });
      request.end(body);
    });
  }

  close(): void {
    for (const abandon of this.underWay) abandon();
  }
}
