import { type Content, type Octets, prefixOf, sizeOf } from './content.ts';

/** A partial upload: some first octets of a content, so many at least and at most. */
interface PartialState {
  readonly content: Content;
  readonly minBytes: number;
  readonly maxBytes: number;
}

export type Entry =
  | { readonly kind: 'directory' }
  | {
      readonly kind: 'file';
      readonly file: Content | undefined;
      readonly partial: PartialState | undefined;
    };

/** What one client's directory may look like, by path. Never changed: each step makes another. */
export type Tree = ReadonlyMap<string, Entry>;

/** What is on the disk, by path. */
export interface Observed {
  readonly directories: ReadonlySet<string>;
  readonly files: ReadonlyMap<string, Buffer>;
  readonly partials: ReadonlyMap<string, Buffer>;
}

const NOTHING = { kind: 'file', file: undefined, partial: undefined } as const;

export function fileAt(tree: Tree, path: string): Extract<Entry, { kind: 'file' }> {
  const entry = tree.get(path);
  return entry?.kind === 'file' ? entry : NOTHING;
}

export function isDirectory(tree: Tree, path: string): boolean {
  return tree.get(path)?.kind === 'directory';
}

/** What a client sees under a name: a partial stands in the place of the file. */
export function visibleAt(tree: Tree, path: string): Content | undefined {
  const { file, partial } = fileAt(tree, path);
  return partial === undefined ? file : prefixOf(partial.content, partial.minBytes);
}

export function withEntry(tree: Tree, path: string, entry: Entry | undefined): Tree {
  const changed = new Map(tree);
  const isEmpty =
    entry === undefined ||
    (entry.kind === 'file' && entry.file === undefined && entry.partial === undefined);
  if (isEmpty) changed.delete(path);
  else changed.set(path, entry);
  return changed;
}

export function withPartial(tree: Tree, path: string, partial: PartialState | undefined): Tree {
  return withEntry(tree, path, { ...fileAt(tree, path), partial });
}

/** DELE takes all that is seen under a name. */
export function deleted(tree: Tree, path: string): Tree {
  return withEntry(tree, path, undefined);
}

/** RNFR and RNTO, of a file, a partial or a whole directory. */
export function renamed(tree: Tree, from: string, to: string): Tree {
  if (isDirectory(tree, from)) return directoryRenamed(tree, from, to);
  const { file, partial } = fileAt(tree, from);
  // A partial alone leaves the file that has its new name where it is.
  const kept = file ?? (partial === undefined ? undefined : fileAt(tree, to).file);
  const moved = withEntry(tree, to, { kind: 'file', file: kept, partial });
  return withEntry(moved, from, undefined);
}

function directoryRenamed(tree: Tree, from: string, to: string): Tree {
  const moved = new Map<string, Entry>();
  for (const [path, entry] of tree) {
    const isBelow = path === from || path.startsWith(`${from}/`);
    moved.set(isBelow ? `${to}${path.slice(from.length)}` : path, entry);
  }
  return moved;
}

/** Why a tree is not what was found; undefined if it is. */
export function difference(tree: Tree, seen: Observed, octets: Octets): string | undefined {
  for (const [path, entry] of tree) {
    const why =
      entry.kind === 'directory'
        ? seen.directories.has(path) || `${path}: the directory is gone`
        : entryDifference(path, entry, seen, octets);
    if (typeof why === 'string') return why;
  }
  for (const path of seen.directories) {
    if (!isDirectory(tree, path)) return `${path}: a directory that should not be there`;
  }
  for (const path of [...seen.files.keys(), ...seen.partials.keys()]) {
    if (tree.get(path)?.kind !== 'file') return `${path}: should not be there`;
  }
  return undefined;
}

function entryDifference(
  path: string,
  { file, partial }: Extract<Entry, { kind: 'file' }>,
  seen: Observed,
  octets: Octets,
): string | true {
  const found = seen.files.get(path);
  if (file === undefined && found !== undefined) return `${path}: a file that should not be there`;
  if (file !== undefined && found === undefined) return `${path}: the file is gone`;
  if (file !== undefined && found !== undefined && !octets.are(found, file)) {
    return `${path}: ${found.length} bytes that are not those of the file, which has ${sizeOf(file)}`;
  }
  const left = seen.partials.get(path);
  if (partial === undefined) return left === undefined || `${path}: an unexpected partial`;
  if (left === undefined) return `${path}: the partial is gone`;
  const { minBytes, maxBytes, content } = partial;
  if (left.length < minBytes || left.length > maxBytes || !octets.areStartOf(left, content)) {
    return `${path}: a partial of ${left.length} bytes that are not those sent (${minBytes} to ${maxBytes})`;
  }
  return true;
}

/** The tree with its partials as long as they were found. */
export function exact(tree: Tree, seen: Pick<Observed, 'partials'>): Tree {
  const settled = new Map(tree);
  for (const [path, entry] of tree) {
    if (entry.kind !== 'file' || entry.partial === undefined) continue;
    const bytes = seen.partials.get(path)?.length ?? 0;
    settled.set(path, { ...entry, partial: exactPartial(entry.partial.content, bytes) });
  }
  return settled;
}

export function exactPartial(content: Content, bytes: number): PartialState {
  return { content: prefixOf(content, bytes), minBytes: bytes, maxBytes: bytes };
}
