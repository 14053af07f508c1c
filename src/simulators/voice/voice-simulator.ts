// A voice gateway that calls nobody: speaks Africa's Talking's HTTP protocol, reads the XML and
// keeps a ledger of every call. For tests, and for trying the service without an account.
//
// | request              | does                                                        |
// |----------------------|-------------------------------------------------------------|
// | POST /version1/call  | dials, by the script of the number or by the rule           |
// | POST /scripts        | {number, calls:[script…]}: the next calls of a number       |
// | PATCH /settings      | changes settings while it runs                              |
// | GET /ledger          | every call: number, session, spoken text, callbacks         |
// | GET /counters        | totals                                                      |
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock, Randomness } from '../../clock/clock.js';
import { SystemClock, SystemRandomness } from '../../clock/system-clock.js';
import { CallLedger, type CallRecord } from './call-ledger.js';
import { type CallScript, scriptByRule } from './call-script.js';
import { answerWith, refusalOf } from './call-response.js';
import { CallbackSender } from './callback-sender.js';
import { bodyOf, json, type Reply, REQUEST_OCTETS, send, text } from './http-reply.js';
import { SimulatedCall } from './simulated-call.js';
import {
  checkedScript,
  checkedSettings,
  SIMULATOR_DEFAULTS,
  SimulatorSettingError,
  type VoiceSimulatorSettings,
} from './simulator-settings.js';

export interface VoiceSimulatorOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly host: string;
  readonly settings: Partial<VoiceSimulatorSettings>;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

export class VoiceSimulator {
  readonly ledger = new CallLedger();
  private settings: VoiceSimulatorSettings;
  private readonly scripts = new Map<string, Partial<CallScript>[]>();
  private readonly sender: CallbackSender;
  private readonly server: Server;
  private readonly pauses = new Set<() => void>();
  private readonly running = new Set<Promise<void>>();
  private closing = false;

