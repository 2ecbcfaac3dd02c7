import type { RetentionAccount } from '../../db/retention-repository.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { isUnlimited } from '../quota/unlimited.ts';
import { AccountTree, pathBelow, type RetainedFile, type TreeDeps } from './account-tree.ts';
import { type RetentionRule, rulesOf } from './retention-rules.ts';

/** Parts of the server that find files of accounts. */
export interface LookDeps extends TreeDeps {
  readonly accounts: Pick<Accounts, 'find'>;
}

/** What an account can take before files are deleted for it; undefined without a limit. */
interface Room {
  readonly bytes: number | undefined;
  readonly files: number | undefined;
}

/** What an oldest-first rule would delete, one file after another, once there is no room. */
export interface OldestFirstLook {
  readonly directory: VirtualPath;
  /** All files of the rule, without those in use that this look has met. */
  readonly files: number;
  readonly bytes: number;
  /** Files in use among the oldest. */
  readonly inUse: number;
  readonly room: Room;
  /** The first of the files, the oldest first. */
  readonly named: readonly RetainedFile[];
}

/** Finds what the oldest-first rules of an account would delete. @param maxNamed files to name at most. */
export async function lookOldestFirst(
  deps: LookDeps,
  ruled: Pick<RetentionAccount, 'username' | 'effective' | 'shared'>,
  maxNamed: number,
): Promise<readonly OldestFirstLook[]> {
  const rules = rulesOf(ruled).filter(({ isOldestFirst }) => isOldestFirst);
  const account = rules.length === 0 ? undefined : await deps.accounts.find(ruled.username);
  if (account === undefined) return [];
  const tree = await AccountTree.open(account, deps);
  try {
    return await lookInTree(tree, rules, maxNamed);
  } finally {
    tree.close();
  }
}

async function lookInTree(
  tree: AccountTree,
  rules: readonly RetentionRule[],
  maxNamed: number,
): Promise<readonly OldestFirstLook[]> {
  const room = await roomOf(tree);
  // An account without limits is never full.
  if (room.bytes === undefined && room.files === undefined) return [];
  const looks: OldestFirstLook[] = [];
  let namesLeft = maxNamed;
  for (const rule of rules) {
    const look = { ...(await lookAtRule(tree, rule, namesLeft)), room };
    namesLeft -= look.named.length;
    if (look.files + look.inUse > 0) looks.push(look);
  }
  return looks;
}

async function lookAtRule(
  tree: AccountTree,
  rule: RetentionRule,
  maxNamed: number,
): Promise<Omit<OldestFirstLook, 'room'>> {
  const { files: found, totalFiles, totalBytes } = await tree.oldestFiles(rule, maxNamed);
  const oldest = found.map((file) => ({ ...file, path: pathBelow(rule, file.path) }));
  const kept = oldest.filter((file) => tree.isInUse(file));
  return {
    directory: rule.directory,
    files: totalFiles - kept.length,
    bytes: totalBytes - kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    inUse: kept.length,
    named: oldest.filter((file) => !kept.includes(file)),
  };
}

async function roomOf(tree: AccountTree): Promise<Room> {
  const { ledger, accountId } = tree.space;
  const { limitBytes, limitEntries, usedEntries } = await ledger.usage(accountId);
  return {
    bytes: isUnlimited(limitBytes) ? undefined : await tree.roomBytes(),
    files: isUnlimited(limitEntries) ? undefined : Math.max(limitEntries - usedEntries, 0),
  };
}
