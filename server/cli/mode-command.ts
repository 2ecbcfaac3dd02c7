import type { AccountDetails } from '../accounts/account-administration.ts';
import {
  parseDirectoryMode,
  parseFileMode,
  parseOwner,
  parseUmask,
} from '../config/creation-parsers.ts';
import { findOwner } from '../config/creation-settings.ts';
import { type CreationSettings, NO_RULES } from '../disk/creation-rules.ts';
import { mayGiveTo } from '../disk/ownership.ts';
import { WrongFormError } from '../errors/wrong-form.ts';
import { accountJson, creationText } from './account-views.ts';
import type { Request } from './actions.ts';
import { type AdministrationRequest, administer } from './administration.ts';
import { UsageError } from './command-context.ts';

/** Value of an option that lets the account follow the server again. */
const DEFAULT = 'default';

const PARSERS = {
  umask: parseUmask,
  fileMode: parseFileMode,
  directoryMode: parseDirectoryMode,
  owner: (text: string) => findOwner(parseOwner(text)),
} as const;

const FLAGS = {
  umask: '--umask',
  fileMode: '--file-mode',
  directoryMode: '--directory-mode',
  owner: '--owner',
} as const;

type Name = keyof typeof PARSERS;

/** Runs `myftp-server user mode`. */
export async function showOrSetModes(request: AdministrationRequest): Promise<void> {
  const { context, args, options } = request;
  const [username = ''] = args;
  creationIn(options, NO_RULES);
  const isChange = Object.keys(PARSERS).some((name) => options[name] !== undefined);
  const account = await administer({ ...request, ifMissing: 'refuse' }, async ({ accounts }) => {
    const { creation } = await accounts.show(username);
    if (isChange) await accounts.setCreation({ username, creation: creationIn(options, creation) });
    return await accounts.show(username);
  });
  const note = isChange ? ' It applies from the next login on; existing files stay.' : '';
  context.stdout.write(
    options.json === true
      ? `${JSON.stringify(accountJson(account), undefined, 2)}\n`
      : `New files of ${account.username}: ${creationText(account)}.${note}\n`,
  );
  if (options.owner !== undefined) warnOfOwner(request, account);
}

/**
 * What is set for an account, changed as the options say.
 *
 * @throws UsageError that names the option.
 */
export function creationIn(
  options: Request['options'],
  before: CreationSettings,
): CreationSettings {
  const read = <N extends Name>(name: N) => readOption(options, name, before);
  return {
    umask: read('umask'),
    fileMode: read('fileMode'),
    directoryMode: read('directoryMode'),
    owner: read('owner'),
  };
}

function readOption<N extends Name>(
  options: Request['options'],
  name: N,
  before: CreationSettings,
): CreationSettings[N] {
  const text = options[name];
  if (typeof text !== 'string') return before[name];
  if (text === DEFAULT) return undefined as CreationSettings[N];
  try {
    return PARSERS[name](text) as CreationSettings[N];
  } catch (error) {
    if (error instanceof WrongFormError) throw new UsageError(`${FLAGS[name]}: ${error.message}`);
    throw error;
  }
}

/** The server runs as another user than root, as far as the command can see. */
export function warnOfOwner(
  { context, settings }: AdministrationRequest,
  { username, creation: { owner } }: AccountDetails,
): void {
  if (owner === undefined || (settings.user === undefined && mayGiveTo(owner))) return;
  context.stderr.write(
    `Mind: a server that runs neither as root nor with CAP_CHOWN, CAP_DAC_OVERRIDE and CAP_FOWNER cannot give files to this owner, and refuses the uploads of ${username}.\n`,
  );
}
