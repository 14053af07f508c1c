// The voice room as it runs: its Nest module over HTTP, the simulator as the gateway, and the
// command side in memory.
import { type DynamicModule, Global, Logger, type LoggerService, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Clock } from '../../src/clock/clock.js';
import { SystemClock } from '../../src/clock/system-clock.js';
import { MessageLifecycle } from '../../src/lifecycle/message-lifecycle.js';
import { MessageHandler } from '../../src/lifecycle/message.handler.js';
import type { VoiceSimulatorSettings } from '../../src/simulators/voice/simulator-settings.js';
import { VoiceSimulator } from '../../src/simulators/voice/voice-simulator.js';
import {
  CALL_DIRECTORY_DEFAULTS,
  CallDirectory,
  RecentCallDirectory,
} from '../../src/voice/call-directory.js';
import { Caller, type CallerSettings } from '../../src/voice/caller.js';
import { DueCalls } from '../../src/voice/due-calls.js';
import { VoiceModule, type VoiceSettings } from '../../src/voice/voice.module.js';
import { eventually } from './eventually.js';
import { InMemoryDueCalls, InMemoryLifecycle } from './in-memory-lifecycle.js';

export const SECRET = 'the-callback-secret-in-force-now';
export const OLD_SECRET = 'the-callback-secret-rotated-out-';

export interface VoiceRoomOptions {
  readonly simulator?: Partial<VoiceSimulatorSettings>;
  readonly caller?: Partial<CallerSettings>;
  readonly voices?: VoiceSettings['voices'];
  /** Shorter than in the service, so that an unknown session is given up while a test watches. */
  readonly sessionWaitMs?: number;
  readonly requestTimeoutMs?: number;
}

@Global()
@Module({})
class Surroundings {
  static with(lifecycle: MessageLifecycle, clock: Clock): DynamicModule {
    return {
      module: Surroundings,
      imports: [CqrsModule.forRoot()],
      providers: [
        MessageHandler,
        { provide: MessageLifecycle, useValue: lifecycle },
        { provide: Clock, useValue: clock },
      ],
      exports: [MessageLifecycle, Clock],
    };
  }
}

/** Keeps every line that would be logged. */
class KeptLog implements LoggerService {
  readonly lines: string[] = [];
  private readonly keep = (...parts: unknown[]): void => {
    this.lines.push(parts.map(String).join(' '));
  };
  readonly log = this.keep;
  readonly error = this.keep;
  readonly warn = this.keep;
  readonly fatal = this.keep;
  readonly debug = this.keep;
  readonly verbose = this.keep;
}

export class VoiceRoom {
  private constructor(
    private readonly app: NestFastifyApplication,
    readonly simulator: VoiceSimulator,
    readonly lifecycle: InMemoryLifecycle,
    private readonly kept: KeptLog,
    readonly url: string,
  ) {}

  static async open(options: VoiceRoomOptions = {}): Promise<VoiceRoom> {
    const clock = new SystemClock();
    const lifecycle = new InMemoryLifecycle();
    const kept = new KeptLog();
    const simulator = await VoiceSimulator.listen({
      settings: { rule: 'shares', apiKey: 'the-key', ringDelayMs: 20, ...options.simulator },
    });
    const directory = new RecentCallDirectory(() => Promise.resolve(undefined), clock, {
      ...CALL_DIRECTORY_DEFAULTS,
      waitMs: options.sessionWaitMs ?? 2_000,
    });
    const room = VoiceModule.with({
      settings: {
        placeCalls: true,
        gateway: {
          baseUrl: simulator.baseUrl,
          username: 'sandbox',
          apiKey: 'the-key',
          from: '+254711082000',
          requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
        },
        voices: options.voices ?? { byLocale: {}, otherwise: null },
        callbackSecrets: [SECRET, OLD_SECRET],
        caller: {
          maxConcurrentCalls: 10,
          callsPerMinute: 1_000,
          reportTimeoutMs: 60_000,
          pollIntervalMs: 100,
          recordRetryMs: 50,
          ...options.caller,
        },
      },
      imports: [Surroundings.with(lifecycle, clock)],
      readModels: [
        { provide: DueCalls, useValue: new InMemoryDueCalls(lifecycle) },
        { provide: CallDirectory, useValue: directory },
      ],
    });
    Logger.overrideLogger(kept);
    const app = await NestFactory.create<NestFastifyApplication>(room, new FastifyAdapter());
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    simulator.configure({ callbackUrl: `${url}/v1/voice/callbacks/${SECRET}` });
    return new VoiceRoom(app, simulator, lifecycle, kept, url);
  }

  get log(): readonly string[] {
    return this.kept.lines;
  }

  /** Says that new work is due, as the read model does. */
  wake(): void {
    this.app.get(Caller).wake();
  }

  report(fields: Record<string, string> | string, { secret = SECRET, type = '' } = {}): Promise<Response> {
    const body = typeof fields === 'string' ? fields : new URLSearchParams(fields).toString();
    return fetch(`${this.url}/v1/voice/callbacks/${secret}`, {
      method: 'POST',
      headers: { 'content-type': type === '' ? 'application/x-www-form-urlencoded' : type },
      body,
    });
  }

  /** Resolves when the condition holds, looking after every command and every step of a call. */
  until(what: string, holds: () => boolean): Promise<void> {
    return eventually(
      (listener) => {
        const stops = [this.lifecycle.onChanged(listener), this.simulator.ledger.onChanged(listener)];
        return () => {
          for (const stop of stops) stop();
        };
      },
      what,
      holds,
    );
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.simulator.close();
    Logger.overrideLogger(['fatal', 'error', 'warn', 'log']);
  }
}
