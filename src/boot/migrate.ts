// npm run migrate: brings the database to the state of the code. The service does the same at start.
import { SystemClock } from '../clock/system-clock.js';
import { loadConfig } from '../config/config.js';
import { createLog } from '../health/log.js';
import { migrate } from '../postgres/migrate.js';
import { reasonNotStarted } from './boot.errors.js';
import { MIGRATIONS } from './migrations.js';
import { openStore } from './store.js';

async function main(): Promise<void> {
  const store = await openStore(loadConfig(process.env), new SystemClock(), createLog('warn'));
  try {
    const applied = await migrate(store.url, MIGRATIONS);
    for (const { room, number, name } of applied) {
      process.stdout.write(`${room}/${String(number).padStart(4, '0')}-${name}\n`);
    }
    process.stdout.write(applied.length === 0 ? 'The database is up to date.\n' : '');
  } finally {
    await store.stop();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`migrate: ${reasonNotStarted(error)}\n`);
  process.exit(1);
});
