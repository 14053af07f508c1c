// Whether a process lives, and whether it is still the one that was meant: process ids are used
// again, after a restart of a container even at once.
import { readFileSync } from 'node:fs';

/** False for a dead process and for one that is dead but not yet buried (a zombie). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return statFields(pid)?.[0] !== 'Z';
}

/** The process id and, where /proc tells it, when the process began. */
export function identityOf(pid: number): string {
  return `${String(pid)} ${statFields(pid)?.[19] ?? ''}`.trim();
}

/** The name of its program, without folders; undefined where /proc does not tell it. */
export function programOf(pid: number): string | undefined {
  try {
    const [path = ''] = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').split('\0');
    return path.slice(path.lastIndexOf('/') + 1);
  } catch {
    return undefined;
  }
}

// proc(5): after the name in parentheses come state (field 3) … starttime (field 22).
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  } catch {
    return undefined;
  }
}
