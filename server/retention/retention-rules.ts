import type { RetentionByDirectory, RetentionSettings } from '../../db/retention-repository.ts';
import { isWithin, ROOT, type VirtualPath } from '../disk/virtual-path.ts';

/** A rule for the files in a directory and below it, except where a directory below has a rule of its own. */
export interface RetentionRule extends RetentionSettings {
  readonly directory: VirtualPath;
  /** Directories with rules of their own, below `directory` and without it. */
  readonly excluded: readonly string[];
}

/** The rules of an account, those that keep everything included. */
export function rulesOf(byDirectory: RetentionByDirectory): readonly RetentionRule[] {
  const directories = Object.keys(byDirectory) as VirtualPath[];
  return Object.entries(byDirectory).map(([path, settings]) => {
    const directory = path as VirtualPath;
    const below = directories.filter((one) => one !== directory && isWithin(directory, one));
    const excluded = below.map((one) => one.slice(directory === ROOT ? 1 : directory.length + 1));
    return { ...settings, directory, excluded };
  });
}
