import type { AccountDetails } from '../accounts/account-administration.ts';
import { formatMode } from '../config/creation-parsers.ts';
import { describeQuota } from '../config/quota-size.ts';
import { describeSize, formatDuration } from '../config/units.ts';
import type { Owner } from '../disk/creation-rules.ts';
import { homePathOf } from '../disk/home-place.ts';
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
    keepDeletedMs: account.keepDeletedMs ?? null,
    group: account.group ?? null,
    rights: account.access.rights ?? null,
    expiresAt: isoTime(account.expiresAtMs),
    mustChangePassword: account.mustChangePassword,
    externalPassword: account.isExternal,
    networks: account.networks ?? null,
    rateUp: account.rateUp ?? null,
    rateDown: account.rateDown ?? null,
    maxFiles: isUnlimited(account.limitEntries) ? null : account.limitEntries,
    usedFiles: account.usedEntries,
    ...creationJson(account),
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
    ['Deleted files', keepDeletedText(account)],
    ['New files', creationText(account)],
    ['Group', account.group ?? 'none'],
    ['Rights', rightsText(account.access.rights)],
    ['Expires', momentText(account.expiresAtMs)],
    ['Password', passwordText(account)],
    ['Networks', networksText(account)],
    ['Rates', ratesText(account)],
    ['Home', homePathOf(rootDir, account.home)],
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

/** `/ read-only; /incoming upload-only` */
export function rightsText(rights: Readonly<Record<string, string>> = {}): string {
  const texts = Object.entries(rights).map(([directory, set]) => `${directory} ${set}`);
  return texts.length === 0 ? 'full' : texts.join('; ');
}

export function cutUploadsText({ cutUploads }: AccountDetails): string {
  return cutUploads ?? 'as --cut-uploads of the server says';
}

export function keepDeletedText({ keepDeletedMs }: AccountDetails): string {
  if (keepDeletedMs === undefined) return 'as --keep-deleted of the server says';
  return keepDeletedMs === 0 ? 'not kept' : `kept for ${formatDuration(keepDeletedMs)}`;
}

/** `umask 027, owner 1000:1000` */
export function creationText({ creation }: AccountDetails): string {
  const { umask, fileMode, directoryMode, owner } = creation;
  const parts = [
    umask === undefined ? [] : `umask ${formatMode(umask)}`,
    fileMode === undefined ? [] : `file mode ${formatMode(fileMode)}`,
    directoryMode === undefined ? [] : `directory mode ${formatMode(directoryMode)}`,
    owner === undefined ? [] : `owner ${ownerText(owner)}`,
  ].flat();
  return parts.length === 0 ? 'as the settings of the server say' : parts.join(', ');
}

function creationJson({ creation }: AccountDetails) {
  const { umask, fileMode, directoryMode, owner } = creation;
  return {
    umask: umask === undefined ? null : formatMode(umask),
    fileMode: fileMode === undefined ? null : formatMode(fileMode),
    directoryMode: directoryMode === undefined ? null : formatMode(directoryMode),
    owner: owner === undefined ? null : ownerText(owner),
  };
}

function ownerText({ uid, gid }: Owner): string {
  return gid === undefined ? String(uid) : `${uid}:${gid}`;
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

function passwordText({ isExternal, mustChangePassword }: AccountDetails): string {
  if (isExternal) return 'kept by another system';
  return mustChangePassword ? 'must be changed' : 'set';
}

function accountState({ enabled, expiresAtMs = Infinity }: AccountDetails): string {
  if (!enabled) return 'disabled';
  return Date.now() < expiresAtMs ? 'enabled' : 'expired';
}

/** A moment for programs; `null`, which JSON has, for none. */
export function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
