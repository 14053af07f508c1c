// The preparation in front of `npm start`, run for real in a small checkout of its own. The two
// programs it calls, npm and the Nest compiler, are stand-ins that do their visible work at once
// and write down that they were called.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const PRESTART = fileURLToPath(new URL('../../src/boot/prestart.mjs', import.meta.url));

const LOCK_FILE = {
  lockfileVersion: 3,
  packages: {
    '': { name: 'surereach' },
    'node_modules/@nestjs/cli': { version: '1.0.0', integrity: 'sha512-cli' },
    'node_modules/left-pad': { version: '1.3.0', integrity: 'sha512-pad' },
    'node_modules/elsewhere-only': {
      version: '2.0.0',
      integrity: 'sha512-os',
      optional: true,
      os: ['plan9'],
    },
  },
};

// Writes what `npm ci` leaves behind, packages of this platform only; the compiler copies itself along.
const FAKE_NPM = `
const fs = require('node:fs');
fs.appendFileSync('calls.log', 'npm ' + process.argv.slice(2).join(' ') + '\\n');
if (process.env.FAKE_NPM_FAILS) { console.error('npm error network unreachable'); process.exit(1); }
const { packages } = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
const there = Object.fromEntries(Object.entries(packages).filter(([path, entry]) => path !== '' && !entry.os));
fs.mkdirSync('node_modules/@nestjs/cli/bin', { recursive: true });
fs.copyFileSync('fake-nest.cjs', 'node_modules/@nestjs/cli/bin/nest.js');
fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages: there }));
`;

