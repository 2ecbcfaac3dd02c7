import type { AccountBatch, NewAccount } from '../../../db/account-insertion.ts';
import { creationRules, NO_RULES } from '../../disk/creation-rules.ts';
import { entryLimitOf } from '../../quota/unlimited.ts';
import { homeOf, type NewAccountDefaults } from '../new-account.ts';
import {
  type ImportChoices,
  type ImportPlan,
  ImportPlanner,
  type PlanDeps,
  type PlannedAccount,
} from './import-plan.ts';
import type { ImportedAccount } from './imported-account.ts';
import { ImportedHomes } from './imported-homes.ts';
import { storedPasswords } from './stored-password.ts';

interface AccountImportDeps extends PlanDeps {
  readonly batch: AccountBatch;
  readonly defaults: Pick<NewAccountDefaults, 'now' | 'quotaBytes' | 'maxFiles' | 'creation'>;
}

/** Takes accounts of another server over, with their hashed passwords. */
export class AccountImport {
  readonly #deps: AccountImportDeps;

  constructor(deps: AccountImportDeps) {
    this.#deps = deps;
  }

  /** Finds what keeps the accounts from being imported. Changes nothing. */
  plan(accounts: readonly ImportedAccount[], choices: ImportChoices): Promise<ImportPlan> {
    return new ImportPlanner(this.#deps, choices).plan(accounts);
  }

  /**
   * Creates all of the accounts with their homes, or none.
   *
   * @param onHashed is called for each password that has been hashed.
   * @throws UsernameConflictError if another process was faster.
   */
  async create(planned: readonly PlannedAccount[], onHashed: () => void): Promise<void> {
    const { batch, defaults } = this.#deps;
    const passwords = planned.map(({ account }) => account.password);
    const hashes = await storedPasswords(passwords, onHashed);
    const homes = new ImportedHomes({
      ...this.#deps,
      rules: creationRules(NO_RULES, defaults.creation),
    });
    try {
      const rows: NewAccount[] = [];
      for (const [index, one] of planned.entries()) {
        const passwordHash = hashes[index] ?? '';
        rows.push({ ...this.#row(one), ...(await homes.make(one)), passwordHash });
      }
      await batch.create(rows);
    } catch (error) {
      await homes.discard();
      throw error;
    }
  }

  #row({ account, groupId }: PlannedAccount): Omit<NewAccount, 'passwordHash'> {
    const { defaults } = this.#deps;
    const { username, rights, quotaBytes, maxFiles } = account;
    return {
      username,
      home: homeOf(username),
      createdAtMs: defaults.now(),
      limitBytes: quotaBytes ?? defaults.quotaBytes,
      limitEntries: entryLimitOf(maxFiles ?? defaults.maxFiles),
      enabled: account.enabled,
      mustChangePassword: account.mustChangePassword,
      expiresAtMs: account.expiresAtMs,
      rates: account.rates,
      networks: account.networks,
      groupId,
      access: rights && { rights },
    };
  }
}
