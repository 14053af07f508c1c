// The SMSC simulator as a process: one JSON line on stdout when it is ready, errors on stderr.
// Ends on SIGTERM and SIGINT, and with the process that started it: when the IPC channel
// closes, or when stdin is a pipe and ends.
import { fstatSync } from 'node:fs';
import { readCommandLine, USAGE } from './command-line.js';
import { SmscSimulator } from './smsc-simulator.js';
import { SmscSimulatorError } from './smsc-simulator.errors.js';

/** As shells expect it of a command that was called wrongly. */
const USAGE_EXIT_CODE = 2;

async function main(): Promise<void> {
  const options = readCommandLine(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  const simulator = await SmscSimulator.listen(options);
  const stop = (): void => {
    void simulator.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop);
  if (stdinIsPipe()) {
    process.stdin.once('end', stop);
    process.stdin.once('error', stop);
    process.stdin.resume();
  }
  process.stdout.write(
    `${JSON.stringify({ ready: true, port: simulator.port, httpPort: simulator.httpPort ?? null })}\n`,
  );
}

/** A terminal or /dev/null says nothing about the parent; a pipe ends when the parent is gone. */
function stdinIsPipe(): boolean {
  try {
    const stdin = fstatSync(0);
    return stdin.isFIFO() || stdin.isSocket();
  } catch {
    return false;
  }
}

main().catch((error: unknown) => {
  const known = error instanceof SmscSimulatorError;
  process.stderr.write(`smsc-simulator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(known ? USAGE_EXIT_CODE : 1);
});
