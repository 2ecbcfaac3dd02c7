import { UsernameConflictError } from '../../db/account-insertion.ts';
import type { AccountRepository } from '../../db/account-repository.ts';
import type { AccountRecord } from '../../db/account-row.ts';
import type { ExternalAccountRepository } from '../../db/external-account-repository.ts';
import { retryWhileBusy } from '../../db/retry-while-busy.ts';
import { creationRules, NO_RULES } from '../disk/creation-rules.ts';
import { Semaphore } from '../scheduling/semaphore.ts';
import type { AccountChanges } from './account-changes.ts';
import { CheckFailure } from './check-failure.ts';
import { externalChange } from './external-change.ts';
import type { ExternalHomes } from './external-homes.ts';
import type { ExternalSettings } from './external-settings.ts';
import { LOCK_PATIENCE_MS, type NewAccountDefaults, newAccount } from './new-account.ts';

interface ExternalAccountsDeps {
  readonly accounts: AccountRepository;
  readonly external: ExternalAccountRepository;
  readonly homes: ExternalHomes;
  readonly defaults: NewAccountDefaults;
  /** For sessions of the account that are open. */
  readonly changes: AccountChanges;
  /** The home of a new account holds files already: they are to be measured. */
  readonly onAdopted: (accountId: number) => void;
}

/** An account whose password another system has confirmed. */
export interface ConfirmedAccount extends AccountRecord {
  /** Whether this login has created it. */
  readonly isNew?: boolean;
}

/** Accounts without a password of their own: creates them at their first login, and applies the settings of each login. */
export class ExternalAccounts {
  readonly #deps: ExternalAccountsDeps;
  /** Several connections of a client may log in for the first time at once. */
  readonly #creations = new Semaphore(1);

  constructor(deps: ExternalAccountsDeps) {
    this.#deps = deps;
  }

  /**
   * Makes the account as the settings say.
   *
   * @returns undefined if the account got a password of its own in the meantime, or was removed.
   * @throws CheckFailure if the settings cannot be applied.
   */
  async confirmed(
    username: string,
    settings: ExternalSettings,
  ): Promise<ConfirmedAccount | undefined> {
    const { accounts } = this.#deps;
    await this.#requireGroup(settings);
    const found = await accounts.findByUsername(username);
    const account =
      found ?? (await this.#creations.run(() => this.#findOrCreate(username, settings)));
    await this.#deps.homes.requireSame(account.home, settings);
    if (!(await this.#apply(account, settings))) return undefined;
    const current = await accounts.findById(account.id);
    return current?.isExternal === true ? { ...account, ...current } : undefined;
  }

  async #findOrCreate(username: string, settings: ExternalSettings): Promise<ConfirmedAccount> {
    const found = await this.#deps.accounts.findByUsername(username);
    return found ?? (await this.#create(username, settings));
  }

  async #create(username: string, settings: ExternalSettings): Promise<ConfirmedAccount> {
    const { accounts, homes, defaults, onAdopted } = this.#deps;
    const row = await newAccount({ username, password: undefined }, defaults);
    const home = await homes.prepare(
      username,
      settings,
      creationRules(NO_RULES, defaults.creation),
    );
    const account = { ...row, homeElsewhere: home.elsewhere };
    const write = () =>
      settings.adoptsHome === true
        ? accounts.create(account)
        : accounts.signUp({ ...account, inviteCodeHash: undefined });
    const id = await retryWhileBusy(write, LOCK_PATIENCE_MS).catch(async (error: unknown) => {
      await home.discard();
      if (error instanceof UsernameConflictError) throw removedBefore(username);
      throw error;
    });
    if (settings.adoptsHome === true) onAdopted(id);
    const created = await accounts.findById(id);
    if (created === undefined) throw new CheckFailure('the account was removed at once');
    return { ...created, isNew: true };
  }

  /** @returns whether the account may log in still. */
  async #apply(account: AccountRecord, settings: ExternalSettings): Promise<boolean> {
    const change = externalChange(account, settings, this.#deps.defaults);
    if (Object.keys(change).length === 0) return true;
    const update = () => this.#deps.external.update(account.id, change);
    const isUpdated = await retryWhileBusy(update, LOCK_PATIENCE_MS);
    if (isUpdated) this.#deps.changes.add(account.id);
    return isUpdated;
  }

  /** Without its group, an account would have more rights than it should. */
  async #requireGroup({ group }: ExternalSettings): Promise<void> {
    if (group === undefined || group === null || (await this.#deps.external.hasGroup(group)))
      return;
    throw new CheckFailure(`group: there is no group ${JSON.stringify(group)}`);
  }
}

function removedBefore(username: string): CheckFailure {
  return new CheckFailure(
    `the account ${username} was removed here; "user add ${username} --external" or "adoptHome": true lets it in again`,
  );
}
