import fs from 'node:fs';
import { contentOf } from '../disk/name-content.ts';
import type { WritableStorage } from '../uploads/user-storage.ts';

/** Other facts are no other content: uploads that have begun over the file still replace it. */
export async function keepClaims(
  { space, nameLock }: WritableStorage,
  descriptor: number,
  change: (descriptor: number) => Promise<void>,
): Promise<void> {
  if (space.partials.isEmpty && space.running.isEmpty) return change(descriptor);
  await nameLock.run(async () => {
    const before = contentOf(fs.fstatSync(descriptor));
    await change(descriptor);
    await space.contentChanged(before, contentOf(fs.fstatSync(descriptor)));
  });
}
