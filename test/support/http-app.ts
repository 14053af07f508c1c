// The HTTP rooms over a memory journal and the real lifecycle, listening on a free port.
import { CqrsModule } from '@nestjs/cqrs';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AwaitingOutcomeQueries } from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import { InboundQueries } from '../../projections/inbound/inbound.queries.js';
import { MessageStatusQueries } from '../../projections/message-status/message-status.queries.js';
import { Clock, Randomness } from '../../src/clock/clock.js';
import { SystemClock, SystemRandomness } from '../../src/clock/system-clock.js';
import { AppConfig, loadConfig } from '../../src/config/config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { HealthModule } from '../../src/health/health.module.js';
import { createLog, Log, NestLog } from '../../src/health/log.js';
import { Metrics } from '../../src/health/metrics.js';
import { HttpModule } from '../../src/http/http.module.js';
import { httpAdapter, prepareHttp } from '../../src/http/http-server.js';
import { serveApiDocument } from '../../src/http/openapi.js';
import { IntakeModule } from '../../src/intake/intake.module.js';
import { Journal } from '../../src/journal/journal.js';
import { MemoryJournal } from '../../src/journal/memory/memory-journal.js';
import { JournaledLifecycle } from '../../src/lifecycle/journaled-lifecycle.js';
import { Backlog } from '../../src/lifecycle/backlog.js';
import { MessageLifecycle } from '../../src/lifecycle/message-lifecycle.js';
import { MessageHandler } from '../../src/lifecycle/message.handler.js';
import { StatusModule } from '../../src/status/status.module.js';
import { GatedLifecycle } from './gated-lifecycle.js';
import { JournalInbound } from './journal-inbound.js';
import { JournalIndex } from './journal-index.js';

@Module({})
class CoreModule {
  static of(
    journal: Journal,
    lifecycle: MessageLifecycle,
    index: JournalIndex,
    inbound: JournalInbound,
  ): DynamicModule {
    const providers = [
      { provide: Clock, useClass: SystemClock },
      { provide: Randomness, useClass: SystemRandomness },
      { provide: Journal, useValue: journal },
      { provide: MessageLifecycle, useValue: lifecycle },
      { provide: Backlog, useFactory: (clock: Clock) => new Backlog(clock), inject: [Clock] },
      { provide: MessageStatusQueries, useValue: index },
      { provide: InboundQueries, useValue: inbound },
      {
        provide: AwaitingOutcomeQueries,
        useValue: { depth: () => Promise.resolve({ submit: 3, receipt: 1 }) },
      },
    ];
    return {
      module: CoreModule,
      global: true,
      imports: [CqrsModule.forRoot()],
      providers: [...providers, MessageHandler],
      exports: providers.map(({ provide }) => provide),
    };
  }
}

export interface HttpApp {
  readonly url: string;
  readonly port: number;
  readonly journal: MemoryJournal;
  readonly lifecycle: GatedLifecycle;
  readonly index: JournalIndex;
  readonly inbound: JournalInbound;
  readonly app: NestFastifyApplication;
  /** Everything logged so far. */
  readonly logged: () => string;
  close(): Promise<void>;
}

export async function startHttpApp(environment: Readonly<Record<string, string>> = {}): Promise<HttpApp> {
  const clock = new SystemClock();
  const randomness = new SystemRandomness();
  const journal = new MemoryJournal();
  const lifecycle = new GatedLifecycle(new JournaledLifecycle(journal, clock, randomness));
  const index = new JournalIndex(journal);
  const inbound = new JournalInbound(journal);
  const written: string[] = [];
  const log: Log = createLog('debug', { write: (line: string) => void written.push(line) });
  const config: AppConfig = loadConfig({ DEFAULT_COUNTRY: 'KE', ...environment });

  @Module({
    imports: [
      ConfigModule.of(config),
      HealthModule.of(log),
      CoreModule.of(journal, lifecycle, index, inbound),
      HttpModule,
      IntakeModule,
      StatusModule,
    ],
  })
  class RootModule {}

  const app = await NestFactory.create<NestFastifyApplication>(RootModule, httpAdapter(clock, randomness), {
    logger: new NestLog(log),
    abortOnError: false,
  });
  const metrics = app.get(Metrics);
  prepareHttp(app, metrics);
  serveApiDocument(app, '0.0.0', false);
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return {
    url,
    port: Number(new URL(url).port),
    journal,
    lifecycle,
    index,
    inbound,
    app,
    logged: () => written.join(''),
    close: async () => {
      app.getHttpServer().closeAllConnections();
      await app.close();
      metrics.close();
    },
  };
}
