import type { Invite } from '../../db/invite-repository.ts';
import { parseDuration } from '../config/units.ts';
import { CommandError } from '../errors/command-error.ts';
import { WrongFormError } from '../errors/wrong-form.ts';
import { isoTime } from './account-views.ts';
import type { InviteVerb } from './actions.ts';
import { type AdministrationRequest, administer } from './administration.ts';
import { UsageError } from './command-context.ts';
import { momentText, textTable } from './text-table.ts';

const MAX_USES = 1_000_000;

type InviteCommand = (request: AdministrationRequest) => Promise<void>;

/** Runs `myftp-server invite <verb>`. */
export const inviteCommands: Readonly<Record<InviteVerb, InviteCommand>> = {
  create: createInvite,
  list: listInvites,
  revoke: revokeInvite,
};

async function createInvite(request: AdministrationRequest): Promise<void> {
  const { context, settings, options } = request;
  const maxUses = usesIn(String(options.uses));
  const lifetimeMs = lifetimeIn(String(options.expires));
  const invite = await administer({ ...request, ifMissing: 'create' }, ({ invites }) =>
    invites.create({ maxUses, lifetimeMs }),
  );
  if (options.json === true) {
    context.stdout.write(json({ ...inviteJson(invite), code: invite.code }));
    return;
  }
  const uses = maxUses === 1 ? '1 account' : `${maxUses} accounts`;
  const end =
    invite.expiresAtMs === undefined ? 'no end' : `until ${momentText(invite.expiresAtMs)}`;
  context.stdout.write(
    `${invite.code}\n\nInvite ${invite.id} for ${uses}, ${end}. The code is shown only now.\nTo use it: SITE SIGNUP <username> ${invite.code}\n`,
  );
  if (settings.signup !== 'invite') {
    context.stderr.write(
      `Mind: these settings have sign-up ${settings.signup}, which asks for no invite.\n`,
    );
  }
}

async function listInvites(request: AdministrationRequest): Promise<void> {
  const { context, options } = request;
  const invites = await administer({ ...request, ifMissing: 'refuse' }, (administration) =>
    administration.invites.list(),
  );
  if (options.json === true) context.stdout.write(json(invites.map(inviteJson)));
  else if (invites.length > 0) context.stdout.write(inviteTable(invites));
  else context.stdout.write('There are no invites yet. Create one: myftp-server invite create\n');
}

async function revokeInvite(request: AdministrationRequest): Promise<void> {
  const { context, args } = request;
  const [text = ''] = args;
  if (!/^\d{1,15}$/.test(text)) {
    throw new UsageError(
      `${JSON.stringify(text)} is not the number of an invite. See myftp-server invite list.`,
    );
  }
  const wasRevoked = await administer({ ...request, ifMissing: 'refuse' }, ({ invites }) =>
    invites.revoke(Number(text)),
  );
  if (!wasRevoked) throw new CommandError(`There is no invite ${text} that could be revoked.`);
  context.stdout.write(`Revoked invite ${text}.\n`);
}

function inviteTable(invites: readonly Invite[]): string {
  return textTable(
    ['ID', 'STATE', 'USES', 'CREATED', 'EXPIRES'],
    invites.map((invite) => [
      String(invite.id),
      inviteState(invite),
      `${invite.uses}/${invite.maxUses}`,
      momentText(invite.createdAtMs),
      momentText(invite.expiresAtMs),
    ]),
  );
}

function inviteJson(invite: Invite) {
  return {
    id: invite.id,
    state: inviteState(invite),
    uses: invite.uses,
    maxUses: invite.maxUses,
    createdAt: isoTime(invite.createdAtMs),
    expiresAt: isoTime(invite.expiresAtMs),
    revokedAt: isoTime(invite.revokedAtMs),
  };
}

function inviteState({ revokedAtMs, expiresAtMs, uses, maxUses }: Invite) {
  if (revokedAtMs !== undefined) return 'revoked';
  if (uses >= maxUses) return 'used up';
  return expiresAtMs !== undefined && expiresAtMs <= Date.now() ? 'expired' : 'usable';
}

function usesIn(text: string): number {
  const uses = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (uses >= 1 && uses <= MAX_USES) return uses;
  throw new UsageError(
    `--uses: ${JSON.stringify(text)} is not a number of accounts. Write a whole number from 1 to ${MAX_USES}.`,
  );
}

function lifetimeIn(text: string): number | undefined {
  if (text === 'never') return undefined;
  try {
    const ms = parseDuration(text);
    if (ms > 0) return ms;
  } catch (error) {
    if (!(error instanceof WrongFormError)) throw error;
  }
  throw new UsageError(
    `--expires: ${JSON.stringify(text)} is not a time that lies ahead. Write one such as 12h or 7d, or never.`,
  );
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
