import path from 'node:path';
import type { AccountDetails } from '../accounts/account-administration.ts';
import { describeQuota } from '../config/quota-size.ts';
import { describeSize } from '../config/units.ts';
import { entriesText } from '../quota/entries-text.ts';
import { isUnlimited } from '../quota/unlimited.ts';
import { momentText, textFacts } from './text-table.ts';

/** An account as `--json` shows it. Times are ISO 8601 in UTC; `null` is never, no limit, and the server's setting. */
export function accountJson(account: AccountDetails) {
  return {
    username: account.username,
    enabled: account.enabled,
    home: account.home,
    quotaBytes: isUnlimited(account.limitBytes) ? null : account.limitBytes,
    usedBytes: account.usedBytes,
    cutUploads: account.cutUploads ?? null,
    networks: account.networks ?? null,
    rateUp: account.rateUp ?? null,
    rateDown: account.rateDown ?? null,
    maxFiles: isUnlimited(account.limitEntries) ? null : account.limitEntries,
    usedFiles: account.usedEntries,
    createdAt: isoTime(account.createdAtMs),
    lastLoginAt: isoTime(account.lastLoginAtMs),
  };
}

export const ACCOUNT_HEADINGS = ['USERNAME', 'STATE', 'USED', 'QUOTA', 'CREATED', 'LAST LOGIN'];

/** The cells of an account in the table of `user list`. */
export function accountRow(account: AccountDetails): readonly string[] {
  return [
    account.username,
    accountState(account),
    describeSize(account.usedBytes),
    describeQuota(account.limitBytes),
    momentText(account.createdAtMs),
    momentText(account.lastLoginAtMs),
  ];
}

export function accountFacts(account: AccountDetails, rootDir: string): string {
  return textFacts([
    ['Username', account.username],
    ['State', accountState(account)],
    ['Used', bytesText(account)],
    ['Files', entriesText(account)],
    ['Cut uploads', cutUploadsText(account)],
    ['Networks', networksText(account)],
    ['Rates', ratesText(account)],
    ['Home', path.join(rootDir, account.home)],
    ['Created', momentText(account.createdAtMs)],
    ['Last login', momentText(account.lastLoginAtMs)],
  ]);
}

/** `1.4 GiB of 10 GiB (14%), 3 of 1000000 files and directories` */
export function usageText(account: AccountDetails): string {
  return `${bytesText(account)}, ${entriesText(account)}`;
}

function bytesText({ usedBytes, limitBytes }: AccountDetails): string {
  if (isUnlimited(limitBytes)) return `${describeSize(usedBytes)} (quota unlimited)`;
  const share = limitBytes === 0 ? '' : ` (${Math.round((usedBytes / limitBytes) * 100)}%)`;
  return `${describeSize(usedBytes)} of ${describeSize(limitBytes)}${share}`;
}

export function cutUploadsText({ cutUploads }: AccountDetails): string {
  return cutUploads ?? 'as --cut-uploads of the server says';
}

export function networksText({ networks }: AccountDetails): string {
  return networks?.join(', ') ?? 'any address';
}

/** `up 2 MiB/s, down as the server` */
export function ratesText({ rateUp, rateDown }: AccountDetails): string {
  return `up ${rateText(rateUp)}, down ${rateText(rateDown)}`;
}

function rateText(bytesPerS: number | undefined): string {
  if (bytesPerS === undefined) return 'as the server';
  return bytesPerS === 0 ? 'off' : `${describeSize(bytesPerS)}/s`;
}

function accountState({ enabled }: AccountDetails): string {
  return enabled ? 'enabled' : 'disabled';
}

/** A moment for programs; `null`, which JSON has, for none. */
export function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
