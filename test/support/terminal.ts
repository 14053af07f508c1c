// A terminal as the reader of the README has it: runs what stands there through a shell, and has
// a Ctrl-C. What it started is ended with it.
import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isAlive } from '../../src/postgres/cluster/process-identity.js';
import { descendantsOf } from './load/process-tree.js';
import { type Exit, StartedProcess } from './processes.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** npm looks whether the build is fresh, and the build itself takes some 15 s on a busy machine. */
const READY_MS = 90_000;
const COMMAND_MS = 60_000;

// A detached group does not end with us by itself.
const groups = new Set<number>();
process.once('exit', () => {
  for (const group of groups) killGroup(group);
});

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

type Environment = Readonly<Record<string, string>>;

function environment(more: Environment): NodeJS.ProcessEnv {
  // The flags that jest needs are not for what it starts.
  return { ...process.env, NODE_OPTIONS: '', ...more };
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a block of commands to its end; the first that fails ends it. */
export function run(command: string, more: Environment = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd: ROOT, env: environment(more), timeout: COMMAND_MS };
    execFile('sh', ['-e', '-c', command], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
  });
}

/** `npm start`, or a line that ends with it, in a process group of its own. */
export class StartedService {
  private constructor(
    private readonly shell: StartedProcess,
    /** Of the service itself, which the shell and npm stand before. */
    readonly pid: number,
  ) {}

  static async start(command: string, more: Environment): Promise<StartedService> {
    const group = spawn('sh', ['-e', '-c', command], {
      cwd: ROOT,
      env: environment(more),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const shell = new StartedProcess(command, group);
    groups.add(shell.pid);
    void shell.exited.then(() => groups.delete(shell.pid));
    // The last line of the greeting: what comes before it is there then.
    await shell
      .untilReady(READY_MS, (line) => (line === 'Ctrl-C stops it.' ? {} : undefined))
      .catch((error: unknown) => {
        killGroup(shell.pid); // the shell alone has been ended
        throw error;
      });
    const service = descendantsOf(shell.pid).find(({ command: line }) =>
      /^\S*node .*dist\/src\/main\.js ?$/.test(line),
    );
    if (service === undefined) throw new Error(`${command} started no dist/src/main.js`);
    return new StartedService(shell, service.pid);
  }

  get output(): string {
    return this.shell.stdout;
  }

  /** Everything that runs because of it, itself included. */
  get processes(): readonly number[] {
    return [this.shell.pid, ...descendantsOf(this.shell.pid).map(({ pid }) => pid)];
  }

  /** What the keys send: SIGINT to every process in the foreground. */
  async controlC(): Promise<Exit> {
    if (this.shell.isRunning) process.kill(-this.shell.pid, 'SIGINT');
    return this.shell.exited;
  }

  /** kill -9 of the service. */
  async kill(): Promise<void> {
    process.kill(this.pid, 'SIGKILL');
    await this.shell.exited;
  }
}

export function living(pids: readonly number[]): readonly number[] {
  return pids.filter(isAlive);
}
