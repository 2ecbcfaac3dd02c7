import type { RetentionAccount } from '../../db/retention-repository.ts';
import { ClientError } from '../errors/errors.ts';
import { AccountTree } from './account-tree.ts';
import { AgeSweep, type SweptRule } from './age-sweep.ts';
import { type LookDeps, lookOldestFirst, type OldestFirstLook } from './oldest-first-look.ts';
import type { RetentionLog } from './retention-log.ts';
import { type RetentionRule, rulesOf } from './retention-rules.ts';

/** Parts of the server that delete old files. */
export interface SweepDeps extends LookDeps {
  readonly log: RetentionLog;
}

/** What the rules of an account have deleted, or would delete. */
export interface SweptAccount {
  readonly username: string;
  /** Why its files could not be looked at. */
  readonly problem?: string;
  /** Those that have found something. */
  readonly rules: readonly SweptRule[];
  /** What would be deleted, the oldest first, once there is no room; empty unless this was only a look. */
  readonly oldestFirst: readonly OldestFirstLook[];
}

interface Look {
  readonly mode: 'delete' | 'look';
  readonly nowMs: number;
  /** Files that the result names at most. */
  readonly maxNamed: number;
  readonly signal: AbortSignal;
}

/** Applies the rules of an account that are about age; a look shows those for full accounts, too. @throws the reason of the signal. */
export async function sweepAccount(
  deps: SweepDeps,
  account: RetentionAccount,
  look: Look,
): Promise<SweptAccount> {
  const { username } = account;
  const byAge = rulesOf(account).filter(({ deleteAfterMs }) => deleteAfterMs > 0);
  try {
    const rules = await sweepRules(deps, { username, byAge, look });
    if (look.mode === 'delete') return { username, rules, oldestFirst: [] };
    const oldestFirst = await lookOldestFirst(deps, account, look.maxNamed - namedIn(rules));
    return { username, rules, oldestFirst };
  } catch (error) {
    look.signal.throwIfAborted();
    deps.log.failed({ username }, error);
    const problem =
      error instanceof ClientError ? error.message : 'The server failed; see its log.';
    return { username, problem, rules: [], oldestFirst: [] };
  }
}

async function sweepRules(
  deps: SweepDeps,
  {
    username,
    byAge,
    look,
  }: {
    readonly username: string;
    readonly byAge: readonly RetentionRule[];
    readonly look: Look;
  },
): Promise<readonly SweptRule[]> {
  const { accounts, log } = deps;
  const account = byAge.length === 0 ? undefined : await accounts.find(username);
  if (account === undefined) return [];
  const swept: SweptRule[] = [];
  const tree = await AccountTree.open(account, deps);
  try {
    for (const rule of byAge) {
      const maxNamed = look.maxNamed - namedIn(swept);
      const sweep = new AgeSweep(tree, rule, {
        ...{ ...look, maxNamed },
        onDeleted: (file) => log.deleted(username, file, 'age'),
        onError: (error, { path }) => log.failed({ username, path }, error),
      });
      swept.push(await sweep.run());
    }
  } finally {
    tree.close();
  }
  return swept.filter(isNotable);
}

function isNotable({ files, inUse, failed, directories, unreadDirectories }: SweptRule): boolean {
  return files + inUse + failed + directories + unreadDirectories > 0;
}

/** Number of files that rules name. */
export function namedIn(rules: readonly Pick<OldestFirstLook, 'named'>[]): number {
  return rules.reduce((sum, { named }) => sum + named.length, 0);
}
