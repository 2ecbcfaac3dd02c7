import { join } from 'node:path';
import { type AccountRecord, AccountRepository } from '../../db/account-repository.ts';
import { type Member, MemberRepository } from '../../db/member-repository.ts';
import { QuotaRepository } from '../../db/quota-repository.ts';
import { RecountRepository } from '../../db/recount-repository.ts';
import type { UserStorages } from '../files/user-storages.ts';
import { recountAccounts } from '../quota/quota-recount.ts';
import { UNREAD_DIRECTORIES } from '../quota/recount-service.ts';
import { bootId } from '../system/boot-id.ts';
import { STAGING_DIRECTORY } from '../uploads/staging-directory.ts';
import type { Resources } from './open-resources.ts';

/**
 * Corrects what a run that ended badly has left, before clients are served. The accounts that it had reserved something
 * for are left to `CrashRecovery`, unless more may be wrong.
 */
export async function recover({
  resources,
  storages,
}: {
  resources: Resources;
  storages: UserStorages;
}): Promise<void> {
  const { database, directories, now } = resources;
  const members = new MemberRepository(database.queries);
  const mended = await storages.sweep();
  const dead = await members.markAllDead(now());
  if (directories.root === 'moved' || !dead.every(isOfThisBoot)) {
    await measure(resources, () => true);
    await members.removeDead();
  } else {
    const measuredLater = new Set((await members.accountsOfDead()).map(({ id }) => id));
    const isMeasuredNow = (id: number) => mended.has(id) && !measuredLater.has(id);
    if ([...mended].some(isMeasuredNow)) await measure(resources, ({ id }) => isMeasuredNow(id));
  }
  await new RecountRepository(database.queries).clear();
}

/** A machine that restarts may lose the last transactions of its database; a process that crashes loses none. */
function isOfThisBoot(member: Member): boolean {
  return member.bootId !== '' && member.bootId === bootId();
}

async function measure(
  { settings: { rootDir }, logs, database }: Resources,
  isMeant: (account: AccountRecord) => boolean,
): Promise<void> {
  const accounts = (await new AccountRepository(database.queries).list()).filter(isMeant);
  await recountAccounts({
    accounts,
    quotas: new QuotaRepository(database.queries),
    rootDir,
    stagingDir: join(rootDir, STAGING_DIRECTORY),
    onUnread: ({ username }, { unread }) =>
      logs.server.warn({ username, ...unread }, UNREAD_DIRECTORIES),
    onError: (err, { username }) =>
      logs.server.error({ err, username }, 'files of an account could not be measured'),
  });
  logs.server.info({ accounts: accounts.length }, 'quotas recounted from the disk');
}
