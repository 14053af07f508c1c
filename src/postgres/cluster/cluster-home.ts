// Where the embedded cluster lives:
//
//   <home>/data/          the cluster itself
//   <home>/password       of the account `surereach`, for its owner only
//   <home>/port           the port it had last
//   <home>/postgres.log   what the server says
//
// <home> is DATA_DIR/postgres. Started by root below a folder that other accounts may not enter
// (/root), it is a folder under /var/lib/surereach or /var/tmp, named by DATA_DIR/postgres.place.
import { existsSync, statSync } from 'node:fs';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Account, clusterAccount, mayReach } from './cluster-account.js';
import { ClusterUnusableError } from '../postgres.errors.js';

export interface ClusterHome {
  readonly home: string;
  readonly data: string;
  /** Owner of the files and of the server process; undefined: we ourselves. */
  readonly account: Account | undefined;
}

const ELSEWHERE: readonly string[] = ['/var/lib/surereach', '/var/tmp'];

/**
 * Makes DATA_DIR and tries to write there.
 * @returns its full path
 * @throws ClusterUnusableError in one sentence with the way out
 */
export async function prepareDataDir(dataDir: string): Promise<string> {
  const base = resolve(dataDir);
  await attempt(`DATA_DIR ${base} cannot be used`, async () => {
    if (!existsSync(base)) {
      await mkdirs(base);
      // Whatever our umask: the cluster's account must be able to pass through.
      if (process.geteuid?.() === 0) await chmod(base, 0o711);
    }
    const probe = await mkdtemp(join(base, '.probe-'));
    await rmdir(probe);
  });
  return base;
}

/**
 * Finds the cluster's home or makes it. Call under the start lock.
 * @throws ClusterUnusableError in one sentence with the way out
 */
export async function openClusterHome(base: string, elsewhere = ELSEWHERE): Promise<ClusterHome> {
  const pointer = join(base, 'postgres.place');
  const placed = await readFile(pointer, 'utf8').catch(() => undefined);
  const home = placed?.trim() ?? join(base, 'postgres');
  if (placed !== undefined && !existsSync(home)) {
    throw new ClusterUnusableError(
      `${pointer} says that the database is in ${home}, which is gone: bring it back, or delete ${pointer} to begin with an empty database`,
    );
  }
  const account = await clusterAccount();
  if (existsSync(home)) return existing(home, account);
  if (await mayReach(account, base, 'enter')) {
    await create(home, account);
    return { home, data: join(home, 'data'), account };
  }
  const place = await createElsewhere(account, elsewhere);
  await writeFile(`${pointer}.new`, `${place}\n`);
  await rename(`${pointer}.new`, pointer);
  return { home: place, data: join(place, 'data'), account };
}

async function existing(home: string, account: Account | undefined): Promise<ClusterHome> {
  const { uid, gid } = await stat(home);
  const data = join(home, 'data');
  const me = process.geteuid?.();
  if (me !== undefined && me !== 0 && uid !== me) {
    throw new ClusterUnusableError(
      `the database in ${home} belongs to user ${String(uid)}, not to user ${String(me)}: start as that user or as root, choose another DATA_DIR, or set DATABASE_URL`,
    );
  }
  // A cluster made by a plain user keeps its owner when root starts it.
  const owner =
    account === undefined || uid === account.uid || uid === 0 ? account : { name: String(uid), uid, gid };
  if (!(await mayReach(owner, home, 'enter'))) {
    throw new ClusterUnusableError(
      `user ${owner?.name ?? ''} cannot enter ${home}: open the folders above it (chmod o+x), choose another DATA_DIR, or set DATABASE_URL`,
    );
  }
  await attempt(`the database in ${home} cannot be used`, async () => {
    const entries = await readdir(data).catch((error: unknown): string[] => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    });
    if (entries.length > 0 && !entries.includes('PG_VERSION')) {
      throw new ClusterUnusableError(
        `${data} holds other files than a PostgreSQL cluster: choose another DATA_DIR, or move them away`,
      );
    }
  });
  return { home, data, account: owner };
}

async function create(home: string, account: Account | undefined): Promise<void> {
  await attempt(`the folder ${home} cannot be made`, async () => {
    await mkdir(home, { mode: 0o700 });
    if (account !== undefined) await chown(home, account.uid, account.gid);
  });
}

async function createElsewhere(account: Account | undefined, places: readonly string[]): Promise<string> {
  for (const place of places) {
    try {
      if (!existsSync(place)) {
        await mkdir(place);
        await chmod(place, 0o755);
      }
      if (!(await mayReach(account, place, 'enter'))) continue;
      // A fresh name: nobody can have prepared it for us.
      const home = await mkdtemp(join(place, 'surereach-cluster-'));
      if (account !== undefined) await chown(home, account.uid, account.gid);
      return home;
    } catch {
      // The next place may do.
    }
  }
  throw new ClusterUnusableError(
    `user ${account?.name ?? ''} can reach neither DATA_DIR nor ${places.join(' nor ')}: choose a DATA_DIR below folders that others may enter, or set DATABASE_URL`,
  );
}

/** mkdir -p. Node's own `recursive` never returns where a folder can never be made (/proc). */
async function mkdirs(path: string): Promise<void> {
  if (existsSync(path) && (await stat(path)).isDirectory()) return;
  if (!existsSync(dirname(path))) await mkdirs(dirname(path));
  await mkdir(path).catch((error: unknown) => {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  });
}

async function attempt(sentence: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (cause instanceof ClusterUnusableError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new ClusterUnusableError(
      `${sentence} (${code ?? String(cause)}): choose another DATA_DIR, or set DATABASE_URL`,
      { cause },
    );
  }
}
