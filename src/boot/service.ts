// The running service: what is started in which order, and stopped in the reverse. The store
// first, then the far ends, then Nest with the rooms, then HTTP: who can be asked is ready.
import { createServer } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AWAITING_OUTCOME } from '../../projections/awaiting-outcome/awaiting-outcome.projection.js';
import { AwaitingOutcomeQueries } from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import { MessageStatusQueries } from '../../projections/message-status/message-status.queries.js';
import { Subscriptions } from '../../projections/subscriptions.js';
import { AppModule } from '../app.module.js';
import type { Clock, Randomness } from '../clock/clock.js';
import type { AppConfig, HttpConfig } from '../config/config.js';
import { Secret } from '../config/secret.js';
import { type Log, NestLog } from '../health/log.js';
import { HealthChecks } from '../health/health-checks.js';
import { Metrics } from '../health/metrics.js';
import { httpAdapter, prepareHttp } from '../http/http-server.js';
import { serveApiDocument } from '../http/openapi.js';
import { migrate } from '../postgres/migrate.js';
import { openPool } from '../postgres/postgres.js';
import { Sender } from '../smpp/sender.js';
import { connectorSetOf } from '../smpp/settings/connector-set.js';
import { Caller } from '../voice/caller.js';
import { VoiceGateway } from '../voice/voice-gateway.js';
import { AddressUnusableError, PortTakenError } from './boot.errors.js';
import { greeting } from './greeting.js';
import { openJournal } from './journal.js';
import { Lifespan } from './lifespan.js';
import { MIGRATIONS } from './migrations.js';
import { observe } from './observers.js';
import { type Simulators, startSimulators, withSimulators } from './simulators.js';
import { openStore } from './store.js';

/** Of the API; the same for every build of this major version. */
const VERSION = '1';

/** Reads, read models and leases of one process; the journal's writer has a connection of its own. */
const MAX_CONNECTIONS = 16;

type Undo = () => Promise<unknown>;

export class Service {
  private constructor(
    private readonly config: AppConfig,
    private readonly simulators: Simulators,
    private readonly undo: Undo[],
  ) {}

  /** @throws an error whose message says in one sentence why it could not start */
  static async start(given: AppConfig, log: Log, clock: Clock, randomness: Randomness): Promise<Service> {
    const undo: Undo[] = [];
    try {
      const config = withCallbackSecret({ ...given, http: await freeAddress(given.http) }, randomness);
      // Who wrote the file wrong should be told before anything is started.
      connectorSetOf(config);
      const store = await openStore(config, clock, log);
      undo.push(() => store.stop());
      await migrate(store.url, MIGRATIONS);
      const pool = openPool({
        url: store.url,
        applicationName: 'surereach',
        maxConnections: MAX_CONNECTIONS,
      });
      undo.push(() => pool.end());
      const opened = await openJournal(config, store, pool, clock);
      const { journal } = opened;
      undo.push(() => opened.close());
      const simulators = await startSimulators(config, callbackUrl(config), clock);
      undo.push(() => stopSimulators(simulators));
      const complete = withSimulators(config, simulators);
      const app = await NestFactory.create<NestFastifyApplication>(
        AppModule.of(complete, { clock, randomness, log, pool, journal }),
        httpAdapter(clock, randomness),
        { logger: new NestLog(log), abortOnError: false },
      );
      undo.push(() => app.close());
      prepareHttp(app, app.get(Metrics));
      serveApiDocument(app, VERSION);
      const lifespan = app.get(Lifespan);
      observe({
        metrics: app.get(Metrics),
        health: app.get(HealthChecks),
        sender: config.roles.has('smpp') ? app.get(Sender) : null,
        awaiting: app.get(AwaitingOutcomeQueries),
        statuses: app.get(MessageStatusQueries),
        subscriptions: app.get(Subscriptions),
        journal: opened,
        gateway: app.get(VoiceGateway),
        caller: app.get(Caller),
      });
      undo.push(() => lifespan.stop());
      const caller = app.get(Caller);
      app.get(Subscriptions).onMoved(AWAITING_OUTCOME, () => {
        caller.wake();
      });
      await lifespan.start();
      await listen(app, config.http);
      undo.push(() => closeHttp(app));
      for (const warning of config.warnings) log.warn(warning);
      return new Service(complete, simulators, undo);
    } catch (error) {
      await undoAll(undo, log);
      throw error;
    }
  }

  /** What to tell the person who started it. */
  greeting(): string {
    return greeting(this.config, this.simulators);
  }

  /** Closes intake, drains what is on its way, and stops everything that was started. */
  async stop(): Promise<void> {
    await undoAll(this.undo);
  }
}

async function listen(app: NestFastifyApplication, { host, port }: HttpConfig): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    throw notListening(host, port, error as NodeJS.ErrnoException);
  }
}

function notListening(host: string, port: number, error: NodeJS.ErrnoException): Error {
  if (error.code === 'EADDRINUSE') return new PortTakenError(host, port);
  return new AddressUnusableError(host, port, error.message);
}

async function undoAll(undo: Undo[], log?: Log): Promise<void> {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) {
    await step().catch((error: unknown) => log?.error({ error: String(error) }, 'did not stop cleanly'));
  }
}

/**
 * The address with its port known: callbacks must name it before anybody listens. Checked before
 * the store is started, because who starts the service twice should be told at once.
 */
async function freeAddress({ host, port }: HttpConfig): Promise<HttpConfig> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) => {
      reject(notListening(host, port, error));
    });
    probe.listen(port, host, resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return { host, port: typeof address === 'object' && address !== null ? address.port : port };
}

/** With the simulator nobody configures a secret; the address is secret all the same. */
function withCallbackSecret(config: AppConfig, randomness: Randomness): AppConfig {
  if (config.voice.callbackSecret !== null) return config;
  const callbackSecret = new Secret(Buffer.from(randomness.bytes(24)).toString('hex'));
  return { ...config, voice: { ...config.voice, callbackSecret } };
}

function callbackUrl({ http, voice }: AppConfig): string {
  const host = http.host === '0.0.0.0' || http.host === '::' ? '127.0.0.1' : http.host;
  const [secret = ''] = (voice.callbackSecret?.reveal() ?? '').split(',');
  return `http://${host}:${String(http.port)}/v1/voice/callbacks/${secret}`;
}

async function stopSimulators({ smsc, voice }: Simulators): Promise<void> {
  await Promise.all([smsc?.stop(), voice?.stop()]);
}

async function closeHttp(app: NestFastifyApplication): Promise<void> {
  await app.getHttpAdapter().getInstance().close();
}
