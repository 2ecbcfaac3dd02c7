import type { Stats } from 'node:fs';

/**
 * What a name holds: nothing, or a certain file with a certain content. Two are equal only if nobody has put anything
 * else there in between, as far as the disk tells. Kept in the database as it is.
 */
export type NameContent = string & { readonly nameContent: unique symbol };

export const NOTHING = 'nothing' as NameContent;

/** Of partials from before what their names held was recorded: the name has not changed since then. */
const UNCHANGED_SINCE = /^before:(\d+)$/;

/**
 * What a name with these facts holds; undefined for a name that does not exist.
 *
 * An inode number alone can be given to another file, sizes and times of modification can be set by anybody. The change
 * time, in microseconds, cannot: a rename, a link and each write set it. The number of the device is left out, as it
 * can differ after the system has been started again.
 */
export function contentOf(stats: Stats | undefined): NameContent {
  if (stats === undefined) return NOTHING;
  const { ino, size, mtimeMs, ctimeMs } = stats;
  const times = `${Math.round(mtimeMs * 1000)}:${Math.round(ctimeMs * 1000)}`;
  return `${stats.isFile() ? 'file' : 'other'}:${ino}:${size}:${times}` as NameContent;
}

/** Whether a name with these facts holds what it held. */
export function isStill(held: NameContent, stats: Stats | undefined): boolean {
  const [, sinceMs] = UNCHANGED_SINCE.exec(held) ?? [];
  if (sinceMs === undefined) return contentOf(stats) === held;
  return stats === undefined || (stats.isFile() && stats.ctimeMs < Number(sinceMs));
}
