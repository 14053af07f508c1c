// Boot and orderly shutdown, nothing else.
import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { createLog } from './health/log.js';
import { loadConfig } from './config/config.js';
import { SystemClock, SystemRandomness } from './clock/system-clock.js';
import { Service } from './boot/service.js';
import { reasonNotStarted } from './boot/boot.errors.js';

// At full load nearly everything lives for a quarter of a second and dies in the old generation.
// Left to itself V8 lets that grow to three times what is alive (430 to 450 MB resident in npm run
// bench); at this growth it is 377 to 393 MB, at 40 it is 270 MB for a third more CPU. What this growth
// itself costs is within the noise of single runs.
setFlagsFromString('--heap-growing-percent=210');

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLog(config.logLevel);
  const starting = Service.start(config, log, new SystemClock(), new SystemRandomness());
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= starting
      .then((service) => service.stop())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  const service = await starting;
  process.stdout.write(service.greeting());
}

main().catch((error: unknown) => {
  process.stderr.write(`SureReach did not start: ${reasonNotStarted(error)}\n`);
  process.exit(1);
});
