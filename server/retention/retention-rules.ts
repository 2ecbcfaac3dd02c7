import type { RetentionAccount, RetentionSettings } from '../../db/retention-repository.ts';
import { isWithin, parentOf, ROOT, type VirtualPath } from '../disk/virtual-path.ts';

/** A rule for the files in a directory and below it, except where a directory below has a rule of its own. */
export interface RetentionRule extends RetentionSettings {
  readonly directory: VirtualPath;
  /** Directories with rules of their own, below `directory` and without it. */
  readonly excluded: readonly string[];
  /** Directories that stay when they are empty, because others see them as shared folders. */
  readonly shared: readonly string[];
}

/** The rules of an account, those that keep everything included. */
export function rulesOf({
  effective,
  shared,
}: Pick<RetentionAccount, 'effective' | 'shared'>): readonly RetentionRule[] {
  const directories = Object.keys(effective) as VirtualPath[];
  return Object.entries(effective).map(([path, settings]) => {
    const directory = path as VirtualPath;
    const below = directories.filter((one) => one !== directory && isWithin(directory, one));
    const excluded = below.map((one) => one.slice(directory === ROOT ? 1 : directory.length + 1));
    return { ...settings, directory, excluded, shared };
  });
}

/** The rule of a file: that of the longest directory. */
export function ruleAt(
  rules: readonly RetentionRule[],
  path: VirtualPath,
): RetentionRule | undefined {
  return rules
    .filter(({ directory }) => isWithin(directory, parentOf(path)))
    .reduce<RetentionRule | undefined>(
      (best, rule) =>
        best === undefined || rule.directory.length > best.directory.length ? rule : best,
      undefined,
    );
}
