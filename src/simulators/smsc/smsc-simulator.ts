// An SMSC to test and measure against: SMPP 3.4 on one port, control over HTTP on another.
// Knobs: outcome/settings.ts. What it does with a submit: outcome/submit-planner.ts.
import { type AddressInfo, createServer, type Server } from 'node:net';
import { type Clock, type Randomness } from '../../clock/clock.js';
import { SystemClock, SystemRandomness } from '../../clock/system-clock.js';
import { type AlertInput, readAlert } from './control/alert.js';
import { ControlApi } from './control/control-api.js';
import { type MadeUpDeliveryInput, readMadeUpDelivery } from './control/made-up-delivery.js';
import { type MobileMessageInput, planMobileMessage } from './control/mobile-message.js';
import type { Account } from './delivery/account.js';
import { MadeUpDelivery } from './delivery/delivery.js';
import { type Script, type ScriptInput } from './outcome/script.js';
import {
  DEFAULT_SETTINGS,
  type DisconnectMode,
  type Settings,
  type SettingsChange,
  withChange,
} from './outcome/settings.js';
import type { CountersSnapshot } from './record/counters.js';
import { countersSnapshot } from './record/counters-snapshot.js';
import type { LatencySummary } from './record/latency-histogram.js';
import type { LedgerOptions, RecordedEntry } from './record/ledger.js';
import { AskDesk } from './session/ask-desk.js';
import { Centre, type CentreSession } from './session/centre.js';
import { Session } from './session/session.js';
import { SubmitDesk } from './session/submit-desk.js';
import { OptionInvalidError } from './smsc-simulator.errors.js';

export interface SmscSimulatorOptions {
  readonly host?: string;
  /** 0, the default: any free port. */
  readonly port?: number;
  /** 0: any free port. null, the default: no control over HTTP. Always on 127.0.0.1. */
  readonly httpPort?: number | null;
  readonly accounts?: readonly { readonly systemId: string; readonly password: string }[];
  readonly settings?: SettingsChange;
  readonly ledger?: LedgerOptions['keep'];
  readonly ledgerLimit?: number;
  /** Default: taken from the clock, so that ids stay unique when the simulator starts again. */
  readonly firstMessageId?: number;
  readonly clock?: Clock;
  readonly randomness?: Randomness;
}

export interface Timings {
  /** From submit_sm to the deliver_sm_resp that acknowledged the message's final receipt. */
  readonly submitToReceiptAcknowledged: LatencySummary;
  /** From each deliver_sm to its deliver_sm_resp. */
  readonly deliverToAcknowledged: LatencySummary;
}

export const DEFAULT_ACCOUNT = { systemId: 'surereach', password: 'surereach' };

/** About 50 MB; the ledger is for tests, benches switch it off. */
const DEFAULT_LEDGER_LIMIT = 100_000;

export class SmscSimulator {
  private api: ControlApi | undefined;

  private constructor(
    private readonly centre: Centre,
    private readonly server: Server,
  ) {}

