// The map: what every room stands on, then the rooms as a message meets them.
import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ProjectionsModule } from '../projections/projections.module.js';
import { type Core, CoreModule } from './boot/core.module.js';
import type { AppConfig } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { FallbackModule } from './fallback/fallback.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule } from './http/http.module.js';
import { IntakeModule } from './intake/intake.module.js';
import { PublishModule } from './publish/publish.module.js';
import { SmppModule } from './smpp/smpp.module.js';
import { StatusModule } from './status/status.module.js';
import { voiceModule } from './boot/voice.js';

@Module({})
export class AppModule {
  static of(config: AppConfig, core: Core): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.of(config),
        HealthModule.of(core.log),
        CoreModule.of(core),
        HttpModule,
        CqrsModule.forRoot(),
        ProjectionsModule,
        IntakeModule,
        SmppModule,
        FallbackModule,
        voiceModule(config),
        PublishModule,
        StatusModule,
      ],
    };
  }
}
