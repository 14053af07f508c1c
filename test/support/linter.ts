// eslint in a process of its own, because it must be told before it loads that the texts it is given
// are not those on the disk: with CI set, typescript-eslint takes every run for a single one and
// reads the files themselves for its types.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = fileURLToPath(new URL('lint-lines.mjs', import.meta.url));

export class Linter {
  private readonly process: ChildProcess = spawn(process.execPath, [PROGRAM], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '', TSESTREE_SINGLE_RUN: 'false' },
  });
  private readonly waiting: ((rules: string[]) => void)[] = [];

  constructor() {
    if (this.process.stdout === null) throw new Error('the linter has no output');
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      this.waiting.shift()?.(JSON.parse(line) as string[]);
    });
  }

  /** Ids of the rules that the text breaks, as if it stood in this file. */
  rulesAgainst(code: string, filePath: string): Promise<string[]> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.process.stdin?.write(`${JSON.stringify({ code: `${code}\n`, filePath })}\n`);
    });
  }

  async stop(): Promise<void> {
    const exited = once(this.process, 'exit');
    this.process.stdin?.end();
    await exited;
  }
}
