import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The processes that have a file open, as far as this user may see: `/proc/PID/fd` is its owner's alone. */
export function processesWithOpen(target: string): readonly number[] {
  return processIds().filter((pid) => openTargets(pid).includes(target));
}

/** A process for the eye: `nginx (process 123)`. */
export function describeProcess(pid: number): string {
  const name = readText(`/proc/${pid}/comm`)?.trim();
  return name === undefined ? `process ${pid}` : `${name} (process ${pid})`;
}

/** The text of a file of `/proc`; undefined if it cannot be read. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function processIds(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function openTargets(pid: number): readonly string[] {
  const directory = `/proc/${pid}/fd`;
  try {
    return readdirSync(directory).map((descriptor) => linkOf(`${directory}/${descriptor}`));
  } catch {
    return [];
  }
}

/** Empty if the descriptor was closed since it was listed. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
