import { type DynamicModule, Module } from '@nestjs/common';
import { AppConfig } from './config.js';

@Module({})
export class ConfigModule {
  /** The configuration is read before Nest starts, so that a wrong one stops the start at once. */
  static of(config: AppConfig): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: AppConfig, useValue: config }],
      exports: [AppConfig],
    };
  }
}
