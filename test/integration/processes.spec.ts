// The support that starts and ends processes must itself be beyond doubt: faults are built on it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProcess } from '../support/processes.js';

const READY = `console.log('starting'); console.log(JSON.stringify({ ready: true, port: 7, args: process.argv.slice(2) }));`;
const STAY = `setInterval(() => {}, 1000);`;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'processes-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function script(name: string, text: string): string {
  const file = join(directory, `${name}.mjs`);
  writeFileSync(file, text);
  return file;
}

describe('startProcess', () => {
  it('waits for the ready line, and keeps what else is printed', async () => {
    const later = `process.once('SIGTERM', () => { console.log('later'); process.exit(0); });`;
    const entry = script('talkative', `console.error(process.env.GREETING); ${later} ${READY} ${STAY}`);
    const started = await startProcess(entry, ['--x', '1'], { GREETING: 'hello' });
    expect(started.ready).toEqual({ ready: true, port: 7, args: ['--x', '1'] });
    expect(started.number('port')).toBe(7);
    expect(() => started.number('httpPort')).toThrow('httpPort');
    expect(await started.stop()).toEqual({ code: 0, signal: null });
    expect(started.isRunning).toBe(false);
    expect(started.stdout).toContain('later');
    expect(started.stderr).toContain('hello');
  });

  it('kills a process that does not stop when asked to', async () => {
    const entry = script('stubborn', `process.on('SIGTERM', () => {}); ${READY} ${STAY}`);
    const started = await startProcess(entry);
    expect(await started.stop(50)).toEqual({ code: null, signal: 'SIGKILL' });
    expect(() => process.kill(started.pid, 0)).toThrow('ESRCH');
  });

  it('tells the exit of a process that ends by itself', async () => {
    const started = await startProcess(script('short', `${READY} process.exitCode = 3;`));
    expect(await started.exited).toEqual({ code: 3, signal: null });
    expect(await started.kill()).toEqual({ code: 3, signal: null });
  });

  it('fails with its output when a process ends before it is ready', async () => {
    const entry = script('broken', `console.error('no database'); process.exit(4);`);
    await expect(startProcess(entry)).rejects.toThrow(/code 4[^]*no database/);
  });

  it('fails and leaves nothing behind when a process is not ready in time', async () => {
    const entry = script('mute', `console.error(process.pid); ${STAY}`);
    const failure = await startProcess(entry, [], {}, { readyMs: 500 }).catch((error: unknown) => error);
    expect(String(failure)).toContain('not ready within 500 ms');
    const pid = Number(/stderr: (\d+)/.exec(String(failure))?.[1]);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('says what to do when the entry is not built', async () => {
    await expect(startProcess('dist/nowhere.js')).rejects.toThrow('npm run build');
  });
});
