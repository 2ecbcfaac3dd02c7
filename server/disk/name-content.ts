import type { Stats } from 'node:fs';

/**
 * The content of a name: nothing, or a certain file in a certain state. Two are equal only if the name has not been
 * given anything else in between, as far as the disk shows. Stored in the database as it is.
 */
export type NameContent = string & { readonly nameContent: unique symbol };

export const NOTHING = 'nothing' as NameContent;

/** For partials from versions that did not record the content of their names: the name has not changed since. */
const UNCHANGED_SINCE = /^before:(\d+)$/;

/**
 * The content of a name with these facts; undefined for a name that does not exist.
 *
 * An inode number can be reused, and sizes and modification times can be set by any program. The change time, in
 * microseconds, cannot: a rename, a link and each write set it. The device number is left out, because it can differ
 * after a restart of the system.
 */
export function contentOf(stats: Stats | undefined): NameContent {
  if (stats === undefined) return NOTHING;
  const { ino, size, mtimeMs, ctimeMs } = stats;
  const times = `${Math.round(mtimeMs * 1000)}:${Math.round(ctimeMs * 1000)}`;
  return `${stats.isFile() ? 'file' : 'other'}:${ino}:${size}:${times}` as NameContent;
}

/** Whether a name with these facts still has the content. */
export function isStill(held: NameContent, stats: Stats | undefined): boolean {
  const [, sinceMs] = UNCHANGED_SINCE.exec(held) ?? [];
  if (sinceMs === undefined) return contentOf(stats) === held;
  return stats === undefined || (stats.isFile() && stats.ctimeMs < Number(sinceMs));
}
