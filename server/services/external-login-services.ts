import { AccountRepository } from '../../db/account-repository.ts';
import { ExternalAccountRepository } from '../../db/external-account-repository.ts';
import type { AccountChanges } from '../accounts/account-changes.ts';
import { ElsewhereHomes } from '../accounts/elsewhere-homes.ts';
import { ExternalAccounts } from '../accounts/external-accounts.ts';
import { ExternalHomes } from '../accounts/external-homes.ts';
import { ExternalLogins } from '../accounts/external-logins.ts';
import type { GuessGuard } from '../accounts/guess-guard.ts';
import { HomeDirectories } from '../accounts/home-directories.ts';
import type { NewAccountDefaults } from '../accounts/new-account.ts';
import { RememberedPasswords } from '../accounts/remembered-passwords.ts';
import { PasswordChecker } from '../password-check/password-checker.ts';
import { ProgramRunner } from '../programs/program-runner.ts';
import type { Resources } from '../start/open-resources.ts';

interface Parts {
  readonly guard: GuessGuard;
  readonly defaults: NewAccountDefaults;
  readonly changes: AccountChanges;
  readonly onAdopted: (accountId: number) => void;
}

/** What logs in accounts whose passwords another system keeps; with its checks, which a stop ends. */
export function externalLoginServices(resources: Resources, parts: Parts) {
  const { settings, database, logs, now, hookSecret } = resources;
  const { guard, ...rest } = parts;
  const accounts = new AccountRepository(database.queries);
  const programs = new ProgramRunner();
  const passwordChecker = new PasswordChecker({
    ...{ settings, programs, now },
    get secret() {
      return hookSecret.key;
    },
  });
  const keepMs = () => settings.passwordCheckRememberMs;
  const externalAccounts = new ExternalAccounts({
    accounts,
    external: new ExternalAccountRepository(database.queries),
    homes: new ExternalHomes({
      homes: new HomeDirectories(settings.rootDir),
      elsewhere: new ElsewhereHomes(accounts, settings),
    }),
    ...rest,
  });
  const external = new ExternalLogins({
    authority: passwordChecker,
    accounts: externalAccounts,
    remembered: new RememberedPasswords({ now, keepMs }),
    ...{ guard, now, log: logs.server },
  });
  return { passwordChecker, external };
}
