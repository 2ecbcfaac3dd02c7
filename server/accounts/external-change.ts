import { isDeepStrictEqual } from 'node:util';
import type { AccessSettings } from '../../db/access-settings.ts';
import type { AccountRecord } from '../../db/account-row.ts';
import type { AccountChange } from '../../db/external-account-repository.ts';
import { entryLimitOf } from '../quota/unlimited.ts';
import type { ExternalSettings } from './external-settings.ts';
import type { NewAccountDefaults } from './new-account.ts';

/** Settings that accounts have under the same name; their default is undefined. */
const SAME_NAME = ['group', 'expiresAtMs', 'networks', 'rateUp', 'rateDown'] as const;

/** What the settings of a login change of its account. */
export function externalChange(
  account: AccountRecord,
  settings: ExternalSettings,
  defaults: Pick<NewAccountDefaults, 'quotaBytes' | 'maxFiles'>,
): AccountChange {
  const { quotaBytes, maxFiles, rights } = settings;
  const given = SAME_NAME.filter((name) => settings[name] !== undefined);
  const wanted: AccountChange = {
    ...Object.fromEntries(given.map((name) => [name, settings[name] ?? undefined])),
    ...(quotaBytes !== undefined && { limitBytes: quotaBytes ?? defaults.quotaBytes }),
    ...(maxFiles !== undefined && { limitEntries: entryLimitOf(maxFiles ?? defaults.maxFiles) }),
    ...(rights !== undefined && { ownAccess: withRights(account.ownAccess, rights) }),
  };
  const differing = Object.entries(wanted).filter(
    ([name, value]) => !isDeepStrictEqual(value, account[name as keyof AccountChange]),
  );
  return Object.fromEntries(differing);
}

function withRights(
  { rights: _, ...limits }: AccessSettings,
  rights: AccessSettings['rights'] | null,
): AccessSettings {
  return rights ? { ...limits, rights } : limits;
}
