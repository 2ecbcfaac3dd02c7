import { join } from 'node:path';
import type { AccountRecord } from '../../db/account-repository.ts';
import type { QuotaRepository } from '../../db/quota-repository.ts';
import { type TreeSize, treeSize } from '../disk/tree-size.ts';
import { runInSlices } from '../scheduling/slice-clock.ts';
import { type Measurement, measurementOf, recountedUsage } from './recounted-usage.ts';
import { MAX_RESERVED } from './reservation.ts';

/** Directories of the accounts' files. */
interface Places {
  /** Holds the homes. */
  readonly rootDir: string;
  /** Holds a directory of unfinished uploads per account, named by the account's id. */
  readonly stagingDir: string;
}

interface RecountRequest extends Places {
  readonly accounts: readonly AccountRecord[];
  readonly quotas: Pick<QuotaRepository, 'setUsed'>;
  /** Called for an account with directories that could not be read. */
  readonly onUnread: (account: AccountRecord, home: TreeSize) => void;
  /** Called for an account that could not be measured at all; its numbers stay as they are. */
  readonly onError: (error: unknown, account: AccountRecord) => void;
}

/**
 * Makes quotas in the database equal to the disk, while nothing is uploaded.
 */
export async function recountAccounts(request: RecountRequest): Promise<void> {
  for (const account of request.accounts) {
    try {
      const { home, measurement } = await measureAccount(account, request);
      if (home.unread.count > 0) request.onUnread(account, home);
      // The run that ended badly had reserved space that was never used.
      const charged = {
        bytes: Math.max(account.usedBytes - MAX_RESERVED.bytes, 0),
        entries: Math.max(account.usedEntries - MAX_RESERVED.entries, 0),
      };
      await request.quotas.setUsed(account.id, recountedUsage(measurement, charged));
    } catch (error) {
      request.onError(error, account);
    }
  }
}

/** Measures what an account uses while no server runs: its home and its unfinished uploads. */
export async function measureAccount(
  account: Pick<AccountRecord, 'id' | 'home'>,
  { rootDir, stagingDir }: Places,
): Promise<{ readonly home: TreeSize; readonly measurement: Measurement }> {
  const home = await runInSlices(treeSize(join(rootDir, account.home)));
  const staged = await runInSlices(treeSize(join(stagingDir, String(account.id))));
  return { home, measurement: measurementOf(home, staged) };
}

/** The sizes of all plain files below a directory that can be read, in bytes; 0 if it does not exist. */
export async function recount({
  directoryPath,
}: {
  readonly directoryPath: string;
}): Promise<number> {
  return (await runInSlices(treeSize(directoryPath))).sizeBytes;
}
