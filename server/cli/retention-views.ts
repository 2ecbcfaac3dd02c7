import type { RetentionByDirectory, RetentionSettings } from '../../db/retention-repository.ts';
import { formatDuration } from '../config/units.ts';
import { textTable } from './text-table.ts';

/** An account or a group with its rules of retention. */
export interface RetentionHolder {
  readonly name: string;
  readonly group?: string | undefined;
  /** What is set for it. */
  readonly own: RetentionByDirectory;
  /** The same with what its group sets. */
  readonly effective: RetentionByDirectory;
}

/** Rules for programs; `deleteAfterMs` is null where age is no reason. */
export function retentionJson(holder: RetentionHolder) {
  const { name, group } = holder;
  const rules = rulesOf(holder).map(({ directory, settings, from }) => ({
    directory,
    deleteAfterMs: settings.deleteAfterMs === 0 ? null : settings.deleteAfterMs,
    oldestFirst: settings.isOldestFirst,
    removeEmpty: settings.removesEmpty,
    from,
  }));
  return { name, group: group ?? null, rules };
}

export function retentionTable(holder: RetentionHolder): string {
  const rules = rulesOf(holder);
  if (rules.length === 0) return `No files of ${holder.name} are deleted.\n`;
  const rows = rules.map(({ directory, settings, from }) => [
    ...[directory, ageText(settings), yesOrNo(settings.isOldestFirst)],
    ...[yesOrNo(settings.removesEmpty), from],
  ]);
  return textTable(['DIRECTORY', 'DELETE AFTER', 'OLDEST FIRST', 'REMOVE EMPTY', 'FROM'], rows);
}

function ageText({ deleteAfterMs }: RetentionSettings): string {
  return deleteAfterMs === 0 ? 'never' : formatDuration(deleteAfterMs);
}

function yesOrNo(isSo: boolean): string {
  return isSo ? 'yes' : 'no';
}

function rulesOf({ own, effective, group }: RetentionHolder) {
  return Object.entries(effective)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([directory, settings]) => {
      const from = Object.hasOwn(own, directory) ? 'own' : `group ${group}`;
      return { directory, settings, from };
    });
}
