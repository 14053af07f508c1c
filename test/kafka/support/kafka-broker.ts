// A Kafka broker of one node in a process of its own, on loopback: started, killed, started again on
// the same port with what it had stored, stopped.
import { spawn } from 'node:child_process';
import { StartedProcess } from '../../support/processes.js';
import { newRunFolder } from '../../support/test-postgres.js';
import { brokerFiles, saysReady } from './broker-files.js';

/** A JVM on a busy machine. A guess: 6 s on two free cores (2026-11-21). */
const READY_MS = 60_000;

export class KafkaBroker {
  private constructor(
    readonly port: number,
    private readonly args: readonly string[],
    private process: StartedProcess,
  ) {}

  /** @param settings beside the usual ones, by their names in server.properties */
  static async start(
    classPath: string,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<KafkaBroker> {
    const { port, args } = await brokerFiles(classPath, await newRunFolder(), settings);
    return new KafkaBroker(port, args, await started(args));
  }

  get address(): string {
    return `127.0.0.1:${String(this.port)}`;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.process.kill();
  }

  /** After a kill or a stop: the same port, the same storage. */
  async restart(): Promise<void> {
    this.process = await started(this.args);
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }
}

async function started(args: readonly string[]): Promise<StartedProcess> {
  const process = new StartedProcess('Kafka', spawn('java', args, { stdio: ['ignore', 'pipe', 'pipe'] }));
  await process.untilReady(READY_MS, (line) => (saysReady(line) ? {} : undefined));
  return process;
}
