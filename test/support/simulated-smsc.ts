// SMSC simulators and ESMEs of one spec file, released after every test.
import { afterEach } from '@jest/globals';
import { SmscSimulator, type SmscSimulatorOptions } from '../../src/simulators/smsc/smsc-simulator.js';
import { PackageEsme } from './package-esme.js';

/** Guess: receipts soon, yet behind the response and in a turn of their own. */
const RECEIPT_DELAY_MS = 5;

export interface SimulatedSmsc {
  simulate(options?: SmscSimulatorOptions): Promise<SmscSimulator>;
  /** A connection that has not bound yet. */
  connected(simulator: SmscSimulator): Promise<PackageEsme>;
  bound(
    simulator: SmscSimulator,
    mode?: 'transceiver' | 'transmitter' | 'receiver',
    credentials?: { system_id?: string; password?: string },
  ): Promise<PackageEsme>;
  /** Destroys it after the test. */
  release<Opened extends { destroy(): void }>(opened: Opened): Opened;
}

/** To be called once, at the top of a spec file. */
export function simulatedSmsc(): SimulatedSmsc {
  const opened: { destroy(): void }[] = [];
  const simulators: SmscSimulator[] = [];

  afterEach(async () => {
    for (const each of opened.splice(0)) each.destroy();
    for (const simulator of simulators.splice(0)) await simulator.close();
  });

  const release = <Opened extends { destroy(): void }>(each: Opened): Opened => {
    opened.push(each);
    return each;
  };
  return {
    release,
    async simulate(options = {}) {
      const settings = { receiptDelayMs: RECEIPT_DELAY_MS, ...options.settings };
      const simulator = await SmscSimulator.listen({ ...options, settings });
      simulators.push(simulator);
      return simulator;
    },
    connected: async ({ port }) => release(await PackageEsme.connect(port)),
    bound: async ({ port }, mode, credentials) => release(await PackageEsme.bound(port, mode, credentials)),
  };
}