  /** @throws OptionInvalidError for a setting out of range; the system's error when a port is taken */
  static async listen(options: SmscSimulatorOptions = {}): Promise<SmscSimulator> {
    const { host = '127.0.0.1', port = 0, httpPort = null, clock = new SystemClock() } = options;
    const centre = new Centre(
      {
        accounts: options.accounts ?? [DEFAULT_ACCOUNT],
        settings: withChange(DEFAULT_SETTINGS, options.settings ?? {}),
        ledger: { keep: options.ledger ?? 'memory', limit: options.ledgerLimit ?? DEFAULT_LEDGER_LIMIT },
        // 100,000 ids a second would have to be given out before a restart could repeat one.
        firstMessageId: options.firstMessageId ?? Math.floor(clock.now() / 1000) * 100_000,
      },
      clock,
      options.randomness ?? new SystemRandomness(),
    );
    const simulator = new SmscSimulator(centre, createSmppServer(centre));
    try {
      await listening(simulator.server, port, host);
      if (httpPort !== null) simulator.api = await ControlApi.listen(simulator, httpPort);
    } catch (error) {
      await simulator.close();
      throw error;
    }
    return simulator;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Of the control API; undefined when there is none. */
  get httpPort(): number | undefined {
    return this.api?.port;
  }

  get settings(): Settings {
    return this.centre.settings;
  }

  /** Changes some settings for all submits to come. @throws OptionInvalidError */
  change(change: SettingsChange): Settings {
    return this.centre.change(change);
  }

  /** Lays down what happens to submits for one destination. @throws OptionInvalidError */
  script(script: ScriptInput): Script {
    return this.centre.scripts.add(script);
  }

  scripts(): readonly (Script & { readonly left: number | null })[] {
    return this.centre.scripts.list();
  }

  clearScripts(): void {
    this.centre.scripts.clear();
  }

  counters(): CountersSnapshot {
    return countersSnapshot(this.centre);
  }

  timings(): Timings {
    return {
      submitToReceiptAcknowledged: this.centre.submitToAcknowledgement.summary(),
      deliverToAcknowledged: this.centre.deliverToAcknowledgement.summary(),
    };
  }

  /** Entries from index `since` on, oldest first. */
  ledger(since = 0): RecordedEntry[] {
    return this.centre.ledger.since(since);
  }

  /**
   * The first entry from index `since` on that matches, also one still to come.
   * Rejects after `deadlineMs`, and at once when the ledger is off.
   */
  entry(matches: (entry: RecordedEntry) => boolean, deadlineMs: number, since = 0): Promise<RecordedEntry> {
    return this.centre.ledger.first(matches, since, deadlineMs, this.centre.clock);
  }

  /** Sends a deliver_sm of the caller's making; it waits while nobody is bound. @throws OptionInvalidError */
  deliver(input: MadeUpDeliveryInput): void {
    const { systemId, deliver } = readMadeUpDelivery(input);
    const account = this.account(systemId);
    account.enqueue(new MadeUpDelivery(account, deliver));
    account.pump();
  }

  /** Sends what a phone wrote, part by part; says how many deliver_sm that makes. @throws OptionInvalidError */
  mobileMessage(input: MobileMessageInput): number {
    const { systemId, sends } = planMobileMessage(input);
    const account = this.account(systemId);
    for (const { delayMs, deliver } of sends) {
      const delivery = new MadeUpDelivery(account, deliver);
      if (delayMs === 0) account.enqueue(delivery);
      else this.centre.wheel.schedule(delivery, delayMs);
    }
    account.pump();
    return sends.length;
  }

  /** Tells the account's sessions that a phone can be reached; says how many. @throws OptionInvalidError */
  alert(input: AlertInput): number {
    const { systemId, alert } = readAlert(input);
    const sessions = this.centre
      .boundSessions(this.account(systemId))
      .filter(({ mode }) => mode !== 'transmitter');
    for (const session of sessions) session.alert(alert);
    return sessions.length;
  }

  /** Ends all sessions, or those of one account. Says how many. */
  disconnect(mode: DisconnectMode | 'unbind', systemId?: string): number {
    const concerns = (session: CentreSession): boolean =>
      systemId === undefined || session.account?.systemId === systemId;
    const sessions = [...this.centre.sessions].filter(concerns);
    for (const session of sessions) session.disconnect(mode);
    return sessions.length;
  }

  /** Counters, timings, ledger and duplicate recognition start anew; what is under way goes on. */
  reset(): void {
    this.centre.reset();
  }

  private account(systemId: string | undefined): Account {
    const [firstId] = this.centre.accounts.keys();
    const account = this.centre.accounts.get(systemId ?? firstId ?? '');
    if (account === undefined) throw new OptionInvalidError('systemId', 'no such account');
    return account;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    this.centre.close();
    await Promise.all([closed, this.api?.close()]);
  }
}

function createSmppServer(centre: Centre): Server {
  const desk = new SubmitDesk(centre);
  const asks = new AskDesk(centre);
  return createServer({ noDelay: true }, (socket) => {
    centre.counters.connections += 1;
    if (centre.settings.refuseConnections) {
      socket.on('error', () => undefined);
      socket.resetAndDestroy();
      return;
    }
    // Kept by the centre's list of sessions.
    new Session(socket, centre, desk, asks);
  });
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
