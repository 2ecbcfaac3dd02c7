import { accessSync, constants } from 'node:fs';
import { type AccessSettings, mergedAccess } from '../../db/access-settings.ts';
import type { InspectedAccount } from '../../db/inspect-accounts.ts';
import { READ_ONLY } from '../accounts/accounts.ts';
import { isUnlimited } from '../quota/unlimited.ts';
import { hasRight, type Rights, showsNames } from '../rights/rights.ts';
import { readRules } from '../rights/rights-rules.ts';
import { requireDirectory } from './directory-checks.ts';
import { type Check, ok, problem, type Verdict, warning } from './finding.ts';

/** What anonymous users get: a directory, or an account. */
export const anonymousCheck: Check = {
  id: 'anonymous',
  async inspect({ settings: { anonymousDir, anonymousAccount }, database, now }) {
    const directory = anonymousDir === undefined ? [] : [readable(anonymousDir)];
    if (anonymousAccount === undefined) return directory;
    const account = (await database())?.anonymous;
    const named = `--anonymous-account ${anonymousAccount}`;
    if (account === undefined) return [...directory, missing(named, anonymousAccount)];
    return [...directory, ...accountVerdicts(named, { account, nowMs: now() })];
  },
};

function missing(named: string, username: string): Verdict {
  return problem(
    `${named}: there is no such account, so anonymous logins are refused.`,
    `Add it, with a long random password: myftp-server user add ${username}.`,
  );
}

function accountVerdicts(
  named: string,
  { account, nowMs }: { readonly account: InspectedAccount; readonly nowMs: number },
): readonly Verdict[] {
  const { username, enabled, expiresAtMs, limitBytes } = account;
  if (!enabled || nowMs >= expiresAtMs) {
    return [
      problem(
        `${named} is ${enabled ? 'expired' : 'disabled'}, so anonymous logins are refused.`,
        enabled
          ? `myftp-server user expire ${username} never.`
          : `myftp-server user enable ${username}.`,
      ),
    ];
  }
  const writable = writableDirectories(account.access);
  if (writable.length === 0) return [ok(`${named}: anonymous users can only read.`)];
  const verdicts = [
    ...(isUnlimited(limitBytes) ? [withoutQuota(named, username)] : []),
    ...writable
      .filter(({ rights }) => showsNames(rights))
      .map((rule) => exchange(named, username, rule)),
  ];
  return verdicts.length > 0
    ? verdicts
    : [ok(`${named}: anonymous uploads have a quota and are not shown.`)];
}

interface WritableDirectory {
  readonly prefix: string;
  readonly rights: Rights;
}

function writableDirectories(access: AccessSettings): readonly WritableDirectory[] {
  const { rules } = readRules(mergedAccess(READ_ONLY, access).rights);
  return rules.filter(({ rights }) =>
    (['write', 'overwrite', 'append'] as const).some((right) => hasRight(rights, right)),
  );
}

function withoutQuota(named: string, username: string): Verdict {
  return warning(
    `${named} has no quota: anonymous uploads can fill the disk.`,
    `myftp-server user quota ${username} 10GB.`,
  );
}

function exchange(named: string, username: string, { prefix }: WritableDirectory): Verdict {
  return warning(
    `${named}: anonymous users can upload to ${prefix} and see what others have uploaded there. Strangers use such servers to exchange files.`,
    `Make a drop box of it: myftp-server user rights ${username} upload-only ${prefix}.`,
  );
}

function readable(directory: string): Verdict {
  const named = `--anonymous ${directory}`;
  try {
    requireDirectory(directory);
    accessSync(directory, constants.R_OK | constants.X_OK);
    return ok(`${named} is readable.`);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return problem(
      `${named} cannot be read by this user (${code}).`,
      'Name a directory that the user that the server runs as may read.',
    );
  }
}
