import { findOwner } from '../config/creation-settings.ts';
import type { Settings } from '../config/settings.ts';
import type { Owner } from '../disk/creation-rules.ts';
import { canGiveTo, type ProcessRights, rightsOfProcess } from '../disk/process-rights.ts';
import { WrongFormError } from '../errors/wrong-form.ts';
import { groupIdOf, primaryGroupOf, userIdOf } from '../system/user-ids.ts';
import { type Check, type DoctorContext, ok, problem, type Verdict } from './finding.ts';

const MAX_NAMES = 5;

const REMEDY =
  'Run it as root without --user, or give it CAP_CHOWN, CAP_DAC_OVERRIDE and CAP_FOWNER, or take the owner back: default in the place of the name.';

/** Owners of new files, of `--owner` and of accounts: whether the server may give files to them. */
export const ownersCheck: Check = {
  id: 'owners',
  async inspect(context) {
    const { settings, database } = context;
    const { owners = [] } = (await database()) ?? {};
    if (settings.owner === undefined && owners.length === 0) return [];
    const rights = serverRights(context);
    const refused = owners.filter(({ owner }) => !canGiveTo(rights, owner));
    const verdicts = [...settingVerdict(settings, rights), ...accountsVerdict(refused)];
    return verdicts.length > 0
      ? verdicts
      : [ok('The server may give files to all owners that are set.')];
  },
};

/** Those of the server that runs; otherwise of one that this user starts. */
function serverRights({ serverPid, settings: { user, group } }: DoctorContext): ProcessRights {
  const rights = rightsOfProcess(serverPid ?? 'self');
  if (serverPid !== undefined || user === undefined || rights.uid !== 0) return rights;
  const gid = group === undefined ? primaryGroupOf(user) : groupIdOf(group);
  return { uid: userIdOf(user) ?? -1, gid: gid ?? -1, groups: [], isCapable: false };
}

function settingVerdict({ owner }: Settings, rights: ProcessRights): readonly Verdict[] {
  if (owner === undefined) return [];
  try {
    if (canGiveTo(rights, findOwner(owner))) return [];
  } catch (error) {
    if (!(error instanceof WrongFormError)) throw error;
    return [problem(`--owner ${owner}: ${error.message}`, 'Correct --owner.')];
  }
  return [
    problem(`The server may not give files to --owner ${owner}, and refuses uploads.`, REMEDY),
  ];
}

function accountsVerdict(
  refused: readonly { readonly username: string; readonly owner: Owner }[],
): readonly Verdict[] {
  const [first] = refused;
  if (first === undefined) return [];
  const names = refused.slice(0, MAX_NAMES).map(({ username }) => username);
  const rest = refused.length - names.length;
  const listed = `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  return [
    problem(
      `The server may not give files to the owners that are set for ${listed}, and refuses their uploads.`,
      `${REMEDY.replace(/\.$/, '')} in user mode ${first.username} --owner.`,
    ),
  ];
}
