// Fetches and compiles the SMPP stacks of others, before the first interop test. What is pinned in
// java/pom.xml and python/requirements.txt lands in .data/interop, in folders named after the content
// of those files, so that a second run finds it there. Never throws: the specs say what is missing.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = fileURLToPath(new URL('..', import.meta.url));
const data = fileURLToPath(new URL('../../../.data/interop', import.meta.url));

/** Pinned as well: what it prints and where it puts things is relied on. */
const DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1';
/** A guess, several times what a slow registry took (31 s, 2026-11-21). */
const FETCH_LIMIT_MS = 150_000;
/** Written last: a folder without it was left half-made. */
const COMPLETE = 'complete';

/** What a tool needs that is not installed, or could not be fetched: a reason to skip, not to fail. */
class MissingError extends Error {}

/** Jest's globalSetup of the project `interop`; the workers inherit the variable. */
export default async function prepare() {
  const [java, python] = await Promise.all([outcomeOf(prepareJava), outcomeOf(preparePython)]);
  process.env.INTEROP_STACKS = JSON.stringify({ java, python });
}

async function outcomeOf(make) {
  try {
    return { state: 'ready', ...(await make()) };
  } catch (error) {
    return { state: error instanceof MissingError ? 'missing' : 'broken', why: error.message };
  }
}

async function prepareJava() {
  await installed('java', ['-version']);
  await installed('javac', ['-version']);
  await installed('mvn', ['--version']);
  const pom = join(here, 'java/pom.xml');
  const jars = await made('jars', [pom], async (folder) => {
    await fetched('mvn', [
      '--batch-mode',
      '--quiet',
      `-Dmaven.repo.local=${join(data, 'm2')}`,
      '--file',
      pom,
      `${DEPENDENCY_PLUGIN}:copy-dependencies`,
      `-DoutputDirectory=${folder}`,
    ]);
  });
  const sources = readdirSync(join(here, 'java/src')).map((name) => join(here, 'java/src', name));
  const classes = await made('classes', [pom, ...sources], async (folder) => {
    await run('javac', ['-Xlint:all', '-Werror', '-cp', join(jars, '*'), '-d', folder, ...sources]);
  });
  return { classPath: `${classes}:${join(jars, '*')}` };
}

async function preparePython() {
  await installed('python3', ['--version']);
  const requirements = join(here, 'python/requirements.txt');
  const folder = await made('python', [requirements], async (venv) => {
    await fetched('python3', ['-m', 'venv', venv]);
    await fetched(join(venv, 'bin/python'), [
      ...['-m', 'pip', 'install', '--quiet', '--no-deps', '--disable-pip-version-check'],
      ...['--requirement', requirements],
    ]);
  });
  return { python: join(folder, 'bin/python') };
}

/** The folder that `make` filled from these files, now or in an earlier run. */
async function made(name, files, make) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file.slice(here.length)).update(readFileSync(file));
  const folder = join(data, `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(join(folder, COMPLETE))) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await make(folder);
  writeFileSync(join(folder, COMPLETE), '');
  return folder;
}

async function installed(command, args) {
  try {
    await run(command, args);
  } catch (error) {
    throw new MissingError(`${command} does not run here (${firstLine(error)})`);
  }
}

async function fetched(command, args) {
  try {
    await run(command, args, { timeout: FETCH_LIMIT_MS });
  } catch (error) {
    throw new MissingError(`${command} could not fetch what is pinned (${firstLine(error)})`);
  }
}

function firstLine(error) {
  const said = `${error.stderr ?? ''}\n${error.stdout ?? ''}\n${error.message}`;
  return said.split('\n').find((line) => line.trim() !== '');
}
