// Fetches and compiles the SMPP stacks of others, before the first interop test. What is pinned in
// java/pom.xml and python/requirements.txt lands in .data/interop. Never throws: the specs say what
// is missing.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fetched, installed, jarsOf, made, outcomeOf } from '../../support/fetched-once.mjs';

const run = promisify(execFile);
const here = fileURLToPath(new URL('..', import.meta.url));
const data = fileURLToPath(new URL('../../../.data/interop', import.meta.url));

/** Jest's globalSetup of the project `interop`; the workers inherit the variable. */
export default async function prepare() {
  const [java, python] = await Promise.all([outcomeOf(prepareJava), outcomeOf(preparePython)]);
  process.env.INTEROP_STACKS = JSON.stringify({ java, python });
}

async function prepareJava() {
  await installed('java', ['-version']);
  await installed('javac', ['-version']);
  const pom = join(here, 'java/pom.xml');
  const jars = await jarsOf(data, pom);
  const sources = readdirSync(join(here, 'java/src')).map((name) => join(here, 'java/src', name));
  const classes = await made(data, 'classes', [pom, ...sources], async (folder) => {
    await run('javac', ['-Xlint:all', '-Werror', '-cp', join(jars, '*'), '-d', folder, ...sources]);
  });
  return { classPath: `${classes}:${join(jars, '*')}` };
}

async function preparePython() {
  await installed('python3', ['--version']);
  const requirements = join(here, 'python/requirements.txt');
  const folder = await made(data, 'python', [requirements], async (venv) => {
    await fetched('python3', ['-m', 'venv', venv]);
    await fetched(join(venv, 'bin/python'), [
      ...['-m', 'pip', 'install', '--quiet', '--no-deps', '--disable-pip-version-check'],
      ...['--requirement', requirements],
    ]);
  });
  return { python: join(folder, 'bin/python') };
}
