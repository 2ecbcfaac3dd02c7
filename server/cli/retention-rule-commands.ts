import type { RetentionByDirectory, RetentionSettings } from '../../db/retention-repository.ts';
import { parseDuration } from '../config/units.ts';
import { WrongFormError } from '../errors/wrong-form.ts';
import { isUnlimited } from '../quota/unlimited.ts';
import { parsePrefix } from '../rights/rights-rules.ts';
import { orUsage } from './access-commands.ts';
import { type Administration, type AdministrationRequest, administer } from './administration.ts';
import { UsageError } from './command-context.ts';
import { type RetentionHolder, retentionJson, retentionTable } from './retention-views.ts';

type Options = AdministrationRequest['options'];

/** A shorter time is a mistake, such as `30` for 30 days, more often than a wish. */
const MIN_DELETE_AFTER_MS = 3_600_000;

const MAX_DELETE_AFTER_MS = 36_500 * 86_400_000;

/** How a command finds the rules of an account or a group, and changes them. */
interface HolderKind {
  find(administration: Administration, name: string): Promise<RetentionHolder>;
  set(administration: Administration, name: string, rules: RetentionByDirectory): Promise<void>;
}

/** A change of the rule of one directory. */
interface RuleChange {
  readonly directory: string;
  /** Undefined takes the rule back. */
  readonly settings: RetentionSettings | undefined;
}

const ACCOUNT: HolderKind = {
  async find({ accounts, retention }, name) {
    const { username, group } = await accounts.show(name);
    const found = await retention.findByUsername(username);
    return { name: username, group, own: found?.own ?? {}, effective: found?.effective ?? {} };
  },
  async set({ accounts, retention }, name, rules) {
    const { id } = await accounts.show(name);
    await retention.setOfAccount(id, rules);
  },
};

const GROUP: HolderKind = {
  async find({ groups, retention }, given) {
    const { name } = await groups.find(given);
    const own = (await retention.findGroup(name)) ?? {};
    return { name, group: name, own, effective: own };
  },
  async set({ groups, retention }, given, rules) {
    const { name } = await groups.find(given);
    await retention.setOfGroup(name, rules);
  },
};

/** `myftp-server user retention`: shows or sets when files of an account are deleted. */
export async function showOrSetUserRetention(request: AdministrationRequest): Promise<void> {
  const change = await showOrSet(request, ACCOUNT);
  if (change?.settings?.isOldestFirst === true) await warnOfNoQuota(request);
}

/** `myftp-server group retention`: the same for all accounts of a group. */
export async function showOrSetGroupRetention(request: AdministrationRequest): Promise<void> {
  await showOrSet(request, GROUP);
}

async function showOrSet(
  request: AdministrationRequest,
  { find, set }: HolderKind,
): Promise<RuleChange | undefined> {
  const [name = ''] = request.args;
  const change = changeIn(request.options);
  const holder = await administer({ ...request, ifMissing: 'refuse' }, async (administration) => {
    const before = await find(administration, name);
    if (change === undefined) return before;
    await set(administration, name, changed(before.own, change));
    return await find(administration, name);
  });
  request.context.stdout.write(
    request.options.json === true
      ? `${JSON.stringify(retentionJson(holder), undefined, 2)}\n`
      : retentionTable(holder),
  );
  return change;
}

function changed(
  before: RetentionByDirectory,
  { directory, settings }: RuleChange,
): RetentionByDirectory {
  const { [directory]: _, ...others } = before;
  return settings === undefined ? others : { ...others, [directory]: settings };
}

/** @returns undefined if nothing is to be changed. @throws UsageError */
function changeIn(options: Options): RuleChange | undefined {
  const directory = orUsage(() => parsePrefix(String(options.directory ?? '/')));
  const isRule = ['deleteAfter', 'oldestFirst', 'removeEmpty'].some((name) => name in options);
  const isOff = options.off === true;
  const isDefault = options.default === true;
  if ([isRule, isOff, isDefault].filter(Boolean).length > 1) {
    throw new UsageError('--off and --default go with --directory alone.');
  }
  if (isDefault) return { directory, settings: undefined };
  if (isRule || isOff) return { directory, settings: settingsIn(options) };
  if (options.directory === undefined) return undefined;
  throw new UsageError(
    '--directory: say what applies there: --delete-after, --oldest-first, --off or --default.',
  );
}

function settingsIn({ deleteAfter, oldestFirst, removeEmpty, off }: Options): RetentionSettings {
  const deleteAfterMs = deleteAfter === undefined ? 0 : deleteAfterIn(String(deleteAfter));
  const isOldestFirst = oldestFirst === true;
  if (off !== true && deleteAfterMs === 0 && !isOldestFirst) {
    throw new UsageError('--remove-empty: add --delete-after or --oldest-first.');
  }
  return { deleteAfterMs, isOldestFirst, removesEmpty: removeEmpty === true };
}

/** @throws UsageError */
function deleteAfterIn(text: string): number {
  const ms = durationIn(text);
  if (ms !== undefined && ms >= MIN_DELETE_AFTER_MS && ms <= MAX_DELETE_AFTER_MS) return ms;
  throw new UsageError(
    `--delete-after ${JSON.stringify(text)}: expected a time from 1h to 36500d, such as 30d.`,
  );
}

function durationIn(text: string): number | undefined {
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof WrongFormError) return undefined;
    throw error;
  }
}

async function warnOfNoQuota(request: AdministrationRequest): Promise<void> {
  const [name = ''] = request.args;
  const { username, limitBytes, limitEntries } = await administer(
    { ...request, ifMissing: 'refuse' },
    ({ accounts }) => accounts.show(name),
  );
  if (!isUnlimited(limitBytes) || !isUnlimited(limitEntries)) return;
  request.context.stderr.write(
    `Mind: ${username} has no quota, which could be full; set one: myftp-server user quota ${username} 10GB\n`,
  );
}
