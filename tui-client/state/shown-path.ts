import type { Place } from '../files/place.ts';

/** A path as the screens show it: `~` stands for the user's home. */
export function shownPath(
  { place, path }: { readonly place: Place['kind']; readonly path: string },
  home: string,
): string {
  if (place === 'remote' || home.length < 2) return path;
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
