import { joinPath, type Place } from '../files/place.ts';
import type { Excludes } from '../transfers/excludes.ts';

/**
 * The same place, whose listings leave out what is excluded.
 *
 * @param roots the directories from which the paths of globs begin.
 */
export function withoutExcluded(
  place: Place,
  isExcluded: Excludes,
  roots: readonly string[],
): Place {
  return {
    kind: place.kind,
    async *list(path, signal) {
      const root = roots.find((one) => path === one || path.startsWith(joinPath(one, ''))) ?? '';
      for await (const batch of place.list(path, signal)) {
        yield batch.filter(({ name, kind }) => {
          const relative = joinPath(path, name).slice(root.length).replace(/^\//, '');
          return !isExcluded(relative, kind === 'directory' ? 'directory' : 'file');
        });
      }
    },
    stat: (path) => place.stat(path),
    follow: (path) => place.follow(path),
    identity: (path) => place.identity(path),
    makeDirectory: (path) => place.makeDirectory(path),
    rename: (from, to) => place.rename(from, to),
    remove: (path, options) => place.remove(path, options),
    digest: (path, algorithm, signal) => place.digest(path, algorithm, signal),
    size: (path) => place.size(path),
    modified: (path) => place.modified(path),
    setModified: (path, modifiedMs) => place.setModified(path, modifiedMs),
    setMode: (path, mode) => place.setMode(path, mode),
  };
}
