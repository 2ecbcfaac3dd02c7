import type { Ban } from '../../db/ban-repository.ts';
import { parseDuration } from '../config/units.ts';
import { CommandError } from '../errors/command-error.ts';
import { printable } from '../logging/printable.ts';
import { parseNetwork } from '../network/network-range.ts';
import { orUsage } from './access-commands.ts';
import { isoTime } from './account-views.ts';
import type { BanVerb } from './actions.ts';
import { type Administration, type AdministrationRequest, administer } from './administration.ts';
import { UsageError } from './command-context.ts';
import { tellHooks } from './tell-hooks.ts';
import { momentText, textTable } from './text-table.ts';

const BY_ADMIN = 'by the administrator';

type BanCommand = (request: AdministrationRequest) => Promise<void>;

/** Runs `myftp-server ban <verb>`. */
export const banCommands: Readonly<Record<BanVerb, BanCommand>> = {
  add: addBan,
  list: listBans,
  remove: removeBan,
};

async function addBan(request: AdministrationRequest): Promise<void> {
  const { context, options } = request;
  const network = networkIn(request);
  const createdAtMs = Date.now();
  const lifetimeMs = lifetimeIn(String(options.for));
  const expiresAtMs = lifetimeMs === undefined ? undefined : createdAtMs + lifetimeMs;
  const reason = String(options.reason ?? '');
  const end = expiresAtMs === undefined ? 'for ever' : `until ${momentText(expiresAtMs)}`;
  await administer({ ...request, ifMissing: 'create' }, async ({ bans, auditEvents, hooks }) => {
    await bans.removeExpired(createdAtMs);
    await bans.add({ network, reason, createdAtMs, expiresAtMs, by: 'admin', times: 1 });
    const until = isoTime(expiresAtMs) ?? undefined;
    const why = reason === '' ? '' : `: ${reason}`;
    await recordBan(auditEvents, {
      network,
      reason: `${BY_ADMIN}; ${until === undefined ? 'for ever' : `until ${until}`}${why}`,
    });
    const event = { event: 'ban', address: network, reason: reason || BY_ADMIN, until } as const;
    await tellHooks(event, { ...request, hooks });
  });
  context.stdout.write(`${network} is banned ${end}. A running server ends its sessions.\n`);
}

async function listBans(request: AdministrationRequest): Promise<void> {
  const { context, options } = request;
  const bans = await administer({ ...request, ifMissing: 'refuse' }, (administration) =>
    administration.bans.list(Date.now()),
  );
  if (options.json === true)
    context.stdout.write(`${JSON.stringify(bans.map(banJson), undefined, 2)}\n`);
  else context.stdout.write(bans.length === 0 ? 'There are no bans.\n' : banTable(bans));
}

async function removeBan(request: AdministrationRequest): Promise<void> {
  const network = networkIn(request);
  await administer({ ...request, ifMissing: 'refuse' }, async ({ bans, auditEvents, hooks }) => {
    if (!(await bans.remove(network, Date.now())))
      throw new CommandError(`${network} is not banned.`);
    await recordBan(auditEvents, { network, reason: 'ended by the administrator' });
    await tellHooks({ event: 'unban', address: network, reason: BY_ADMIN }, { ...request, hooks });
  });
  request.context.stdout.write(`${network} is no longer banned.\n`);
}

function banTable(bans: readonly Ban[]): string {
  return textTable(
    ['NETWORK', 'SINCE', 'EXPIRES', 'BY', 'REASON'],
    bans.map(({ network, createdAtMs, expiresAtMs, by, times, reason }) => [
      network,
      momentText(createdAtMs),
      momentText(expiresAtMs),
      times === 1 ? by : `${by} (${times} times)`,
      printable(reason),
    ]),
  );
}

/** Times are ISO 8601 in UTC; `null` is never. */
function banJson({ network, reason, createdAtMs, expiresAtMs, by, times }: Ban) {
  const [createdAt, expiresAt] = [isoTime(createdAtMs), isoTime(expiresAtMs)];
  return { network, reason, createdAt, expiresAt, by, times };
}

/** The audit log of the server, which may run at the same time. */
async function recordBan(
  auditEvents: Administration['auditEvents'],
  { network, reason }: { readonly network: string; readonly reason: string },
): Promise<void> {
  const id = await auditEvents.reserveNumbers(1);
  const event = { kind: 'ban', atMs: Date.now(), outcome: 'ok', reason } as const;
  await auditEvents.save([{ ...event, id, session: '', address: network, username: '' }], []);
}

function networkIn({ args: [text = ''] }: AdministrationRequest): string {
  return orUsage(() => parseNetwork(text));
}

function lifetimeIn(text: string): number | undefined {
  if (text === 'ever') return undefined;
  const ms = orUsage(() => parseDuration(text));
  if (ms > 0) return ms;
  throw new UsageError('--for: write a time such as 12h or 7d, or ever.');
}
