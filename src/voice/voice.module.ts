// The voice room: calls that are due go out, reports on them come in. Which gateway speaks for
// us is chosen here and nowhere else.
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type Provider,
} from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import {
  AfricasTalkingDialect,
  type AfricasTalkingVoices,
} from './africas-talking/africas-talking-dialect.js';
import {
  AfricasTalkingGateway,
  type AfricasTalkingSettings,
} from './africas-talking/africas-talking-gateway.js';
import { CallDirectory } from './call-directory.js';
import { CallbackSecrets } from './callback-secrets.js';
import { Caller, type CallerSettings } from './caller.js';
import { DueCalls } from './due-calls.js';
import { VoiceCallbackController } from './voice-callback.controller.js';
import { VoiceDialect } from './voice-dialect.js';
import { VoiceGateway } from './voice-gateway.js';

export interface VoiceSettings {
  /** Whether this process places calls; it answers the gateway's reports either way. */
  readonly placeCalls: boolean;
  readonly gateway: AfricasTalkingSettings;
  readonly voices: AfricasTalkingVoices;
  /** One, or two while rotating. */
  readonly callbackSecrets: readonly string[];
  readonly caller: CallerSettings;
}

export interface VoiceModuleParts {
  readonly settings: VoiceSettings;
  /** Where Clock and MessageLifecycle come from, unless they are global. */
  readonly imports: NonNullable<ModuleMetadata['imports']>;
  /** Providers of DueCalls and CallDirectory: they stand on read models. */
  readonly readModels: readonly Provider[];
}

const PLACE_CALLS = 'voice.placeCalls';

@Module({})
export class VoiceModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly caller: Caller,
    @Inject(PLACE_CALLS) private readonly placeCalls: boolean,
  ) {}

  static with({ settings, imports, readModels }: VoiceModuleParts): DynamicModule {
    return {
      module: VoiceModule,
      imports,
      controllers: [VoiceCallbackController],
      providers: [
        ...readModels,
        { provide: PLACE_CALLS, useValue: settings.placeCalls },
        { provide: CallbackSecrets, useFactory: () => new CallbackSecrets(settings.callbackSecrets) },
        {
          provide: VoiceGateway,
          inject: [Clock],
          useFactory: (clock: Clock) => new AfricasTalkingGateway(settings.gateway, clock),
        },
        { provide: VoiceDialect, useFactory: () => new AfricasTalkingDialect(settings.voices) },
        {
          provide: Caller,
          inject: [MessageLifecycle, VoiceGateway, DueCalls, CallDirectory, Clock],
          useFactory: (
            lifecycle: MessageLifecycle,
            gateway: VoiceGateway,
            dueCalls: DueCalls,
            directory: CallDirectory,
            clock: Clock,
          ) => new Caller(lifecycle, gateway, dueCalls, directory, clock, settings.caller),
        },
      ],
      exports: [Caller, CallDirectory],
    };
  }

  onApplicationBootstrap(): void {
    if (this.placeCalls) this.caller.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.caller.stop();
  }
}