  private constructor(
    settings: Partial<VoiceSimulatorSettings>,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
  ) {
    this.settings = { ...SIMULATOR_DEFAULTS, ...checkedSettings(settings) };
    this.sender = new CallbackSender(clock);
    this.server = createServer((request, response) => {
      this.serve(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      });
    });
  }

  /** @throws SimulatorSettingError; or the socket's error when the port is taken */
  static async listen(options: Partial<VoiceSimulatorOptions> = {}): Promise<VoiceSimulator> {
    const { settings = {}, clock = new SystemClock(), randomness = new SystemRandomness() } = options;
    const simulator = new VoiceSimulator(settings, clock, randomness);
    await new Promise<void>((resolve, reject) => {
      simulator.server.once('error', reject);
      simulator.server.listen(options.port ?? 0, options.host ?? '127.0.0.1', () => {
        simulator.server.off('error', reject);
        resolve();
      });
    });
    return simulator;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** What the service takes as the gateway's base URL. */
  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}/version1`;
  }

  /** @throws SimulatorSettingError; nothing has changed then */
  configure(settings: Partial<VoiceSimulatorSettings>): void {
    this.settings = { ...this.settings, ...checkedSettings(settings) };
  }

  /** The next calls of a number, in order; the last script holds for all that follow. */
  script(number: string, calls: readonly Partial<CallScript>[]): void {
    this.scripts.set(number, calls.map(checkedScript));
  }

  /** Ends every call where it stands, without a report. */
  async close(): Promise<void> {
    this.closing = true;
    for (const endPause of this.pauses) endPause();
    this.sender.close();
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    this.server.closeAllConnections();
    await Promise.all([closed, ...this.running]);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method ?? ''} ${(request.url ?? '').split('?')[0] ?? ''}`;
    const body = await bodyOf(request);
    if (body === null) {
      send(response, text(413, `Request body is larger than ${REQUEST_OCTETS} octets`));
      return;
    }
    if (route === 'POST /version1/call') {
      await this.takeCall(request, body, response);
      return;
    }
    try {
      send(response, this.control(route, body));
    } catch (error) {
      if (!(error instanceof SimulatorSettingError || error instanceof SyntaxError)) throw error;
      send(response, text(400, error.message));
    }
  }

  private control(route: string, body: string): Reply {
    switch (route) {
      case 'GET /ledger':
        return json(200, this.ledger.calls);
      case 'GET /counters':
        return json(200, this.ledger.counters);
      case 'PATCH /settings':
        this.configure(JSON.parse(body) as Partial<VoiceSimulatorSettings>);
        return json(200, { ...this.settings, callbackUrl: undefined, apiKey: undefined });
      case 'POST /scripts': {
        const script = JSON.parse(body) as { number?: unknown; calls?: unknown } | null;
        const { number, calls } = script ?? {};
        if (typeof number !== 'string' || !Array.isArray(calls)) {
          throw new SimulatorSettingError('script: must be {"number":"+…","calls":[{…}]}');
        }
        this.script(number, calls as Partial<CallScript>[]);
        return json(200, { number, calls: calls.length });
      }
      default:
        return text(404, `No such resource: ${route}`);
    }
  }

  private async takeCall(request: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(body);
    const { apiKey } = this.settings;
    const missing = ['username', 'from', 'to'].find((name) => (form.get(name) ?? '') === '');
    if (apiKey !== null && request.headers['apikey'] !== apiKey) {
      send(response, text(401, 'The supplied authentication is invalid'));
      return;
    }
    if (missing !== undefined) {
      send(response, text(400, `Required parameter is missing: ${missing}`));
      return;
    }
    const label = form.get('clientRequestId');
    const numbers = (form.get('to') ?? '').split(',').map((number) => number.trim());
    const from = form.get('from') ?? '';
    const entries: object[] = [];
    // The first number's script decides how the one request is answered.
    let first: { readonly script: CallScript; readonly sent: Promise<void> } | undefined;
    for (const number of numbers) {
      this.ledger.requested(label);
      const script = this.nextScript(number);
      const { entry, sent } = this.dial(number, from, label, script);
      entries.push(entry);
      first ??= { script, sent };
    }
    if (first === undefined) return;
    if (first.script.callbackFirst) await first.sent;
    await this.pause(first.script.responseDelayMs);
    answerWith(first.script.response, entries, response);
  }

  private nextScript(number: string): CallScript {
    const { rule, shares } = this.settings;
    const scripted = this.scripts.get(number);
    const own = scripted !== undefined && scripted.length > 1 ? scripted.shift() : scripted?.[0];
    return { ...this.settings, ...(own ?? scriptByRule(number, rule, shares, this.randomness)) };
  }

  /** Dials unless the script refuses; `sent` resolves when the first callback has left. */
  private dial(
    number: string,
    from: string,
    label: string | null,
    script: CallScript,
  ): { readonly entry: object; readonly sent: Promise<void> } {
    const refusal = refusalOf(number, script);
    if (refusal !== null) {
      this.ledger.refused();
      const entry = { phoneNumber: number, status: refusal, sessionId: 'None' };
      return { entry, sent: Promise.resolve() };
    }
    const sessionId = `ATVId_${Buffer.from(this.randomness.bytes(16)).toString('hex')}`;
    const call: CallRecord = {
      sessionId,
      number,
      from,
      label,
      end: script.end,
      requestedAt: this.clock.isoNow(),
      state: 'ringing',
      spokenText: null,
      voice: null,
      problem: null,
      callbacks: [],
    };
    this.ledger.dialled(call);
    const sent = new Promise<void>((resolve) => {
      const run = new SimulatedCall(call, script, this.surroundings(), resolve).run().finally(() => {
        this.running.delete(run);
      });
      this.running.add(run);
    });
    return { entry: { phoneNumber: number, status: 'Queued', sessionId }, sent };
  }

  private surroundings(): ConstructorParameters<typeof SimulatedCall>[2] {
    const { clock, ledger, sender } = this;
    return {
      clock,
      ledger,
      sender,
      settings: () => this.settings,
      pause: (ms) => this.pause(ms),
      closed: () => this.closing,
    };
  }

  private pause(ms: number): Promise<void> {
    if (ms === 0 || this.closing) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.clock.after(ms, () => {
        endPause();
      });
      const endPause = (): void => {
        cancel();
        this.pauses.delete(endPause);
        resolve();
      };
      this.pauses.add(endPause);
    });
  }
}
