import type { Accounts } from '../accounts/accounts.ts';
import type { Logs } from '../logging/logging.ts';
import type { RetainedFile } from '../retention/account-tree.ts';
import type { SweptRule } from '../retention/age-sweep.ts';
import type { OldestFirstLook } from '../retention/oldest-first-look.ts';
import type { RetentionService } from '../retention/retention-service.ts';
import type { SweptAccount } from '../retention/sweep-account.ts';

interface Deps {
  readonly retention: Pick<RetentionService, 'run'>;
  readonly accounts: Pick<Accounts, 'find'>;
  readonly log: Logs['server'];
}

/** What administrators have the rules of accounts do at once. A sentence in `problem` says why it cannot be done. */
export class AccountRetention {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** What would be deleted now. */
  look(query: URLSearchParams): Promise<object> {
    return this.#run(query, 'look');
  }

  delete(query: URLSearchParams): Promise<object> {
    this.#deps.log.warn({ username: query.get('of') ?? 'all' }, 'administrator ran retention');
    return this.#run(query, 'delete');
  }

  async #run(query: URLSearchParams, mode: 'look' | 'delete'): Promise<object> {
    const { retention, accounts } = this.#deps;
    const username = query.get('of') ?? undefined;
    if (username !== undefined && (await accounts.find(username)) === undefined) {
      return { problem: `No such account: "${username}".` };
    }
    return { accounts: (await retention.run({ username, mode })).map(accountFacts) };
  }
}

function accountFacts({ username, problem, rules, oldestFirst }: SweptAccount) {
  return {
    ...{ username, problem: problem ?? null },
    ...{ rules: rules.map(ruleFacts), oldestFirst: oldestFirst.map(oldestFirstFacts) },
  };
}

function ruleFacts({ named, ...counts }: SweptRule) {
  return { ...counts, named: named.map(fileFacts) };
}

/** Room is null where the account has no limit. */
function oldestFirstFacts({ named, room, ...counts }: OldestFirstLook) {
  const { bytes: roomBytes = null, files: roomFiles = null } = room;
  return { ...counts, roomBytes, roomFiles, named: named.map(fileFacts) };
}

/** Times are ISO 8601 in UTC. */
function fileFacts({ path, sizeBytes, changedMs }: RetainedFile) {
  return { path, sizeBytes, since: new Date(changedMs).toISOString() };
}
