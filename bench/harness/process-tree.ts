import { readdirSync, readFileSync } from 'node:fs';

/** The kernel reports CPU time to programs in hundredths of a second (proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100;

/** What `/proc/PID/stat` says of a process. */
export interface ProcessStat {
  readonly pid: number;
  readonly parentPid: number;
  /** Its own time and that of the children it has waited for. */
  readonly cpuSeconds: number;
}

/** CPU time that a process and all its descendants have used, ended ones included. */
export function treeCpuSeconds(rootPid: number): number {
  return processTree(rootPid).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/**
 * Memory of the descendants of a process, each page shared by several counted once (PSS). What the
 * kernel holds for them (page tables, socket buffers) is not in it.
 */
export function descendantsMemoryBytes(rootPid: number): number {
  const descendants = processTree(rootPid).filter(({ pid }) => pid !== rootPid);
  return descendants.reduce((sum, { pid }) => sum + proportionalBytes(pid), 0);
}

/** Parses `/proc/PID/stat`. The name of the program, in parentheses, may hold anything. */
export function parseProcessStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return {
    pid: Number.parseInt(text, 10),
    parentPid: Number(fields[1]),
    cpuSeconds: ticks / TICKS_PER_SECOND,
  };
}

function processTree(rootPid: number): ProcessStat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readOrEmpty(`/proc/${name}/stat`))
    .filter((text) => text !== '')
    .map(parseProcessStat);
  const childrenOf = new Map<number, ProcessStat[]>();
  for (const one of all) {
    childrenOf.set(one.parentPid, [...(childrenOf.get(one.parentPid) ?? []), one]);
  }
  const tree = all.filter(({ pid }) => pid === rootPid);
  for (const { pid } of tree) tree.push(...(childrenOf.get(pid) ?? []));
  return tree;
}

function proportionalBytes(pid: number): number {
  const kibibytes = /^Pss:\s+(\d+) kB$/m.exec(readOrEmpty(`/proc/${pid}/smaps_rollup`))?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

/** A process may end between the listing and the look at it. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
