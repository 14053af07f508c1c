// The voice room with its configuration and the read models it stands on.
import type { DynamicModule } from '@nestjs/common';
import { AwaitingOutcomeQueries } from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import { CallsQueries } from '../../projections/calls/calls.queries.js';
import { Clock } from '../clock/clock.js';
import type { AppConfig } from '../config/config.js';
import { CallDirectory, RecentCallDirectory } from '../voice/call-directory.js';
import { type DueCall, DueCalls } from '../voice/due-calls.js';
import { VoiceModule } from '../voice/voice.module.js';

/** An answer within a second is usual; one that has not come by then leaves the call in doubt. */
const REQUEST_TIMEOUT_MS = 15_000;

class AwaitedCalls extends DueCalls {
  constructor(private readonly awaiting: AwaitingOutcomeQueries) {
    super();
  }

  override due(now: string, limit: number): Promise<readonly DueCall[]> {
    return this.awaiting.due('call', now, limit);
  }

  override overdueReports(now: string, limit: number): Promise<readonly DueCall[]> {
    return this.awaiting.due('call-report', now, limit);
  }
}

export function voiceModule({ voice, roles }: AppConfig): DynamicModule {
  return VoiceModule.with({
    settings: {
      placeCalls: roles.has('voice'),
      gateway: {
        // The built-in simulator's address is put into the configuration once it listens.
        baseUrl: voice.url ?? '',
        username: voice.username,
        apiKey: voice.apiKey.reveal(),
        from: voice.from,
        requestTimeoutMs: REQUEST_TIMEOUT_MS,
      },
      voices: { byLocale: {}, otherwise: null },
      callbackSecrets: (voice.callbackSecret?.reveal() ?? '').split(','),
      caller: {
        maxConcurrentCalls: voice.maxConcurrentCalls,
        callsPerMinute: voice.callsPerMinute,
        reportTimeoutMs: voice.reportTimeoutMs,
        pollIntervalMs: 1_000,
        recordRetryMs: 500,
      },
    },
    imports: [],
    readModels: [
      {
        provide: DueCalls,
        useFactory: (awaiting: AwaitingOutcomeQueries) => new AwaitedCalls(awaiting),
        inject: [AwaitingOutcomeQueries],
      },
      {
        provide: CallDirectory,
        useFactory: (calls: CallsQueries, clock: Clock) =>
          new RecentCallDirectory((sessionId) => calls.find(sessionId), clock),
        inject: [CallsQueries, Clock],
      },
    ],
  });
}
