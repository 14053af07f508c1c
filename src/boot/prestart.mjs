// Runs before `npm start`, `npm test` and every other script that needs node_modules or dist:
// installs when the lock file asks for something else than is there, builds when a source has
// changed. Plain Node, no dependency, no network when nothing changed: it must run on a machine
// that has just cloned the repository. Never starts anything.
//
//   --install-only   leave dist alone (lint, format, typecheck)
//
// Freshness is decided by content, not by time stamps: a clone, a branch switch or a copied folder
// upsets times without changing a byte. With nothing to do that takes 0.1 s (2026-11-21, 2 cores,
// `time node src/boot/prestart.mjs`, 230 sources).
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const at = (...names) => join(root, ...names);

const NODE_AT_LEAST = [20, 19];
const BUILD_STAMP = at('dist', '.sources.sha256');
const LOCK = at('.data', 'prestart.lock');
/** What the build reads. Specs are not compiled into dist. */
const SOURCE_FOLDERS = ['src', 'projections'];
const SOURCE_FILES = ['package.json', 'package-lock.json', 'tsconfig.json', 'nest-cli.json'];
const isSource = (name) => (name.endsWith('.ts') && !name.endsWith('.spec.ts')) || name.endsWith('.sql');
/** A build takes under a minute; a lock held longer than this by a living process is reported. */
const LOCK_PATIENCE_MS = 10 * 60_000;
const LOCK_POLL_MS = 200;

class Refusal extends Error {}

function say(sentence) {
  process.stderr.write(`surereach: ${sentence}\n`);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > NODE_AT_LEAST[0] || (major === NODE_AT_LEAST[0] && minor >= NODE_AT_LEAST[1])) return;
  throw new Refusal(
    `Node ${NODE_AT_LEAST.join('.')} or newer is needed and this is ${process.versions.node}: install a newer Node and run the command again.`,
  );
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Why the dependencies do not fit the lock file, in a few words; undefined when they fit. */
function whyInstall() {
  const wanted = readJson(at('package-lock.json'))?.packages;
  if (wanted === undefined) {
    throw new Refusal(
      `${at('package-lock.json')} is missing or not valid JSON: restore it (git checkout package-lock.json).`,
    );
  }
  if (!existsSync(at('node_modules'))) return 'node_modules is missing';
  // npm writes this file last, after everything it lists is in place.
  const there = readJson(at('node_modules', '.package-lock.json'))?.packages;
  if (there === undefined) return 'an earlier install did not finish';
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const found = there[path];
    // Packages of other platforms are optional and rightly absent.
    if (
      found === undefined
        ? !entry.optional
        : found.version !== entry.version || found.integrity !== entry.integrity
    ) {
      return `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)} is not what package-lock.json says`;
    }
  }
  return undefined;
}

function* sourcesUnder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sourcesUnder(path);
    else if (isSource(entry.name)) yield path;
  }
}

/** One digest over the names and contents of everything the build reads. */
function digestOfSources() {
  const paths = SOURCE_FILES.map((name) => at(name)).filter((path) => existsSync(path));
  for (const folder of SOURCE_FOLDERS) {
    if (existsSync(at(folder))) paths.push(...sourcesUnder(at(folder)));
  }
  const digest = createHash('sha256');
  for (const path of paths.sort()) {
    const content = readFileSync(path);
    digest.update(`${relative(root, path).split(sep).join('/')}\0${content.length}\0`).update(content);
  }
  return digest.digest('hex');
}

function isBuilt(digest) {
  if (!existsSync(at('dist', 'src', 'main.js')) || !existsSync(BUILD_STAMP)) return false;
  return readFileSync(BUILD_STAMP, 'utf8').trim() === digest;
}

/** Runs a command with its output on stderr, so that a script's own stdout stays its own. */
function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (done.error !== undefined) return done.error.message;
  if (done.signal !== null) return `it was stopped by ${done.signal}`;
  return done.status === 0 ? undefined : `it ended with code ${done.status}`;
}

function install(why) {
  say(`installing the dependencies (${why}); this takes a minute and needs the npm registry.`);
  // npm tells its scripts where it is; called by hand, `npm` is looked up (a shell finds npm.cmd on Windows).
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev'];
  const env = { ...process.env, SCARF_ANALYTICS: 'false' };
  // `npm test --json` and the like are settings of the outer call.
  delete env.npm_config_json;
  // What npm has to warn of concerns us, not the person who starts the service.
  env.npm_config_loglevel = 'error';
  const trouble =
    npm !== undefined && /npm-cli\.c?js$/.test(npm)
      ? run(process.execPath, [npm, ...args], { env })
      : run('npm', args, { env, shell: process.platform === 'win32' });
  if (trouble === undefined) return;
  throw new Refusal(
    `the dependencies could not be installed, ${trouble}; npm says why above: check the network and the rights on ${at('node_modules')}, then run the command again.`,
  );
}

function build(digest) {
  say('building (the sources changed since the last build).');
  const trouble = run(process.execPath, [at('node_modules', '@nestjs', 'cli', 'bin', 'nest.js'), 'build']);
  if (trouble !== undefined) {
    throw new Refusal(
      `the build failed, ${trouble}; the compiler says why above: mend it and run the command again.`,
    );
  }
  if (!existsSync(at('dist', 'src', 'main.js'))) {
    throw new Refusal(
      'the build ended well but left no dist/src/main.js: see nest-cli.json and tsconfig.json.',
    );
  }
  // The digest was taken before the compiler read the files: a file saved meanwhile builds again.
  writeFileSync(BUILD_STAMP, `${digest}\n`);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Takes the lock file; two starts at once must not delete dist under each other. */
async function lock() {
  mkdirSync(at('.data'), { recursive: true });
  let told = false;
  for (let waitedMs = 0; ; waitedMs += LOCK_POLL_MS) {
    try {
      const file = openSync(LOCK, 'wx');
      writeFileSync(file, String(process.pid));
      closeSync(file);
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = Number(readLock());
    // An empty file is one whose owner is between open and write: leave it a few rounds.
    if (owner > 0 ? !isAlive(owner) : waitedMs > 10 * LOCK_POLL_MS) rmSync(LOCK, { force: true });
    else if (waitedMs > LOCK_PATIENCE_MS) {
      throw new Refusal(
        `process ${owner} has been installing or building for ten minutes: stop it or remove ${LOCK}.`,
      );
    } else if (!told) {
      say(`waiting for process ${owner}, which is installing or building in this folder.`);
      told = true;
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
}

function readLock() {
  try {
    return readFileSync(LOCK, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

async function main(installOnly) {
  checkNode();
  const nothingToDo = () => whyInstall() === undefined && (installOnly || isBuilt(digestOfSources()));
  if (nothingToDo()) return;

  await lock();
  try {
    const why = whyInstall();
    if (why !== undefined) install(why);
    if (installOnly) return;
    const digest = digestOfSources();
    if (!isBuilt(digest)) build(digest);
  } finally {
    rmSync(LOCK, { force: true });
  }
}

main(process.argv.includes('--install-only')).catch((error) => {
  if (error instanceof Refusal) say(error.message);
  else if (error.code === 'EACCES' || error.code === 'EROFS' || error.code === 'EPERM') {
    say(
      `${error.path ?? root} cannot be written: give this user the right to, or run from a folder of your own.`,
    );
  } else if (error.code === 'ENOSPC')
    say(`the disk that holds ${root} is full: make room and run the command again.`);
  else say(`the preparation failed: ${error.message}.`);
  process.exitCode = 1;
});
