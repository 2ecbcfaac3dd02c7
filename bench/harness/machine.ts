import { arch, cpus, loadavg, release, totalmem } from 'node:os';
import { formatNumber, GIB } from './format.ts';
import type { Workspace } from './workspace.ts';

/** One line that says what the figures were measured on. */
export function describeMachine({ isInMemory, filesPath }: Workspace): string {
  const processors = cpus();
  const place = isInMemory
    ? 'files in a RAM disk (/dev/shm)'
    : `files on disk (${filesPath}): too little memory for a RAM disk`;
  return [
    `${processors.length} × ${processors[0]?.model.trim() ?? arch()}`,
    `${formatNumber(totalmem() / GIB, 0)} GiB`,
    `Linux ${release()}`,
    `Node ${process.versions.node}`,
    place,
    'loopback',
    `load average before the start ${formatNumber(loadavg()[0] ?? 0, 1)}`,
  ].join(', ');
}
