import type { Place } from '../place.ts';
import { globMatcher } from '../state/glob.ts';

/** Says whether a name is left out. */
export type Exclusion = (name: string) => boolean;

export function exclusionOf(patterns: readonly string[] = []): Exclusion {
  const matchers = patterns.map((pattern) => globMatcher(pattern, 'told-apart'));
  return (name) => matchers.some((isMatch) => isMatch(name));
}

/** The same place, whose listings leave names out. */
export function withoutExcluded(place: Place, isExcluded: Exclusion): Place {
  return {
    kind: place.kind,
    async *list(path, signal) {
      for await (const batch of place.list(path, signal)) {
        yield batch.filter(({ name }) => !isExcluded(name));
      }
    },
    stat: (path) => place.stat(path),
    makeDirectory: (path) => place.makeDirectory(path),
    rename: (from, to) => place.rename(from, to),
    remove: (path, options) => place.remove(path, options),
    digest: (path, algorithm, signal) => place.digest(path, algorithm, signal),
    setModified: (path, modifiedMs) => place.setModified(path, modifiedMs),
  };
}