// Deletes dist first, as deleteOutDir does, and takes long enough for a second start to meet it.
const FAKE_NEST = `
const fs = require('node:fs');
fs.appendFileSync('calls.log', 'nest ' + process.argv.slice(2).join(' ') + '\\n');
fs.rmSync('dist', { recursive: true, force: true });
const text = fs.readFileSync('src/main.ts', 'utf8');
if (text.includes('SYNTAX ERROR')) { console.error('src/main.ts:1:1 - error TS1005'); process.exit(1); }
setTimeout(() => {
  fs.mkdirSync('dist/src', { recursive: true });
  fs.writeFileSync('dist/src/main.js', text);
}, 300);
`;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('prestart', () => {
  let checkout: string;

  const path = (name: string): string => join(checkout, name);
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  const start = (args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): ChildProcess =>
    spawn(process.execPath, [path('src/boot/prestart.mjs'), ...args], {
      env: { PATH: process.env['PATH'], npm_execpath: path('fake/npm-cli.js'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const run = (args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
    endOf(start(args, env));
  const calls = (): string[] =>
    existsSync(path('calls.log')) ? readFileSync(path('calls.log'), 'utf8').trim().split('\n') : [];

  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'surereach-prestart-'));
    mkdirSync(path('src/boot'), { recursive: true });
    copyFileSync(PRESTART, path('src/boot/prestart.mjs'));
    write('package-lock.json', JSON.stringify(LOCK_FILE));
    write('tsconfig.json', '{}');
    write('fake/npm-cli.js', FAKE_NPM);
    write('fake-nest.cjs', FAKE_NEST);
    write('src/main.ts', 'first');
    write('src/journal/0001-events.sql', 'create table events ();');
    write('projections/rows.ts', 'rows');
  });

  afterEach(() => {
    rmSync(checkout, { recursive: true, force: true });
  });

  it('installs and builds a fresh clone, and says so in whole sentences on stderr', async () => {
    const { code, stdout, stderr } = await run();

    expect(code).toBe(0);
    expect(calls()).toEqual(['npm ci --include=dev', 'nest build']);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toEqual([
      'surereach: installing the dependencies (node_modules is missing); this takes a minute and needs the npm registry.',
      'surereach: building (the sources changed since the last build).',
    ]);
  });

  it('does and says nothing the second time, without npm', async () => {
    await run();
    const { code, stdout, stderr } = await run([], { npm_execpath: '/nowhere/npm-cli.js' });

    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(calls()).toHaveLength(2);
  });

  it('goes by content: new time stamps alone cause no work', async () => {
    await run();
    const later = new Date(Date.now() + 3_600_000);
    for (const name of ['package-lock.json', 'src/main.ts', 'projections/rows.ts'])
      utimesSync(path(name), later, later);
    await run();

    expect(calls()).toHaveLength(2);
  });

  it.each([
    ['a source', 'src/main.ts', 'second'],
    ['a projection', 'projections/rows.ts', 'other rows'],
    ['a migration', 'src/journal/0001-events.sql', 'create table other ();'],
    ['the compiler settings', 'tsconfig.json', '{"compilerOptions":{}}'],
    ['the list of sources', 'src/new-file.ts', 'new'],
  ])('builds, without installing, when %s changed', async (_, name, text) => {
    await run();
    write(name, text);
    await run();

    expect(calls()).toEqual(['npm ci --include=dev', 'nest build', 'nest build']);
  });

  it('does not build for a changed specification', async () => {
    await run();
    write('src/main.spec.ts', 'describe');
    await run();

    expect(calls()).toHaveLength(2);
  });

  it('installs again when the lock file asks for another version, and names the package', async () => {
    await run();
    const packages = {
      ...LOCK_FILE.packages,
      'node_modules/left-pad': { version: '1.4.0', integrity: 'sha512-new' },
    };
    write('package-lock.json', JSON.stringify({ ...LOCK_FILE, packages }));
    const { stderr } = await run();

    expect(calls()).toEqual(['npm ci --include=dev', 'nest build', 'npm ci --include=dev', 'nest build']);
    expect(stderr).toContain('(left-pad is not what package-lock.json says)');
  });

  it('installs again after an install that did not finish', async () => {
    await run();
    rmSync(path('node_modules/.package-lock.json'));
    const { stderr } = await run();

    expect(calls().filter((call) => call.startsWith('npm'))).toHaveLength(2);
    expect(stderr).toContain('an earlier install did not finish');
  });

  it('leaves dist alone with --install-only', async () => {
    await run(['--install-only']);

    expect(calls()).toEqual(['npm ci --include=dev']);
    expect(existsSync(path('dist'))).toBe(false);
  });

  it('ends with 1 and one sentence when the install fails', async () => {
    const { code, stderr } = await run([], { FAKE_NPM_FAILS: '1' });

    expect(code).toBe(1);
    expect(stderr).toContain('npm error network unreachable');
    expect(stderr.trim().split('\n').at(-1)).toMatch(
      /^surereach: the dependencies could not be installed, .*run the command again\.$/,
    );
    expect(calls()).toEqual(['npm ci --include=dev']);
  });

  it('ends with 1 when the build fails, builds again next time, and recovers', async () => {
    write('src/main.ts', 'SYNTAX ERROR');
    const broken = await run();
    const stillBroken = await run();
    write('src/main.ts', 'mended');
    const mended = await run();

    expect([broken.code, stillBroken.code, mended.code]).toEqual([1, 1, 0]);
    expect(broken.stderr).toContain('error TS1005');
    expect(broken.stderr.trim().split('\n').at(-1)).toMatch(
      /^surereach: the build failed, .*run the command again\.$/,
    );
    expect(readFileSync(path('dist/src/main.js'), 'utf8')).toBe('mended');
  });

  it('says which file to restore when the lock file is broken', async () => {
    write('package-lock.json', '<<<<<<< ours');
    const { code, stderr } = await run();

    expect(code).toBe(1);
    expect(stderr).toBe(
      `surereach: ${path('package-lock.json')} is missing or not valid JSON: restore it (git checkout package-lock.json).\n`,
    );
  });

  it('lets two starts at once build once, one after the other', async () => {
    const ends = await Promise.all([run(), run()]);

    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    expect(calls()).toEqual(['npm ci --include=dev', 'nest build']);
    expect(existsSync(path('.data/prestart.lock'))).toBe(false);
  });

  it('takes over the lock of a process that was killed', async () => {
    const killed = start();
    await once(killed.stderr ?? killed, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'close');
    const { code } = await run();

    expect(code).toBe(0);
    expect(existsSync(path('.data/prestart.lock'))).toBe(false);
  });

  it('reads only, when nothing changed', async () => {
    await run();
    rmSync(path('.data'), { recursive: true });
    chmodSync(path('dist'), 0o555);
    const { code } = await run();
    chmodSync(path('dist'), 0o755);

    expect(code).toBe(0);
    expect(existsSync(path('.data'))).toBe(false);
  });

  it('refuses a Node that is too old, naming both versions', async () => {
    const source = readFileSync(path('src/boot/prestart.mjs'), 'utf8');
    write(
      'src/boot/prestart.mjs',
      source.replace('const NODE_AT_LEAST = [20, 19];', 'const NODE_AT_LEAST = [99, 1];'),
    );
    const { code, stderr } = await run();

    expect(code).toBe(1);
    expect(stderr).toBe(
      `surereach: Node 99.1 or newer is needed and this is ${process.versions.node}: install a newer Node and run the command again.\n`,
    );
  });
});

async function endOf(child: ChildProcess): Promise<Ended> {
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}
