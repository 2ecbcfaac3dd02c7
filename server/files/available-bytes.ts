import { statfs } from 'node:fs/promises';
import { isUnlimited } from '../quota/unlimited.ts';
import type { WritableStorage } from '../uploads/user-storage.ts';

/** Bytes that an account can still write: of its quota or, without a limit, of the file system. */
export async function availableBytes(storage: WritableStorage, rootPath: string): Promise<number> {
  const { limitBytes } = await storage.ledger.usage(storage.accountId);
  if (!isUnlimited(limitBytes)) return storage.roomBytes();
  const { bavail, bsize } = await statfs(rootPath);
  return bavail * bsize;
}
