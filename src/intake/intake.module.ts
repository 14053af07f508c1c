import { CommandBus } from '@nestjs/cqrs';
import { Module, type OnModuleInit } from '@nestjs/common';
import { Clock, Randomness } from '../clock/clock.js';
import { AppConfig } from '../config/config.js';
import { HealthChecks } from '../health/health-checks.js';
import { Log } from '../health/log.js';
import { Metrics } from '../health/metrics.js';
import { Journal } from '../journal/journal.js';
import { Backlog } from '../lifecycle/backlog.js';
import { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import { BatchUploads } from './batch-upload.js';
import { BulkIntakeController } from './bulk-intake.controller.js';
import { BulkIntake } from './bulk-intake.js';
import { IntakeController } from './intake.controller.js';
import { Intake } from './intake.js';
import { MessageReader } from './message-reader.js';
import { Previews } from './previews.js';
import { ReleaseController } from './release.controller.js';

/** Needs Journal, MessageLifecycle, Clock, Randomness and AppConfig from global modules. */
@Module({
  controllers: [BulkIntakeController, IntakeController, ReleaseController],
  providers: [
    {
      provide: MessageReader,
      useFactory: (config: AppConfig) => new MessageReader(config.message),
      inject: [AppConfig],
    },
    {
      provide: Previews,
      useFactory: (reader: MessageReader, clock: Clock, config: AppConfig) =>
        new Previews(reader, clock, config.message.price),
      inject: [MessageReader, Clock, AppConfig],
    },
    {
      provide: BatchUploads,
      useFactory: (journal: Journal, clock: Clock, randomness: Randomness) =>
        new BatchUploads(journal, clock, randomness),
      inject: [Journal, Clock, Randomness],
    },
    {
      provide: Intake,
      useFactory: (...parts: ConstructorParameters<typeof Intake>) => new Intake(...parts),
      inject: [CommandBus, MessageLifecycle, MessageReader, Clock, Randomness, Metrics],
    },
    {
      provide: BulkIntake,
      useFactory: (...parts: ConstructorParameters<typeof BulkIntake>) => new BulkIntake(...parts),
      inject: [MessageLifecycle, Backlog, MessageReader, BatchUploads, Clock, Randomness, Metrics, Log],
    },
  ],
})
export class IntakeModule implements OnModuleInit {
  constructor(
    private readonly checks: HealthChecks,
    private readonly journal: Journal,
  ) {}

  onModuleInit(): void {
    this.checks.add('journal', async () => {
      await this.journal.head();
      return { status: 'up' };
    });
  }
}
