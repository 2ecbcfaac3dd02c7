import { AccountRepository } from '../../db/account-repository.ts';
import { InviteRepository } from '../../db/invite-repository.ts';
import { AccountChanges } from '../accounts/account-changes.ts';
import { Accounts } from '../accounts/accounts.ts';
import { GuessGuard } from '../accounts/guess-guard.ts';
import { HomeDirectories } from '../accounts/home-directories.ts';
import { LoginThrottle } from '../accounts/login-throttle.ts';
import { PasswordHash } from '../accounts/password-hash.ts';
import { SignUp } from '../accounts/sign-up.ts';
import { SignUpRate } from '../accounts/signup-rate.ts';
import type { Resources } from '../start/open-resources.ts';
import { externalLoginServices } from './external-login-services.ts';

/**
 * What logs accounts in and signs them up.
 *
 * @param onAdopted called with an account whose home had files before.
 */
export function accountServices(resources: Resources, onAdopted: (accountId: number) => void) {
  const { settings, database, now, creation } = resources;
  const accounts = new AccountRepository(database.queries);
  const throttle = new LoginThrottle({ now });
  const guard = new GuessGuard({ throttle });
  const passwords = new PasswordHash({ now });
  const defaults = {
    ...{ passwords, now, creation },
    get quotaBytes() {
      return settings.quotaBytes;
    },
    get maxFiles() {
      return settings.maxFiles;
    },
  };
  const signupRate = {
    now,
    get perHour() {
      return settings.signupsPerHour;
    },
  };
  const accountChanges = new AccountChanges();
  const parts = { guard, defaults, changes: accountChanges, onAdopted };
  const { external, passwordChecker } = externalLoginServices(resources, parts);
  return {
    throttle,
    guard,
    passwordChecker,
    accountChanges,
    accounts: new Accounts({ accounts, passwords, guard, external, now }),
    signUp: new SignUp({
      accounts,
      invites: new InviteRepository(database.queries),
      homes: new HomeDirectories(settings.rootDir),
      rules: settings,
      defaults,
    }),
    signupRate: new SignUpRate(signupRate),
  };
}
