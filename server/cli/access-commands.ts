import type { AccessSettings } from '../../db/access-settings.ts';
import { WrongFormError } from '../errors/wrong-form.ts';
import { parseRights } from '../rights/rights.ts';
import { parsePrefix } from '../rights/rights-rules.ts';
import { type AccessHolder, accessJson, rightsTable } from './access-views.ts';
import { type Administration, type AdministrationRequest, administer } from './administration.ts';
import { UsageError } from './command-context.ts';
import { tellServer } from './tell-server.ts';

/** Takes a setting of an account or group back, so that its group or the server decides. */
export const DEFAULT = 'default';

/** The kind of holder: how a command finds it and changes it. */
export interface HolderKind {
  find(administration: Administration, name: string): Promise<AccessHolder>;
  set(administration: Administration, name: string, access: AccessSettings): Promise<void>;
}

/** `user rights` and `group rights`: shows the rights by directory, or sets those of one. */
export async function showOrSetRights(
  request: AdministrationRequest,
  kind: HolderKind,
): Promise<void> {
  const [, rights, directory = '/'] = request.args;
  const prefix = orUsage(() => parsePrefix(directory));
  if (rights !== undefined && rights !== DEFAULT) orUsage(() => parseRights(rights));
  const holder = await changed(request, kind, (own) =>
    rights === undefined ? undefined : withRights(own, { prefix, rights }),
  );
  request.context.stdout.write(
    request.options.json === true
      ? `${JSON.stringify(accessJson(holder), undefined, 2)}\n`
      : rightsTable(holder),
  );
}

/**
 * Changes the rights and limits of a holder, and applies that to a server that runs.
 *
 * @param change returns undefined if nothing is to be changed.
 * @returns the holder as it is afterwards.
 */
export async function changed(
  request: AdministrationRequest,
  { find, set }: HolderKind,
  change: (own: AccessSettings) => AccessSettings | undefined,
): Promise<AccessHolder> {
  const [name = ''] = request.args;
  return await administer({ ...request, ifMissing: 'refuse' }, async (administration) => {
    const before = await find(administration, name);
    const access = change(before.own);
    if (access === undefined) return before;
    await set(administration, name, access);
    await tellServer(request.settings);
    return await find(administration, name);
  });
}

function withRights(
  { rights: before = {}, ...others }: AccessSettings,
  { prefix, rights }: { readonly prefix: string; readonly rights: string },
): AccessSettings {
  const { [prefix]: _, ...rest } = before;
  return { ...others, rights: rights === DEFAULT ? rest : { ...rest, [prefix]: rights } };
}

/** @throws UsageError for a text in a wrong form. */
export function orUsage<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof WrongFormError) throw new UsageError(error.message);
    throw error;
  }
}
