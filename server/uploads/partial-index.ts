import { type NameContent, NOTHING } from '../disk/name-content.ts';
import { nameOf, parentOf, pathIn, ROOT, type VirtualPath } from '../disk/virtual-path.ts';
import type { PartialUpload } from './partial-upload.ts';

/** A directory in which partials lie, or below which there is one that they lie in. */
interface DirectoryNode {
  readonly parent: DirectoryNode | undefined;
  readonly name: string;
  readonly children: Map<string, DirectoryNode>;
  /** Those with a claim on a name in this directory, by that name. */
  readonly claims: Map<string, PartialUpload>;
  /** Those that began under a name in this directory and have lost it. */
  readonly nameless: Map<string, PartialUpload>;
  /** Derived from `claims`; undefined once they have changed. */
  encoded: Promise<SharedArrayBuffer> | undefined;
}

/**
 * The partial uploads of one account, found by id, by name, by directory and by the order in which they are dropped. A
 * look-up costs no more than its result. Iterators stay valid while partials are added and removed; such partials may
 * be returned or not.
 */
export class PartialIndex {
  readonly #byId = new Map<string, PartialUpload>();
  readonly #root = directoryNode(undefined, '');
  /** Claims on names that held a file, by that file. */
  readonly #byHeldFile = new Map<NameContent, Map<string, PartialUpload>>();
  readonly #nameless = new Map<string, PartialUpload>();
  readonly #makingWay = new Map<string, PartialUpload>();

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): PartialUpload | undefined {
    return this.#byId.get(id);
  }

  /** All of them. */
  values(): IterableIterator<PartialUpload> {
    return this.#byId.values();
  }

  /** Those without a name. */
  nameless(): IterableIterator<PartialUpload> {
    return this.#nameless.values();
  }

  /** Those with a name that the quota has cut. */
  makingWay(): IterableIterator<PartialUpload> {
    return this.#makingWay.values();
  }

  /** The claim on a name. */
  claimOn(path: VirtualPath): PartialUpload | undefined {
    return this.#find(parentOf(path))?.claims.get(nameOf(path));
  }

  /** Claims on names that held a certain file. */
  holding(file: NameContent): PartialUpload[] {
    return [...(this.#byHeldFile.get(file)?.values() ?? [])];
  }

  /** Claims on names below a directory. */
  *claimsBelow(directory: VirtualPath): Generator<PartialUpload, void> {
    for (const { node } of nodesBelow(this.#find(directory), directory)) {
      yield* node.claims.values();
    }
  }

  /** All that began under a name below a directory. */
  *below(directory: VirtualPath): Generator<PartialUpload, void> {
    for (const { node } of nodesBelow(this.#find(directory), directory)) {
      yield* node.claims.values();
      yield* node.nameless.values();
    }
  }

  /** The directories in which a name is claimed that held nothing. */
  *directoriesOfNewNames(): Generator<VirtualPath, void> {
    for (const { node, path } of nodesBelow(this.#root, ROOT)) {
      for (const { held } of node.claims.values()) {
        if (held !== NOTHING) continue;
        yield path;
        break;
      }
    }
  }

  /**
   * The claims in a directory in the form that `encode` makes of them, kept until one of them changes. Sessions and
   * threads share it.
   */
  encodedClaimsIn(
    directory: VirtualPath,
    encode: (claims: Iterable<PartialUpload>) => Promise<SharedArrayBuffer>,
  ): Promise<SharedArrayBuffer> | undefined {
    const node = this.#find(directory);
    if (node === undefined || node.claims.size === 0) return undefined;
    node.encoded ??= encode(node.claims.values());
    return node.encoded;
  }

  /** Adds one, or replaces the one with its id. It takes the name from no other: see {@link claimOn}. */
  set(partial: PartialUpload): void {
    const { id, path, held, makesWay } = partial;
    this.delete(id);
    this.#byId.set(id, partial);
    const node = this.#make(parentOf(path));
    if (held === undefined) {
      node.nameless.set(id, partial);
      this.#nameless.set(id, partial);
      return;
    }
    node.claims.set(nameOf(path), partial);
    node.encoded = undefined;
    if (makesWay) this.#makingWay.set(id, partial);
    if (held === NOTHING) return;
    const ofFile = this.#byHeldFile.get(held) ?? new Map<string, PartialUpload>();
    this.#byHeldFile.set(held, ofFile.set(id, partial));
  }

  delete(id: string): void {
    const partial = this.#byId.get(id);
    if (partial === undefined) return;
    const { path, held } = partial;
    this.#byId.delete(id);
    this.#nameless.delete(id);
    this.#makingWay.delete(id);
    const node = this.#find(parentOf(path));
    if (node === undefined) return;
    node.nameless.delete(id);
    const name = nameOf(path);
    if (node.claims.get(name)?.id === id) {
      node.claims.delete(name);
      node.encoded = undefined;
    }
    if (held !== undefined) this.#forgetHeldFile(held, id);
    prune(node);
  }

  #forgetHeldFile(file: NameContent, id: string): void {
    const ofFile = this.#byHeldFile.get(file);
    ofFile?.delete(id);
    if (ofFile?.size === 0) this.#byHeldFile.delete(file);
  }

  #find(directory: VirtualPath): DirectoryNode | undefined {
    let node: DirectoryNode | undefined = this.#root;
    for (const name of componentsOf(directory)) node = node?.children.get(name);
    return node;
  }

  #make(directory: VirtualPath): DirectoryNode {
    let node = this.#root;
    for (const name of componentsOf(directory)) {
      const child = node.children.get(name) ?? directoryNode(node, name);
      node.children.set(name, child);
      node = child;
    }
    return node;
  }
}

function directoryNode(parent: DirectoryNode | undefined, name: string): DirectoryNode {
  return {
    parent,
    name,
    children: new Map(),
    claims: new Map(),
    nameless: new Map(),
    encoded: undefined,
  };
}

function componentsOf(directory: VirtualPath): readonly string[] {
  return directory === ROOT ? [] : directory.slice(1).split('/');
}

/** Removes directories without any entry in or below them. */
function prune(start: DirectoryNode): void {
  let node = start;
  while (node.parent !== undefined) {
    if (node.claims.size + node.nameless.size + node.children.size > 0) return;
    node.parent.children.delete(node.name);
    node = node.parent;
  }
}

/** A directory and all below it. Nesting is not limited by the stack. */
function* nodesBelow(
  top: DirectoryNode | undefined,
  topPath: VirtualPath,
): Generator<{ readonly node: DirectoryNode; readonly path: VirtualPath }, void> {
  const waiting = top === undefined ? [] : [{ node: top, path: topPath }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next;
    for (const [name, node] of next.node.children) {
      waiting.push({ node, path: pathIn(next.path, name) });
    }
  }
}
