import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';

const RAM_DISK = '/dev/shm';

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
    this.isInMemory = Math.min(freeBytes(RAM_DISK), freemem()) > neededBytes;
    const parentPath = this.isInMemory ? RAM_DISK : tmpdir();
    if (freeBytes(parentPath) < neededBytes) {
      throw new Error(`${parentPath} has no room for ${neededBytes} bytes; try a smaller --size.`);
    }
    this.filesPath = makeDirectory(parentPath);
    this.programsPath = makeDirectory(tmpdir());
    removeWhenKilled([this.filesPath, this.programsPath]);
  }

  /** Synchronous, so that it also works while the process exits. Calling it again does nothing. */
  remove(): void {
    rmSync(this.filesPath, REMOVAL);
    rmSync(this.programsPath, REMOVAL);
  }
}

/** Servers run as other users: they must be able to pass. */
function makeDirectory(parentPath: string): string {
  const path = mkdtempSync(join(parentPath, 'myftp-bench-'));
  chmodSync(path, 0o755);
  return path;
}

/**
 * Leaves the removal to a shell that waits for the end of its input: of SIGKILL this process hears
 * nothing, and the files would go on filling
 * the memory.
 */
function removeWhenKilled(paths: readonly string[]): void {
  const script = 'read -r _; sleep 5; rm -rf -- "$@"';
  const shell = spawn('sh', ['-c', script, 'sh', ...paths], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.unref();
  (shell.stdin as Socket).unref();
}

function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
