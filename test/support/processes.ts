// Node processes of our own as tests and benches need them: started until ready, watched, and
// ended by their id. No process outlives the one that started it.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

export interface Exit {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProcessDeadlines {
  /** From the start to the ready line. Default: 30 s. */
  readonly readyMs?: number;
  /** What a line says when it is the ready line. Default: a JSON object with `"ready": true`. */
  readonly readLine?: ReadLine;
}

export type ReadLine = (line: string) => Readonly<Record<string, unknown>> | undefined;

const READY_MS = 30_000;
/** From SIGTERM to the end, before SIGKILL. */
const STOP_MS = 10_000;
/** A SIGKILL that does not end a process within this time means that the machine is stuck. */
const KILL_MS = 10_000;
/** The newest output that is kept of each stream. */
const KEPT_CHARACTERS = 1_000_000;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class StartedProcess {
  /** Resolves when the process has ended, however that came about. */
  readonly exited: Promise<Exit>;
  /** The JSON object of its ready line. */
  ready: Readonly<Record<string, unknown>> = {};
  private out = '';
  private err = '';
  private exit: Exit | undefined;

  constructor(
    readonly entry: string,
    private readonly child: ChildProcess,
  ) {
    running.add(child);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out = (this.out + text).slice(-KEPT_CHARACTERS);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.err = (this.err + text).slice(-KEPT_CHARACTERS);
    });
    // An error here is a spawn that failed; `close` follows it.
    child.on('error', (error) => {
      this.err += String(error);
    });
    // Writing to a process that has just died is no concern of the test.
    child.stdin?.on('error', () => undefined);
    this.exited = new Promise((done) => {
      child.once('close', (code, signal) => {
        running.delete(child);
        this.exit = { code, signal };
        done(this.exit);
      });
    });
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.entry} was never started: ${this.err}`);
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.exit === undefined;
  }

  /** The newest output, up to a million characters. */
  get stdout(): string {
    return this.out;
  }

  get stderr(): string {
    return this.err;
  }

  /** A port (or other number) named in the ready line. */
  number(name: string): number {
    const value = this.ready[name];
    if (typeof value !== 'number') throw new Error(`the ready line of ${this.entry} has no number "${name}"`);
    return value;
  }

  /** Sends a signal, e.g. SIGSTOP; does not wait. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Closes stdin, as it happens when the parent dies. */
  closeStdin(): void {
    this.child.stdin?.end();
  }

  /** Asks it to end; kills it when it has not ended in time. The exit tells which. */
  async stop(deadlineMs = STOP_MS): Promise<Exit> {
    if (this.exit !== undefined) return this.exit;
    this.child.kill('SIGTERM');
    return (await within(deadlineMs, this.exited)) ?? this.kill();
  }

  /** kill -9. */
  async kill(): Promise<Exit> {
    if (this.exit !== undefined) return this.exit;
    this.child.kill('SIGKILL');
    const exit = await within(KILL_MS, this.exited);
    if (exit === undefined) throw new Error(`process ${String(this.pid)} (${this.entry}) survived SIGKILL`);
    return exit;
  }

  /** Waits for the ready line. On failure the process is killed and the error tells its output. */
  async untilReady(deadlineMs: number, readLine: ReadLine = readyObject): Promise<void> {
    const ready = await within(
      deadlineMs,
      Promise.race([this.readyLine(readLine), this.exited.then(() => 'ended' as const)]),
    );
    if (typeof ready === 'object') {
      this.ready = ready;
      return;
    }
    const exit = await this.kill();
    const how =
      ready === 'ended'
        ? `ended before it was ready (code ${String(exit.code)}, signal ${String(exit.signal)})`
        : `was not ready within ${String(deadlineMs)} ms`;
    throw new Error(
      `${this.entry} ${how}\nstdout: ${this.out.slice(-2000)}\nstderr: ${this.err.slice(-2000)}`,
    );
  }

  private readyLine(readLine: ReadLine): Promise<Readonly<Record<string, unknown>>> {
    return new Promise((found) => {
      if (this.child.stdout === null) return;
      const lines = createInterface({ input: this.child.stdout });
      lines.on('line', (line) => {
        const ready = readLine(line);
        if (ready === undefined) return;
        lines.close();
        // Closing the line reader pauses the stream; the output is still wanted.
        this.child.stdout?.resume();
        found(ready);
      });
    });
  }
}

/**
 * Starts `node <entry> <args>` and resolves when it has printed a line of JSON with
 * `"ready": true`. Its stdin is a pipe, so that it can notice the end of its parent.
 * @param entry a compiled file: absolute, or relative to the working directory
 * @param env added to the environment of this process
 */
export async function startProcess(
  entry: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  deadlines: ProcessDeadlines = {},
): Promise<StartedProcess> {
  const file = resolve(entry);
  if (!existsSync(file)) throw new Error(`${file} does not exist: run "npm run build" first`);
  // The flags that jest needs are not for the child.
  const child = spawn(process.execPath, [file, ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const started = new StartedProcess(entry, child);
  await started.untilReady(deadlines.readyMs ?? READY_MS, deadlines.readLine);
  return started;
}

function readyObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const object = JSON.parse(line) as Record<string, unknown>;
    return object['ready'] === true ? object : undefined;
  } catch {
    return undefined;
  }
}

/** What the promise resolves to, or undefined when the time is over first. */
async function within<Value>(deadlineMs: number, promise: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((done) => {
    timer = setTimeout(() => {
      done(undefined);
    }, deadlineMs);
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
