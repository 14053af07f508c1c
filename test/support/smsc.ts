// An SMSC simulator in the test's own process, and the settings that send the service to it.
import { SmscSimulator, type SmscSimulatorOptions } from '../../src/simulators/smsc/smsc-simulator.js';

export function startSmsc(options: SmscSimulatorOptions = {}): Promise<SmscSimulator> {
  return SmscSimulator.listen({ ledgerLimit: 500_000, ...options });
}

/** Environment of a service that talks to this SMSC. */
export function smppEnv(smsc: SmscSimulator): Readonly<Record<string, string>> {
  return {
    SMPP_HOST: '127.0.0.1',
    SMPP_PORT: String(smsc.port),
    SMPP_SYSTEM_ID: 'surereach',
    SMPP_PASSWORD: 'surereach',
  };
}

/** Requests to so many different numbers, the last digit of which is `digit`. */
export function requests(count: number, digit = 0, more: object = {}): readonly object[] {
  return Array.from({ length: count }, (_, index) => ({
    to: `+25471${String(index).padStart(6, '0')}${String(digit)}`,
    from: '20414',
    text: `Notice ${String(index)}: your appointment is tomorrow.`,
    ...more,
  }));
}
