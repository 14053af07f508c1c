// npm run projections -- list | rebuild <read model>: beside a running service, without stopping it.
import { SingleBar } from 'cli-progress';
import { MIGRATIONS } from '../src/boot/migrations.js';
import { reasonNotStarted } from '../src/boot/boot.errors.js';
import { openJournal, type OpenedJournal } from '../src/boot/journal.js';
import { openStore } from '../src/boot/store.js';
import { SystemClock } from '../src/clock/system-clock.js';
import { loadConfig } from '../src/config/config.js';
import { createLog } from '../src/health/log.js';
import { migrate } from '../src/postgres/migrate.js';
import { openPool } from '../src/postgres/postgres.js';
import { READ_MODELS } from './read-models.js';
import { rebuild, type ReadModel } from './rebuild.js';

const USAGE = `Usage: npm run projections -- list
       npm run projections -- rebuild <read model>

Read models: ${READ_MODELS.map(({ name }) => name).join(', ')}
`;

async function main(args: readonly string[]): Promise<number> {
  const [command, name] = args;
  if (command === 'list') {
    for (const model of READ_MODELS) process.stdout.write(`${model.name}\t${model.subscription}\n`);
    return 0;
  }
  const model = READ_MODELS.find((candidate) => candidate.name === name);
  if (command !== 'rebuild' || model === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  await rebuildOf(model);
  return 0;
}

async function rebuildOf(model: ReadModel): Promise<void> {
  const config = loadConfig(process.env);
  const clock = new SystemClock();
  const store = await openStore(config, clock, createLog('warn'));
  const pool = openPool({ url: store.url, applicationName: 'surereach projections', statementTimeoutMs: 0 });
  let opened: OpenedJournal | undefined;
  const bar = new SingleBar({
    format: `${model.name} {bar} {percentage}% {value} of {total} events, {eta_formatted} left`,
  });
  try {
    await migrate(store.url, MIGRATIONS);
    opened = await openJournal(config, store, pool, clock);
    bar.start(1, 0);
    const events = await rebuild(pool, opened.journal, model, (done, total) => {
      bar.setTotal(Math.max(1, Number(total)));
      bar.update(Number(done));
    });
    bar.stop();
    process.stdout.write(`${model.name} was rebuilt from ${String(events)} events and is live.\n`);
  } finally {
    bar.stop();
    await opened?.close();
    await pool.end();
    await store.stop();
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`projections: ${reasonNotStarted(error)}\n`);
    process.exit(1);
  },
);
