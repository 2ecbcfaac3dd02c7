import type { Chosen } from '../state/marks.ts';
import { parentOf } from '../state/path-parts.ts';
import { groupedNumber } from '../text/format.ts';

/** Includes marks of other directories in what an action does. */
export const ELSEWHERE_TOO = {
  id: 'elsewhere',
  keys: ['A'],
  label: 'marked files in other directories, too',
};

/** Number of chosen paths that are shown. */
const MAX_SHOWN_PATHS = 5;

/** The first entries with their paths, a line each. */
export function firstPaths(chosen: readonly Chosen[]): readonly string[] {
  const more = chosen.length - MAX_SHOWN_PATHS;
  const paths = chosen
    .slice(0, MAX_SHOWN_PATHS)
    .map(({ path, entry }) => `  ${path}${entry.kind === 'directory' ? '/' : ''}`);
  return more > 0 ? [...paths, `  and ${groupedNumber(more)} more`] : paths;
}

/** As `and 2 more in /, 1 more in /www`. */
export function elsewhereText(elsewhere: readonly Chosen[]): string {
  const counts = new Map<string, number>();
  for (const { path } of elsewhere) {
    const directory = parentOf(path);
    counts.set(directory, (counts.get(directory) ?? 0) + 1);
  }
  return `and ${[...counts].map(([path, count]) => `${groupedNumber(count)} more in ${path}`).join(', ')}`;
}
