import { join } from 'node:path';
import type { AccountRepository } from '../../db/account-repository.ts';
import type { QuotaRepository } from '../../db/quota-repository.ts';
import { RecountRepository } from '../../db/recount-repository.ts';
import { RunStateRepository } from '../../db/run-state-repository.ts';
import type { UserStorages } from '../files/user-storages.ts';
import { recountAccounts } from '../quota/quota-recount.ts';
import { UNREAD_DIRECTORIES } from '../quota/recount-service.ts';
import { STAGING_DIRECTORY } from '../uploads/staging-directory.ts';
import type { Resources } from './open-resources.ts';

/** Corrects what a run that ended badly has left, before clients are served. */
export async function recover(deps: {
  resources: Resources;
  accounts: AccountRepository;
  quotas: QuotaRepository;
  storages: UserStorages;
}): Promise<void> {
  const { resources, accounts, quotas, storages } = deps;
  const { settings, logs, database, directories } = resources;
  const stagingArea = await storages.sweep();
  const runState = new RunStateRepository(database.queries);
  const isInOrder = directories.root === 'same' && stagingArea === 'in order';
  if (!isInOrder || !(await runState.wasShutDownCleanly())) {
    const { rootDir } = settings;
    const stagingDir = join(rootDir, STAGING_DIRECTORY);
    const onError = (err: unknown, { username }: { username: string }) =>
      logs.server.error({ err, username }, 'files of an account could not be measured');
    const onUnread = ({ username }: { username: string }, { unread }: { unread: object }) =>
      logs.server.warn({ username, ...unread }, UNREAD_DIRECTORIES);
    await recountAccounts({ accounts, quotas, rootDir, stagingDir, onUnread, onError });
    logs.server.info('quotas recounted from the disk');
  }
  await new RecountRepository(database.queries).clear();
}
