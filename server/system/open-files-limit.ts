import { readFileSync } from 'node:fs';

/**
 * The number of files that a process may open. Node raises the soft limit to the hard one at its start, or as far as
 * it can if the hard one is unlimited.
 *
 * @param pid this process if it is not given, or if that one cannot be read.
 * @returns undefined if the system does not show it.
 */
export function openFilesLimit(pid?: number): number | undefined {
  const limits = (pid !== undefined && limitsOf(pid)) || limitsOf('self') || '';
  const [, soft, hard] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(limits) ?? [];
  const limit = hard === 'unlimited' ? soft : hard;
  if (limit === undefined) return undefined;
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}

function limitsOf(pid: number | 'self'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/limits`, 'utf8');
  } catch {
    return undefined;
  }
}
