import { MemberRepository } from '../../db/member-repository.ts';
import { RecountRepository } from '../../db/recount-repository.ts';
import type { UserStorages } from '../files/user-storages.ts';
import { bootId } from '../system/boot-id.ts';
import type { Resources } from './open-resources.ts';

/**
 * Finds what a run that ended badly has left, before clients are served: staging files, and the accounts whose files are to
 * be measured. `CrashRecovery` measures them.
 */
export async function recover({
  resources: { database, directories, now, logs },
  storages,
}: {
  resources: Resources;
  storages: UserStorages;
}): Promise<void> {
  const members = new MemberRepository(database.queries);
  await members.markAllDead(now());
  const mended = await storages.sweep();
  if (directories.root === 'moved' || (await members.mayLackEscrow(bootId()))) {
    await members.doubtAll(bootId(), now());
    logs.server.info('the files of all accounts are to be measured');
  } else {
    const known = new Set((await members.accountsOfDead()).map(({ id }) => id));
    const others = [...mended].filter((id) => !known.has(id));
    if (others.length > 0) await members.doubt(others, now());
  }
  await new RecountRepository(database.queries).clear();
}
