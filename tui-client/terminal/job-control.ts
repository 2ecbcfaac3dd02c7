import { readFileSync } from 'node:fs';

interface ProcessFacts {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/**
 * Whether a shell watches over this process and can carry it on after it was stopped. Without one, as in
 * `xterm -e myftp-tui`, a stopped program would stay so for good.
 */
export function canBeResumed(): boolean {
  if (process.platform !== 'linux') return true;
  const own = factsOf(process.pid);
  if (own === undefined) return false;
  for (let parent = factsOf(own.parent); parent?.session === own.session; ) {
    if (parent.group !== own.group) return true;
    parent = factsOf(parent.parent);
  }
  return false;
}

function factsOf(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name comes before, in parentheses, and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), group: Number(fields[2]), session: Number(fields[3]) };
  } catch {
    return undefined;
  }
}
