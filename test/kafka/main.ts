// npm run kafka -- start | stop: a Kafka broker of one node on this machine, to try the feed with. It
// goes on when the command has ended; what it stores and logs is in .data/kafka/broker.
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { polled } from '../support/polled.js';
import { brokerFiles, saysReady } from './support/broker-files.js';
import { prepareBroker } from './support/prepare.mjs';

const folder = fileURLToPath(new URL('../../.data/kafka/broker', import.meta.url));
const PID_FILE = join(folder, 'broker.pid');
const LOG_FILE = join(folder, 'broker.log');
const READY_MS = 60_000;
const STOP_MS = 30_000;

async function start(): Promise<void> {
  const running = runningPid();
  if (running !== undefined) throw new Error(`it runs already (process ${String(running)})`);
  const prepared = await prepareBroker();
  if (prepared.state !== 'ready') throw new Error(prepared.why);
  const { port, args } = await brokerFiles(prepared.classPath, folder);
  rmSync(LOG_FILE, { force: true });
  const log = openSync(LOG_FILE, 'a');
  const child = spawn('java', args, { detached: true, stdio: ['ignore', log, log] });
  child.unref();
  writeFileSync(PID_FILE, String(child.pid));
  await polled(
    'the broker to start',
    () => {
      if (child.exitCode !== null) throw new Error(`the broker ended at once; its log is ${LOG_FILE}`);
      return readFileSync(LOG_FILE, 'utf8').split('\n').some(saysReady);
    },
    READY_MS,
  );
  process.stdout.write(`Kafka is ready. Start the service with KAFKA_BROKERS=127.0.0.1:${String(port)}\n`);
}

async function stop(): Promise<void> {
  const pid = runningPid();
  if (pid === undefined) {
    process.stdout.write('No broker was running.\n');
    return;
  }
  process.kill(pid, 'SIGTERM');
  await polled('the broker to stop', () => runningPid() === undefined, STOP_MS);
  rmSync(PID_FILE, { force: true });
  process.stdout.write('Kafka has stopped. What it stored is still there.\n');
}

/** Of the broker this command started; another process that got its number does not count. */
function runningPid(): number | undefined {
  if (!existsSync(PID_FILE)) return undefined;
  const pid = Number.parseInt(readFileSync(PID_FILE, 'utf8'), 10);
  try {
    process.kill(pid, 0);
  } catch {
    return undefined;
  }
  const commandLine = `/proc/${String(pid)}/cmdline`;
  if (!existsSync(commandLine)) return pid;
  return readFileSync(commandLine, 'utf8').includes(folder) ? pid : undefined;
}

const actions: Readonly<Record<string, () => Promise<void>>> = { start, stop };
const action = actions[process.argv[2] ?? ''];
if (action === undefined) {
  process.stderr.write('kafka: say `npm run kafka -- start` or `npm run kafka -- stop`\n');
  process.exit(2);
}
// The clock's timers keep no process alive.
const alive = setInterval(() => undefined, 1_000);
action()
  .catch((error: unknown) => {
    process.stderr.write(`kafka: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  })
  .finally(() => {
    clearInterval(alive);
  });
