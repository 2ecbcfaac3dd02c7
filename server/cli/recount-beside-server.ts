import { setTimeout as delay } from 'node:timers/promises';
import type { MemberRepository } from '../../db/member-repository.ts';
import type { QuotaRepository } from '../../db/quota-repository.ts';
import type { RecountRepository, RecountResult } from '../../db/recount-repository.ts';
import type { AccountDetails } from '../accounts/account-administration.ts';
import { isHomeMounted } from '../disk/home-marker.ts';
import { CommandError } from '../errors/command-error.ts';
import { measureAccount, type Places } from '../quota/quota-recount.ts';
import { recountedUsage } from '../quota/recounted-usage.ts';
import { inspectLock } from '../start/data-lock.ts';

const ASK_EVERY_MS = 100;

/** Interval at which the command checks whether a server still runs. */
const LOCK_EVERY_ASKS = 10;

/** A server that runs looks for requests twice a second. */
const MAX_UNSTARTED_MS = 15_000;

interface Deps {
  readonly recounts: RecountRepository;
  readonly quotas: QuotaRepository;
  readonly members: Pick<MemberRepository, 'isEmpty'>;
  readonly places: Places;
  readonly dataDir: string;
}

/**
 * Recounts an account for a command. Only a running server knows what it has reserved for uploads, so it is asked to do it;
 * where none runs, the command measures by itself.
 *
 * @throws CommandError if no server runs and the last one did not end in order, or if the server does not answer.
 */
export async function recountBesideServer(
  account: AccountDetails,
  deps: Deps,
): Promise<RecountResult> {
  for (;;) {
    const outcome = (await recountUnserved(account, deps)) ?? (await askServer(account, deps));
    if (outcome !== undefined) return outcome;
  }
}

/** Undefined if a server runs, or has started since. */
async function recountUnserved(
  account: AccountDetails,
  { members, quotas, places }: Deps,
): Promise<RecountResult | undefined> {
  if (!(await members.isEmpty())) return undefined;
  const { id } = account;
  if (!isHomeMounted(account)) return { kind: 'failed', problem: 'the home is not mounted' };
  const quota = await quotas.find(id);
  if (quota === undefined) return { kind: 'failed', problem: 'the account has been removed' };
  const before = { bytes: quota.usedBytes, entries: quota.usedEntries };
  const { home: tree, measurement } = await measureAccount(account, places);
  const after = recountedUsage(measurement, before);
  const change = { accountId: id, from: before, to: after };
  if (!(await quotas.replaceUsedUnserved(change))) return undefined;
  const unreadDirectories = tree.unread.count;
  return { kind: 'corrected', before, after, unreadDirectories };
}

/** Undefined if no server runs, or it has ended before it answered. */
async function askServer(
  { id: accountId }: AccountDetails,
  { recounts, members, dataDir }: Deps,
): Promise<RecountResult | undefined> {
  if (!(await inspectLock(dataDir)).isHeld) {
    if (await members.isEmpty()) return undefined;
    throw new CommandError(CRASHED);
  }
  const id = await recounts.request(accountId, Date.now());
  try {
    return await answerTo(id, { recounts, dataDir });
  } finally {
    await recounts.remove(id);
  }
}

/** Undefined if the server has ended before it answered. */
async function answerTo(
  id: number,
  { recounts, dataDir }: Pick<Deps, 'recounts' | 'dataDir'>,
): Promise<RecountResult | undefined> {
  const deadlineMs = performance.now() + MAX_UNSTARTED_MS;
  for (let asked = 1; ; asked += 1) {
    await delay(ASK_EVERY_MS);
    const request = await recounts.find(id);
    if (request === undefined) return { kind: 'failed', problem: LOST };
    if (request.result !== undefined) return request.result;
    if (asked % LOCK_EVERY_ASKS === 0 && !(await inspectLock(dataDir)).isHeld) return undefined;
    if (request.isStarted || performance.now() < deadlineMs) continue;
    if (await recounts.withdraw(id)) throw new CommandError(UNANSWERED);
  }
}

const LOST = 'the server was restarted or the account removed';

const CRASHED =
  'The last server did not end in order, and none is running. Start the server: it recounts the accounts that were in use.';

const UNANSWERED = 'The server does not answer; see its log, or restart it.';
