import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';

const RAM_DISK = '/dev/shm';
const NAME_PREFIX = 'myftp-bench-';

/** A server that is just ending may still write. */
const REMOVAL = { recursive: true, force: true, maxRetries: 20, retryDelay: 50 } as const;

/**
 * The temporary directories of one run: `filesPath` for what servers serve, `programsPath` for what
 * is compiled (a RAM disk may forbid to execute).
 *
 * Files lie in the RAM disk if there is room, so that servers are measured and not the disk.
 */
export class Workspace {
  readonly filesPath: string;
  readonly programsPath: string;
  readonly isInMemory: boolean;

  constructor({ neededBytes }: { neededBytes: number }) {
    removeLeftOvers(RAM_DISK);
    removeLeftOvers(tmpdir());
    this.isInMemory = Math.min(freeBytes(RAM_DISK), freemem()) > neededBytes;
    const parentPath = this.isInMemory ? RAM_DISK : tmpdir();
    if (freeBytes(parentPath) < neededBytes) {
      throw new Error(`${parentPath} has no room for ${neededBytes} bytes; try a smaller --size.`);
    }
    this.filesPath = makeDirectory(parentPath);
    this.programsPath = makeDirectory(tmpdir());
  }

  /** Synchronous, so that it also works while the process exits. Calling it again does nothing. */
  remove(): void {
    rmSync(this.filesPath, REMOVAL);
    rmSync(this.programsPath, REMOVAL);
  }
}

/** Servers run as other users: they must be able to pass. */
function makeDirectory(parentPath: string): string {
  const path = mkdtempSync(join(parentPath, `${NAME_PREFIX}${process.pid}-`));
  chmodSync(path, 0o755);
  return path;
}

function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return 0;
  }
}

/** What a killed run could not remove would otherwise fill the memory. */
function removeLeftOvers(parentPath: string): void {
  for (const name of namesIn(parentPath)) {
    const pid = /^myftp-bench-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    rmSync(join(parentPath, name), { recursive: true, force: true });
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
