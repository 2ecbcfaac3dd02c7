import type { AccountRepository } from '../../../db/account-repository.ts';
import { ClientError } from '../../errors/errors.ts';
import { GroupError } from '../../errors/group-errors.ts';
import type { AccountGroups } from '../account-groups.ts';
import type { DirectoryClaims } from '../directory-claims.ts';
import { type ElsewhereHomes, HomeRefusedError } from '../elsewhere-homes.ts';
import type { HomeDirectories } from '../home-directories.ts';
import { homeOf } from '../new-account.ts';
import { checkUsername } from '../signup-rules.ts';
import type { ImportedAccount, ImportProblem } from './imported-account.ts';
import { passwordProblem } from './stored-password.ts';

/** An account that can be created. */
export interface PlannedAccount {
  readonly account: ImportedAccount;
  readonly groupId: number | undefined;
  /** The real path of a home outside of the root. */
  readonly homePath: string | undefined;
}

export interface ImportPlan {
  /** What keeps the accounts from being imported, in the order of their lines. */
  readonly problems: readonly ImportProblem[];
  /** Those without a problem. */
  readonly accounts: readonly PlannedAccount[];
}

export interface PlanDeps {
  readonly accounts: Pick<AccountRepository, 'findByUsername'>;
  readonly groups: AccountGroups;
  readonly homes: HomeDirectories;
  readonly elsewhere: ElsewhereHomes;
}

export interface ImportChoices {
  /** Whether a directory that has the name of a home becomes the home. */
  readonly adoptsHomes: boolean;
}

/** Why an account cannot be imported, as a whole sentence. */
class RefusedError extends Error {}

/** Checks the accounts of a file, and against each other. Changes nothing. */
export class ImportPlanner {
  readonly #deps: PlanDeps;
  readonly #choices: ImportChoices;
  readonly #lines = new Map<string, number>();
  readonly #groupIds = new Map<string, Promise<number>>();
  #claims: Promise<DirectoryClaims> | undefined;

  constructor(deps: PlanDeps, choices: ImportChoices) {
    this.#deps = deps;
    this.#choices = choices;
  }

  async plan(accounts: readonly ImportedAccount[]): Promise<ImportPlan> {
    const planned: PlannedAccount[] = [];
    const problems: ImportProblem[] = [];
    for (const account of accounts) {
      try {
        planned.push(await this.#plan(account));
      } catch (error) {
        problems.push({ line: account.line, message: sentenceOf(error, account) });
      }
    }
    return { problems, accounts: planned };
  }

  async #plan(account: ImportedAccount): Promise<PlannedAccount> {
    const { username, password, group } = account;
    this.#requireFirst(account);
    checkUsername(username);
    if ((await this.#deps.accounts.findByUsername(username)) !== undefined) {
      throw new RefusedError(`There is an account ${JSON.stringify(username)} already.`);
    }
    const homePath = await this.#checkedHome(account);
    const problem = await passwordProblem(password);
    if (problem !== undefined) throw new RefusedError(`${JSON.stringify(username)}: ${problem}`);
    const groupId = group === undefined ? undefined : await this.#groupId(group);
    return { account, homePath, groupId };
  }

  #requireFirst({ line, username }: ImportedAccount): void {
    const earlier = this.#lines.get(homeOf(username));
    if (earlier !== undefined) {
      const name = JSON.stringify(username);
      throw new RefusedError(`${name} stands in line ${earlier} already.`);
    }
    this.#lines.set(homeOf(username), line);
  }

  async #checkedHome({ username, homePath, line }: ImportedAccount): Promise<string | undefined> {
    const { homes, elsewhere } = this.#deps;
    const { adoptsHomes } = this.#choices;
    if (homePath !== undefined) {
      this.#claims ??= elsewhere.claims();
      const wanted = { username, path: homePath, adoptsHome: adoptsHomes };
      const directory = await elsewhere.check(wanted, await this.#claims);
      const holder = `the home of ${username} (line ${line})`;
      (await this.#claims).add({ directory, holder });
      return directory;
    }
    const home = homeOf(username);
    const path = homes.pathOf(home);
    if (await homes.isObstructed(home)) throw new HomeRefusedError(`${path} is not a directory.`);
    if (!adoptsHomes && (await homes.exists(home))) {
      throw new HomeRefusedError(
        `${path} already exists. Add --adopt to give the account what it holds.`,
      );
    }
    return undefined;
  }

  #groupId(name: string): Promise<number> {
    const known = this.#groupIds.get(name);
    if (known !== undefined) return known;
    const found = this.#deps.groups.find(name).then(({ id }) => id);
    this.#groupIds.set(name, found);
    return found;
  }
}

/** @throws what is no refusal. */
function sentenceOf(error: unknown, { username }: ImportedAccount): string {
  if (error instanceof RefusedError) return error.message;
  const isRefusal =
    error instanceof ClientError ||
    error instanceof HomeRefusedError ||
    error instanceof GroupError;
  if (isRefusal) return `${JSON.stringify(username)}: ${error.message}`;
  throw error;
}
