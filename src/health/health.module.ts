import { type DynamicModule, Module } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { HealthChecks } from './health-checks.js';
import { HealthController } from './health.controller.js';
import { Log } from './log.js';
import { Metrics } from './metrics.js';

@Module({})
export class HealthModule {
  /** The log exists before Nest starts, since the start itself is logged. */
  static of(log: Log): DynamicModule {
    return {
      module: HealthModule,
      global: true,
      controllers: [HealthController],
      providers: [
        { provide: Log, useValue: log },
        { provide: HealthChecks, useFactory: (clock: Clock) => new HealthChecks(clock), inject: [Clock] },
        { provide: Metrics, useFactory: () => new Metrics() },
      ],
      exports: [Log, HealthChecks, Metrics],
    };
  }
}
