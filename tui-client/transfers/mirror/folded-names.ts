import { readListing } from '../../files/listing.ts';
import type { Place } from '../../files/place.ts';
import { collidingNames, foldedName } from '../folded-name.ts';
import type { Deletion, MirrorPlan } from './mirror-plan.ts';

export interface FoldedNames {
  /** What must not be deleted: it may be what was sent, under another name. */
  readonly kept: ReadonlySet<Deletion>;
  /** What to tell about it. */
  readonly texts: readonly string[];
}

/**
 * Looks whether the target has what a mirror has sent under just the names that were sent. Where it has not, the
 * other names in that directory may be the same files.
 */
export async function findFoldedNames(
  plan: MirrorPlan,
  target: Place,
  signal?: AbortSignal,
): Promise<FoldedNames> {
  const sent = byDirectory([...plan.makes, ...copiesOf(plan).map(({ to }) => to)]);
  const deletions = byDirectory(plan.deletions.map(({ path }) => path));
  const kept = new Set<Deletion>();
  const texts: string[] = [];
  for (const [directory, names] of sent) {
    if (!deletions.has(directory) && collidingNames(names).length === 0) continue;
    const { entries } = await readListing(target, directory || '/', signal);
    const found = new Set(entries.map(({ name }) => name));
    const missing = names.filter((name) => !found.has(name));
    if (missing.length === 0) continue;
    for (const name of missing) texts.push(textFor(directory, name, found));
    for (const one of plan.deletions)
      if (splitPath(one.path).directory === directory) kept.add(one);
  }
  return { kept, texts };
}

function textFor(directory: string, name: string, found: ReadonlySet<string>): string {
  const folded = foldedName(name);
  const other = [...found].find((one) => foldedName(one) === folded);
  const how = other === undefined ? 'under another name' : `as ${other}`;
  return `${directory}/${name}: the target keeps it ${how}. Nothing was deleted in ${directory || '/'}.`;
}

function copiesOf({ copies, replacements }: MirrorPlan): MirrorPlan['copies'] {
  return [...copies, ...replacements];
}

function byDirectory(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const directories = new Map<string, string[]>();
  for (const path of paths) {
    const { directory, name } = splitPath(path);
    const names = directories.get(directory);
    if (names === undefined) directories.set(directory, [name]);
    else names.push(name);
  }
  return directories;
}

function splitPath(path: string): { readonly directory: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  return { directory: path.slice(0, slash), name: path.slice(slash + 1) };
}
