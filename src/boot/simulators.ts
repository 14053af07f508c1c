// The built-in far ends, for whoever has none yet: an SMSC and a voice gateway, each in a process
// of its own, spoken to over the same sockets as real ones.
import type { Clock } from '../clock/clock.js';
import type { AppConfig } from '../config/config.js';
import { Child } from './child-process.js';

interface SmscReady {
  readonly port: number;
  readonly httpPort: number;
}

interface VoiceReady {
  readonly port: number;
}

export interface Simulators {
  readonly smsc: Child<SmscReady> | null;
  readonly voice: Child<VoiceReady> | null;
}

/** Starts those for which no real far end is configured. */
export async function startSimulators(
  config: AppConfig,
  callbackUrl: string,
  clock: Clock,
): Promise<Simulators> {
  const { simulator } = config;
  const smsc =
    config.smpp.host === null && config.smpp.connectorsFile === null && config.roles.has('smpp')
      ? await Child.start<SmscReady>(
          'simulators/smsc/main.js',
          [
            `--port=${String(simulator.smscPort)}`,
            `--http-port=${String(simulator.smscHttpPort)}`,
            `--receipt-delay-ms=${String(simulator.receiptDelayMs)}`,
          ],
          clock,
        )
      : null;
  const voice =
    config.voice.url === null && config.roles.has('voice')
      ? await Child.start<VoiceReady>(
          'simulators/voice/main.js',
          [
            `--port=${String(simulator.voicePort)}`,
            `--callback-url=${callbackUrl}`,
            // The last digit already decides what becomes of the SMS.
            '--rule=tens-digit',
            `--settings=${JSON.stringify({ ringDelayMs: simulator.ringDelayMs })}`,
          ],
          clock,
        )
      : null;
  return { smsc, voice };
}

/** The configuration with the simulators' addresses in the place of the missing ones. */
export function withSimulators(config: AppConfig, { smsc, voice }: Simulators): AppConfig {
  return {
    ...config,
    smpp: smsc === null ? config.smpp : { ...config.smpp, host: '127.0.0.1', port: smsc.ready.port },
    voice:
      voice === null
        ? config.voice
        : { ...config.voice, url: `http://127.0.0.1:${String(voice.ready.port)}/version1` },
  };
}
