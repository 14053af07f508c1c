// The start and the end of the service as `npm start` has them: with a PostgreSQL of its own.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startProcess } from '../support/processes.js';
import { RunningService } from '../support/service.js';
import { living } from '../support/terminal.js';
import { descendantsOf } from '../support/load/process-tree.js';
import { newRunFolder } from '../support/test-postgres.js';

/** The promise for a start over an existing cluster; the first one also makes the cluster. */
const SECOND_START_MS = 10_000;
const ORPHANS_END_MS = 10_000;

interface NotStarted {
  readonly code: number | null;
  readonly stderr: string;
}

describe('the service with a PostgreSQL of its own', () => {
  let dataDir: string;
  let running: RunningService | undefined;

  beforeAll(async () => {
    dataDir = await newRunFolder();
  });

  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });

  async function start(): Promise<RunningService> {
    running = await RunningService.start({ env: { DATA_DIR: dataDir } });
    return running;
  }

  it('says where it is, and serves its documentation there', async () => {
    const service = await start();
    expect(service.output).toContain(`API             ${service.url}/docs\n`);
    const docs = await fetch(`${service.url}/docs`);
    expect([docs.status, docs.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/html'),
    ]);
    expect(await docs.text()).toMatch(/<html/i);
    const document = await fetch(`${service.url}/openapi.json`);
    expect(document.status).toBe(200);
    expect(await document.json()).toMatchObject({ openapi: expect.stringMatching(/^3\.1\./) as unknown });
  });

  it('ends on SIGTERM with everything that it started', async () => {
    const service = await start();
    await service.settled(await service.send({ to: '+254722000005', from: '20414', text: 'Hello.' }));
    const started = descendantsOf(service.pid);
    for (const program of [/bin\/postgres -D/, /simulators\/smsc\/main/, /simulators\/voice\/main/]) {
      expect(started.filter(({ command }) => program.test(command))).not.toEqual([]);
    }
    expect(await service.stop()).toEqual({ code: 0, signal: null });
    expect(living(started.map(({ pid }) => pid))).toEqual([]);
  });

  it('starts again within 10 s after kill -9, over the PostgreSQL that was left, with every message', async () => {
    const killed = await start();
    const id = await killed.send({ to: '+254722000000', from: '20414', text: 'Kept.' });
    const before = descendantsOf(killed.pid);
    const postgres = before
      .filter(({ command }) => command.includes('bin/postgres -D'))
      .map(({ pid }) => pid);
    const simulators = before.filter(({ command }) => command.includes('simulators/')).map(({ pid }) => pid);
    expect([postgres.length, simulators.length]).toEqual([1, 2]);
    await killed.kill();

    const startedMs = performance.now();
    const service = await start();
    expect(performance.now() - startedMs).toBeLessThan(SECOND_START_MS);
    // The same server goes on: it is no child of the new process.
    expect(living(postgres)).toEqual(postgres);
    expect(descendantsOf(service.pid).filter(({ command }) => command.includes('bin/postgres -D'))).toEqual(
      [],
    );
    expect(await service.message(id)).toMatchObject({ id, to: '+254722000000' });
    expect((await service.events(id))[0]).toMatchObject({ type: 'MessageAccepted' });
    await untilEnded(simulators);

    expect(await service.stop()).toEqual({ code: 0, signal: null });
    expect(living(postgres)).toEqual([]);
  });

  describe('that cannot start', () => {
    let squatter: Server;
    let taken: number;

    beforeEach(async () => {
      squatter = createServer();
      await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
      const address = squatter.address();
      taken = typeof address === 'object' && address !== null ? address.port : 0;
    });

    afterEach(async () => {
      await new Promise((resolve) => squatter.close(resolve));
    });

    it('names the port that is taken and how to choose another', async () => {
      const { code, stderr } = await startInVain({ HTTP_PORT: String(taken), DATA_DIR: dataDir });
      expect(code).toBe(1);
      expect(stderr).toBe(
        `SureReach did not start: 127.0.0.1:${String(taken)} is taken by another program; stop it, or choose another port with HTTP_PORT\n`,
      );
    });

    // Root may write anywhere, but nobody below a file.
    it('names the folder that it cannot use and what to set instead', async () => {
      const { code, stderr } = await startInVain({ HTTP_PORT: '0', DATA_DIR: '/dev/null/x' });
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^SureReach did not start: DATA_DIR \/dev\/null\/x cannot be used \(\w+\): choose another DATA_DIR, or set DATABASE_URL\n$/,
      );
    });

    it('names the variable that is wrong and how to write it', async () => {
      const { code, stderr } = await startInVain({ HTTP_PORT: 'many', DATA_DIR: join(dataDir, 'unused') });
      expect(code).toBe(1);
      expect(stderr).toContain('HTTP_PORT must be a whole number from 0 to 65535, but is "many"');
    });
  });
});

/** What it says when it does not start, and with which code it ends. */
async function startInVain(env: Readonly<Record<string, string>>): Promise<NotStarted> {
  const complete = { DATABASE_URL: '', LOG_LEVEL: 'info', ...env };
  const failure = await startProcess('dist/src/main.js', [], complete).then(
    async (started) => {
      await started.stop();
      throw new Error('it started');
    },
    (error: unknown) => String(error),
  );
  const [, code, stderr = ''] = /\(code (\d+), signal null\)[\s\S]*\nstderr: ([\s\S]*)$/.exec(failure) ?? [];
  if (code === undefined) throw new Error(failure);
  return { code: Number(code), stderr };
}

/** Those who lost the process that they belong to notice it by themselves. */
async function untilEnded(pids: readonly number[]): Promise<void> {
  const deadline = performance.now() + ORPHANS_END_MS;
  while (living(pids).length > 0) {
    if (performance.now() > deadline) throw new Error(`still running: ${living(pids).join(', ')}`);
    await delay(25);
  }
}
