import path from 'node:path';
import type { AccountDetails } from '../accounts/accounts.ts';
import { describeSize } from '../config/units.ts';
import { momentText, textFacts, textTable } from './text-table.ts';

/** An account as `--json` shows it. Times are ISO 8601 in UTC, `null` for never. */
export function accountJson(account: AccountDetails) {
  return {
    username: account.username,
    enabled: account.enabled,
    home: account.home,
    quotaBytes: account.limitBytes,
    usedBytes: account.usedBytes,
    createdAt: isoTime(account.createdAtMs),
    lastLoginAt: isoTime(account.lastLoginAtMs),
  };
}

export function accountTable(accounts: readonly AccountDetails[]): string {
  return textTable(
    ['USERNAME', 'STATE', 'USED', 'QUOTA', 'CREATED', 'LAST LOGIN'],
    accounts.map((account) => [
      account.username,
      stateOf(account),
      describeSize(account.usedBytes),
      describeSize(account.limitBytes),
      momentText(account.createdAtMs),
      momentText(account.lastLoginAtMs),
    ]),
  );
}

export function accountFacts(account: AccountDetails, rootDir: string): string {
  return textFacts([
    ['Username', account.username],
    ['State', stateOf(account)],
    ['Used', usageText(account)],
    ['Home', path.join(rootDir, account.home)],
    ['Created', momentText(account.createdAtMs)],
    ['Last login', momentText(account.lastLoginAtMs)],
  ]);
}

/** `1.4 GiB of 10 GiB (14%)` */
export function usageText({ usedBytes, limitBytes }: AccountDetails): string {
  const share = limitBytes === 0 ? '' : ` (${Math.round((usedBytes / limitBytes) * 100)}%)`;
  return `${describeSize(usedBytes)} of ${describeSize(limitBytes)}${share}`;
}

function stateOf({ enabled }: AccountDetails): string {
  return enabled ? 'enabled' : 'disabled';
}

/** A moment for programs; `null`, which JSON has, for none. */
export function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
