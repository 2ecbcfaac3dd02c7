import type { Group } from '../../db/group-repository.ts';
import { type HolderKind, showOrSetRights } from './access-commands.ts';
import { type AccessHolder, accessJson, rightsTable } from './access-views.ts';
import { rightsText } from './account-views.ts';
import type { GroupVerb } from './actions.ts';
import { type AdministrationRequest, administer } from './administration.ts';
import { showOrSetLimits } from './limits-commands.ts';
import { showOrSetGroupRetention } from './retention-rule-commands.ts';
import { textTable } from './text-table.ts';

type GroupCommand = (request: AdministrationRequest) => Promise<void>;

/** A group as the holder of rights and limits. */
const GROUP: HolderKind = {
  find: async ({ groups }, name) => holderOf(await groups.find(name)),
  set: ({ groups }, name, access) => groups.setAccess(name, access),
};

/** Runs `myftp-server group <verb>`. */
export const groupCommands: Readonly<Record<GroupVerb, GroupCommand>> = {
  add: addGroup,
  list: listGroups,
  show: showGroup,
  rights: (request) => showOrSetRights(request, GROUP),
  limits: (request) => showOrSetLimits(request, GROUP),
  retention: showOrSetGroupRetention,
  remove: removeGroup,
};

async function addGroup(request: AdministrationRequest): Promise<void> {
  const [name = ''] = request.args;
  await administer({ ...request, ifMissing: 'create' }, ({ groups }) => groups.add(name));
  request.context.stdout.write(`Added the group ${name.toLowerCase()}.\n`);
}

async function listGroups(request: AdministrationRequest): Promise<void> {
  const { context, options } = request;
  const groups = await administer({ ...request, ifMissing: 'refuse' }, (administration) =>
    administration.groups.list(),
  );
  if (options.json === true) {
    context.stdout.write(`${JSON.stringify(groups.map(groupJson), undefined, 2)}\n`);
  } else if (groups.length === 0) {
    context.stdout.write('There are no groups.\n');
  } else {
    const rows = groups.map(({ name, members, access }) => [
      name,
      String(members),
      rightsText(access.rights),
    ]);
    context.stdout.write(textTable(['GROUP', 'MEMBERS', 'RIGHTS'], rows));
  }
}

async function showGroup(request: AdministrationRequest): Promise<void> {
  const { context, options } = request;
  const [name = ''] = request.args;
  const group = await administer({ ...request, ifMissing: 'refuse' }, ({ groups }) =>
    groups.find(name),
  );
  if (options.json === true) {
    context.stdout.write(`${JSON.stringify(groupJson(group), undefined, 2)}\n`);
    return;
  }
  context.stdout.write(`Group ${group.name}, ${group.members} members\n`);
  context.stdout.write(rightsTable(holderOf(group)));
}

async function removeGroup(request: AdministrationRequest): Promise<void> {
  const [name = ''] = request.args;
  await administer({ ...request, ifMissing: 'refuse' }, ({ groups }) => groups.remove(name));
  request.context.stdout.write(`Removed the group ${name}.\n`);
}

function holderOf({ name, access }: Group): AccessHolder {
  return { name, own: access, effective: access };
}

function groupJson(group: Group) {
  const { group: _, ...access } = accessJson(holderOf(group));
  return { ...access, members: group.members };
}
