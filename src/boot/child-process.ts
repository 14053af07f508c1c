// A program of ours in a process of its own: started, waited for, stopped with us. Its standard
// input is a pipe that ends when we die, however we die, and that is its sign to stop.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../clock/clock.js';

export class ChildStartError extends Error {
  readonly code = 'BOOT_CHILD_NOT_STARTED';
  readonly retryable = false;
}

/** A cold start of Node on a busy machine takes 1 s; this is when something is wrong. */
const READY_WITHIN_MS = 20_000;

/** A child that has not stopped by then is killed. */
const STOP_WITHIN_MS = 5_000;

/** Entry files lie beside this one's folder, compiled alike. */
function entryUrl(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}

export class Child<Ready> {
  private constructor(
    private readonly process: ChildProcess,
    private readonly clock: Clock,
    /** What it said when it was ready. */
    readonly ready: Ready,
  ) {}

  /**
   * Starts `entry` (relative to src/) and resolves when it prints one JSON line on stdout.
   * @throws ChildStartError when it ends or stays silent; its own words are on stderr.
   */
  static async start<Ready>(entry: string, args: readonly string[], clock: Clock): Promise<Child<Ready>> {
    const url = entryUrl(entry);
    const child = spawn(process.execPath, [fileURLToPath(url), ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // A process group of its own: Ctrl-C is for us, and we stop the child when we no longer need it.
      detached: true,
    });
    const lines = createInterface({ input: child.stdout });
    const line = await new Promise<string>((resolve, reject) => {
      const fail = (reason: string): void => {
        cancel();
        child.kill('SIGKILL');
        reject(new ChildStartError(`${entry} ${reason}; see what it printed above`));
      };
      const cancel = clock.after(READY_WITHIN_MS, () => {
        fail('was not ready in time');
      });
      lines.once('line', (text) => {
        cancel();
        resolve(text);
      });
      child.once('exit', (code) => {
        fail(`ended with code ${String(code)} before it was ready`);
      });
      child.once('error', (error) => {
        fail(`could not be started (${error.message})`);
      });
    });
    child.removeAllListeners('exit');
    return new Child(child, clock, JSON.parse(line) as Ready);
  }

  /** Calls `ended` when the child ends before stop(). */
  onEnd(ended: (code: number | null) => void): void {
    this.process.once('exit', ended);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.removeAllListeners('exit');
    const exited = once(this.process, 'exit');
    this.process.stdin?.end();
    this.process.kill('SIGTERM');
    const cancel = this.clock.after(STOP_WITHIN_MS, () => this.process.kill('SIGKILL'));
    await exited;
    cancel();
  }
}
