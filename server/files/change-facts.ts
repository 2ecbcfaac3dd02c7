import fs from 'node:fs';
import { closeQuietly } from '../disk/disk.ts';
import { contentOf } from '../disk/name-content.ts';
import type { WritableStorage } from '../uploads/user-storage.ts';

type Change = (descriptor: number) => Promise<void>;

/**
 * Changes the mode or times of a file or directory, and closes it. Other facts are no other content: uploads that have
 * begun over the file still replace it.
 */
export async function changeFacts(
  storage: WritableStorage,
  descriptor: number,
  change: Change,
): Promise<void> {
  try {
    await keepClaims(storage, descriptor, change);
  } finally {
    closeQuietly(descriptor);
  }
}

async function keepClaims(
  { space, nameLock }: WritableStorage,
  descriptor: number,
  change: Change,
): Promise<void> {
  if (space.partials.isEmpty && space.running.isEmpty) return change(descriptor);
  await nameLock.run(async () => {
    const before = contentOf(fs.fstatSync(descriptor));
    await change(descriptor);
    await space.contentChanged(before, contentOf(fs.fstatSync(descriptor)));
  });
}
