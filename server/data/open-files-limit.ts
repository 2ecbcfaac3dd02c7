import { readFileSync } from 'node:fs';

/** More passive ports than this make the next one no harder to guess in practice. */
const MAX_PASSIVE_PORTS = 2048;

/** Passive ports may take this part of the files that the process may open. */
const PART_OF_OPEN_FILES = 4;

/**
 * The number of files that a process may open. Node raises the soft limit to the hard one at its start, so the hard one counts.
 *
 * @param pid this process if it is not given, or if that one cannot be read.
 * @returns undefined if the system does not show it.
 */
export function openFilesLimit(pid?: number): number | undefined {
  const limits = (pid !== undefined && limitsOf(pid)) || limitsOf('self') || '';
  const [, hard] = /^Max open files\s+\S+\s+(\S+)/m.exec(limits) ?? [];
  if (hard === undefined) return undefined;
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}

/** The number of passive ports that may be open at a time. */
export function maxPassivePorts(openFiles: number | undefined): number {
  if (openFiles === undefined) return MAX_PASSIVE_PORTS / PART_OF_OPEN_FILES;
  return Math.max(1, Math.min(MAX_PASSIVE_PORTS, Math.floor(openFiles / PART_OF_OPEN_FILES)));
}

function limitsOf(pid: number | 'self'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/limits`, 'utf8');
  } catch {
    return undefined;
  }
}
