// What tests need of others that no npm package brings: fetched once into .data, in folders named after
// the content of the files that pin it, so that a second run finds it there.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Pinned as well: what it prints and where it puts things is relied on. */
const DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1';
/** A guess, several times what a slow registry took (31 s, 2026-11-21). */
const FETCH_LIMIT_MS = 150_000;
/** Written last: a folder without it was left half-made. */
const COMPLETE = 'complete';

/** What a tool needs that is not installed, or could not be fetched: a reason to skip, not to fail. */
class MissingError extends Error {}

/** What `make` gives with state `ready`; or `missing`, or `broken`, and why. Never throws. */
export async function outcomeOf(make) {
  try {
    return { state: 'ready', ...(await make()) };
  } catch (error) {
    return { state: error instanceof MissingError ? 'missing' : 'broken', why: error.message };
  }
}

/** The folder below `data` that `make` filled from these files, now or in an earlier run. */
export async function made(data, name, files, make) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(relative(root, file)).update(readFileSync(file));
  const folder = join(data, `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(join(folder, COMPLETE))) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await make(folder);
  writeFileSync(join(folder, COMPLETE), '');
  return folder;
}

/** The folder with the jars that `pom` names and all they depend on. */
export async function jarsOf(data, pom) {
  await installed('mvn', ['--version']);
  return made(data, 'jars', [pom], async (folder) => {
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
}

export async function installed(command, args) {
  try {
    return await run(command, args);
  } catch (error) {
    throw new MissingError(`${command} does not run here (${firstLine(error)})`);
  }
}

export async function fetched(command, args) {
  try {
    await run(command, args, { timeout: FETCH_LIMIT_MS });
  } catch (error) {
    throw new MissingError(`${command} could not fetch what is pinned (${firstLine(error)})`);
  }
}

/** A reason to skip that only the caller can see. */
export function missing(why) {
  return new MissingError(why);
}

function firstLine(error) {
  const said = `${error.stderr ?? ''}\n${error.stdout ?? ''}\n${error.message}`;
  return said.split('\n').find((line) => line.trim() !== '');
}
