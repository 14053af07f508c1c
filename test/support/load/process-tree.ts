// CPU and memory of a process and of those it started, as /proc tells (Linux only).
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  readonly service: number;
  readonly postgres: number;
  readonly simulator: number;
}

export interface Proc {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  /** Own and that of its ended children, seconds. */
  readonly cpuSeconds: number;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it ended between the listing and the look
  }
}

function processes(): readonly Proc[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const stat = read(`/proc/${name}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields.length < 20) return [];
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
    const command = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ');
    return [{ pid: Number(name), parent: Number(fields[1]), command, cpuSeconds: ticks / TICKS_PER_SECOND }];
  });
}

/** Every process below this one now: its children, and theirs. */
export function descendantsOf(root: number, all = processes()): readonly Proc[] {
  const below = (parent: number): readonly Proc[] => {
    const children = all.filter((each) => each.parent === parent);
    return [...children, ...children.flatMap(({ pid }) => below(pid))];
  };
  return below(root);
}

/** CPU seconds spent so far by the service, its PostgreSQL and its SMSC simulator. */
export function cpuOf(servicePid: number): Usage {
  const sum = (some: readonly Proc[]): number =>
    some.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0);
  const all = processes();
  const own = all.find(({ pid }) => pid === servicePid)?.cpuSeconds ?? 0;
  const tree = descendantsOf(servicePid, all);
  return {
    service: own,
    postgres: sum(tree.filter(({ command }) => command.includes('postgres'))),
    simulator: sum(tree.filter(({ command }) => command.includes('simulators/smsc'))),
  };
}

/** Resident memory now, MB. */
export function rssMbOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${String(pid)}/status`))?.[1] ?? 0) / 1024;
}
