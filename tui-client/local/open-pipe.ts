import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { diskPath } from './disk-name.ts';
import { onDisk } from './local-failure.ts';

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;

/**
 * Opens a named pipe when another process has opened its other end. The system waits for that in a thread, which only an open of
 * the other end sets free.
 */
export async function openPipe(
  path: string,
  end: 'read' | 'write',
  signal: AbortSignal,
): Promise<FileHandle> {
  signal.throwIfAborted();
  const [ours, theirs] = end === 'read' ? [O_RDONLY, O_WRONLY] : [O_WRONLY, O_RDONLY];
  const giveUp = () => void openAndClose(path, theirs | O_NONBLOCK);
  signal.addEventListener('abort', giveUp);
  try {
    const file = await onDisk(path, () => open(diskPath(path), ours));
    if (signal.aborted) await file.close();
    signal.throwIfAborted();
    return file;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

async function openAndClose(path: string, flags: number): Promise<void> {
  const file = await open(diskPath(path), flags).catch(() => undefined);
  await file?.close();
}
