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
import { Change } from './change/change.js';
import { ChangeController } from './change/change.controller.js';
import { IntakeController } from './intake.controller.js';
import { Intake } from './intake.js';
import { MessageReader } from './message-reader.js';
import { Previews } from './previews.js';
import { ReleaseController } from './release.controller.js';

/** Needs Journal, MessageLifecycle, Clock, Randomness and AppConfig from global modules. */
@Module({
  controllers: [BulkIntakeController, IntakeController, ChangeController, ReleaseController],
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
      provide: Change,
      useFactory: (commands: CommandBus, lifecycle: MessageLifecycle, clock: Clock, config: AppConfig) =>
        new Change(commands, lifecycle, clock, {
          maxParts: config.message.maxParts,
          allowLatin1: config.message.allowLatin1,
          whyNotReplaced: whyNotReplaced(config),
        }),
      inject: [CommandBus, MessageLifecycle, Clock, AppConfig],
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

/**
 * As the one connector will judge it; known here already, because the configuration is the same. With
 * a file of connectors the one that carried the message judges: ReplaceRefused.
 */
function whyNotReplaced({ smpp: { replace, bind, connectorsFile } }: AppConfig): string | null {
  if (connectorsFile !== null) return null;
  if (replace === 'always' || (replace === 'transmitter' && bind === 'split')) return null;
  return replace === 'never'
    ? 'texts are replaced before the submit only: SMPP_REPLACE is never'
    : 'replace_sm is a transmitter’s (SMPP 3.4 Table 2-1): SMPP_BIND must be split, or SMPP_REPLACE always';
}
