import type { AccessSettings } from '../../db/access-settings.ts';
import { formatRights, parseRights } from '../rights/rights.ts';
import { textTable } from './text-table.ts';

/** An account or a group, whose rights and limits a command is about. */
export interface AccessHolder {
  readonly name: string;
  /** What is set for it. */
  readonly own: AccessSettings;
  /** The same with what its group sets. */
  readonly effective: AccessSettings;
  readonly group?: string | undefined;
}

/** Rights where no rule is set. */
const UNSET = 'full';

/** Rights and limits for programs; `null` where nothing is set. */
export function accessJson(holder: AccessHolder) {
  const { name, group, effective } = holder;
  return {
    name,
    group: group ?? null,
    rights: rulesOf(holder).map((rule) => ({ ...rule, rights: listOf(rule.set) })),
    maxUploadBytes: effective.maxUploadBytes ?? null,
    allowedNames: effective.allowedNames ?? null,
    deniedNames: effective.deniedNames ?? null,
  };
}

export function rightsTable(holder: AccessHolder): string {
  const rows = rulesOf(holder).map(({ directory, set, from }) => [
    directory,
    set,
    listOf(set).join(','),
    from,
  ]);
  return textTable(['DIRECTORY', 'SET', 'RIGHTS', 'FROM'], rows);
}

function listOf(set: string): readonly string[] {
  const rights = parseRights(set);
  return rights === 0 ? [] : formatRights(rights).split(',');
}

function rulesOf(holder: Pick<AccessHolder, 'own' | 'effective' | 'group'>) {
  const rights = { '/': UNSET, ...holder.effective.rights };
  return Object.entries(rights)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([directory, set]) => ({ directory, set, from: origin(holder, directory) }));
}

function origin(
  { own, effective, group }: Pick<AccessHolder, 'own' | 'effective' | 'group'>,
  directory: string,
): string {
  if (own.rights?.[directory] !== undefined) return 'own';
  return effective.rights?.[directory] === undefined ? 'default' : `group ${group}`;
}
