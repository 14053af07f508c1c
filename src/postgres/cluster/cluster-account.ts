// PostgreSQL refuses to run as root. Started by root, the cluster therefore belongs to another
// account; that account must be able to reach the program and the data.
import { constants } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ClusterUnusableError } from '../postgres.errors.js';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

// `postgres` where its package was ever installed; `nobody` exists on every Linux and macOS.
const PREFERRED = ['postgres', 'nobody'];

/**
 * The account the cluster runs under; undefined when it is our own.
 * initdb looks its own account up by number, so that a bare number will not do.
 * @throws ClusterUnusableError when the machine has no other account than root
 */
export async function clusterAccount(): Promise<Account | undefined> {
  if (process.geteuid?.() !== 0) return undefined;
  const accounts = parsePasswd(await readFile('/etc/passwd', 'utf8').catch(() => ''));
  const account = chooseAccount(accounts);
  if (account !== undefined) return account;
  throw new ClusterUnusableError(
    'PostgreSQL does not run as root, and /etc/passwd has no other account: add one (useradd postgres), start as another user, or set DATABASE_URL',
  );
}

export function chooseAccount(accounts: readonly Account[]): Account | undefined {
  const others = accounts.filter(({ uid }) => uid !== 0);
  for (const name of PREFERRED) {
    const account = others.find((other) => other.name === name);
    if (account !== undefined) return account;
  }
  return others[0];
}

/** passwd(5): name:password:uid:gid:… */
export function parsePasswd(text: string): Account[] {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4 && /^-?\d+$/.test(fields[2] ?? ''))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }));
}

type Access = 'read' | 'enter';

/** Whether `account` may read the file, or enter the folder, at `path` and every folder above it. */
export async function mayReach(account: Account | undefined, path: string, access: Access): Promise<boolean> {
  if (account === undefined) return true;
  let at: string;
  try {
    at = await realpath(path);
  } catch {
    return false;
  }
  if (!(await grants(account, at, access))) return false;
  while (at !== dirname(at)) {
    at = dirname(at);
    if (!(await grants(account, at, 'enter'))) return false;
  }
  return true;
}

async function grants(account: Account, path: string, access: Access): Promise<boolean> {
  const { mode, uid, gid } = await stat(path);
  const other = access === 'read' ? constants.S_IROTH : constants.S_IXOTH;
  if (uid === account.uid) return (mode & (other << 6)) !== 0;
  if (gid === account.gid) return (mode & (other << 3)) !== 0;
  return (mode & other) !== 0;
}
