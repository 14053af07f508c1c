// The PostgreSQL that holds everything: the one at DATABASE_URL, or an embedded one of our own.
import type { Clock } from '../clock/clock.js';
import { SystemRandomness } from '../clock/system-clock.js';
import type { AppConfig } from '../config/config.js';
import type { Log } from '../health/log.js';
import { KeptPostgres } from '../postgres/kept-postgres.js';

export interface Store {
  readonly url: string;
  stop(): Promise<unknown>;
}

export async function openStore(config: AppConfig, clock: Clock, log: Log): Promise<Store> {
  if (config.databaseUrl !== null) return { url: config.databaseUrl.reveal(), stop: () => Promise.resolve() };
  const { dataDir, pgBin } = config;
  return KeptPostgres.start({
    dataDir,
    clock,
    randomness: new SystemRandomness(),
    ...(pgBin === null ? {} : { pgBin }),
    onTrouble: (what) => {
      log.error(what);
    },
  });
}
