import type { AccountRepository } from '../../../db/account-repository.ts';
import { creationRules, NO_RULES } from '../../disk/creation-rules.ts';
import { ClientError } from '../../errors/errors.ts';
import { entryLimitOf } from '../../quota/unlimited.ts';
import { isCryptHash, requireCrypt } from '../../system/libcrypt.ts';
import type { HomeDirectories } from '../home-directories.ts';
import { homeOf, type NewAccountDefaults } from '../new-account.ts';
import { checkUsername } from '../signup-rules.ts';
import type { ImportedAccount } from './imported-account.ts';

/** Why an account cannot be imported. */
export interface ImportProblem {
  readonly line: number;
  readonly message: string;
}

interface AccountImportDeps {
  readonly accounts: Pick<AccountRepository, 'findByUsername' | 'create' | 'disable'>;
  readonly homes: HomeDirectories;
  readonly defaults: Pick<NewAccountDefaults, 'now' | 'quotaBytes' | 'maxFiles' | 'creation'>;
}

interface ImportChoices {
  /** Whether a directory that has the name of a home becomes the home. */
  readonly adoptsHomes: boolean;
}

/** Takes accounts of another server over, with their hashed passwords. */
export class AccountImport {
  readonly #deps: AccountImportDeps;

  constructor(deps: AccountImportDeps) {
    this.#deps = deps;
  }

  /** What keeps the accounts from being imported, in the order of their lines. Changes nothing. */
  async problems(
    accounts: readonly ImportedAccount[],
    choices: ImportChoices,
  ): Promise<readonly ImportProblem[]> {
    const problems: ImportProblem[] = [];
    const lineOf = new Map<string, number>();
    for (const account of accounts) {
      const { line, username } = account;
      const earlier = lineOf.get(homeOf(username));
      const message =
        earlier === undefined
          ? await this.#problemOf(account, choices)
          : `${JSON.stringify(username)} stands in line ${earlier} already.`;
      lineOf.set(homeOf(username), earlier ?? line);
      if (message !== undefined) problems.push({ line, message });
    }
    return problems;
  }

  /** Creates an account that has no problem. @returns its number. */
  async create({ username, passwordHash, ...account }: ImportedAccount): Promise<number> {
    const { accounts, homes, defaults } = this.#deps;
    const home = homeOf(username);
    await homes.prepare(home, creationRules(NO_RULES, defaults.creation));
    const id = await accounts.create({
      username,
      home,
      passwordHash,
      createdAtMs: defaults.now(),
      limitBytes: account.quotaBytes ?? defaults.quotaBytes,
      limitEntries: entryLimitOf(account.maxFiles ?? defaults.maxFiles),
    });
    if (!account.enabled) await accounts.disable(id);
    return id;
  }

  async #problemOf(
    { username, passwordHash }: ImportedAccount,
    { adoptsHomes }: ImportChoices,
  ): Promise<string | undefined> {
    const { accounts, homes } = this.#deps;
    const name = JSON.stringify(username);
    try {
      checkUsername(username);
    } catch (error) {
      if (error instanceof ClientError) return `${name}: ${error.message}`;
      throw error;
    }
    if ((await accounts.findByUsername(username)) !== undefined)
      return `There is an account ${name} already.`;
    const home = homeOf(username);
    if (await homes.isObstructed(home)) return `${name}: ${homes.pathOf(home)} is not a directory.`;
    if (!adoptsHomes && (await homes.exists(home)))
      return `${name}: ${homes.pathOf(home)} already exists. Add --adopt to give the account what it holds.`;
    return await hashProblem(name, passwordHash);
  }
}

async function hashProblem(name: string, hash: string): Promise<string | undefined> {
  if (hash.startsWith('$argon2')) return undefined;
  if (!isCryptHash(hash))
    return `${name}: its password is stored in a form that cannot be checked. Argon2, bcrypt, scrypt, yescrypt, SHA-256 and SHA-512 of crypt(5) can.`;
  const isThere = await requireCrypt().then(
    () => true,
    () => false,
  );
  return isThere
    ? undefined
    : `${name}: its password needs libcrypt.so.1 to be checked, which this machine does not have.`;
}
