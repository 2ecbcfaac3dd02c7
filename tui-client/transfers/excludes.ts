import picomatch from 'picomatch';

/** Whether an entry is left out. */
export type Excludes = (relativePath: string, kind: 'file' | 'directory') => boolean;

/**
 * Globs as people write them: without a slash they are about names at any depth, with one about paths from the
 * top, with one at the end about directories only.
 */
export function excludesFrom(globs: readonly string[]): Excludes {
  const matchers = globs.map((glob) => matcherFor(glob));
  return (relativePath, kind) => matchers.some((isMatch) => isMatch(relativePath, kind));
}

function matcherFor(glob: string): Excludes {
  const isForDirectories = glob.endsWith('/');
  const bare = glob.replace(/\/+$/, '').replace(/^\.?\//, '');
  const isForNames = !glob.replace(/\/+$/, '').includes('/');
  const isMatch = picomatch(bare, { dot: true, nonegate: true });
  return (relativePath, kind) => {
    if (isForDirectories && kind !== 'directory') return false;
    return isMatch(
      isForNames ? relativePath.slice(relativePath.lastIndexOf('/') + 1) : relativePath,
    );
  };
}
