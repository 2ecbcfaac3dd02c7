import { parentOf, pathIn, ROOT, type VirtualPath } from '../disk/virtual-path.ts';
import { hasRight, type Right, type Rights, showsNames } from '../rights/rights.ts';
import { type RightsRule, RightsRules } from '../rights/rights-rules.ts';
import { type ByteName, byteName } from '../system/byte-name.ts';
import type { FileFacts } from '../system/file-facts.ts';

/** The rights of a client in the directory that is listed. */
export interface ListedRights {
  /** Path of the directory without symbolic links. */
  readonly place: VirtualPath;
  readonly rules: readonly RightsRule[];
}

type Kind = FileFacts['kind'];

interface Entry {
  readonly kind: Kind;
  /** Rights in the directory that holds it. */
  readonly holder: Rights;
  /** Rights in the directory that it is; for a link to a file, those where the file is. */
  readonly own: Rights;
  /** It is, or contains, a directory with rights of its own: it keeps its name. */
  readonly isFixed: boolean;
}

/** The fact `perm` of the entries of one directory (RFC 3659 §7.5.5), and which of them the client may see. */
export class EntryPermissions {
  readonly #rules: RightsRules;
  readonly #place: VirtualPath;
  readonly #holder: Rights;
  /** Of entries without rights of their own. */
  readonly #usual: Readonly<Record<Kind, string>>;
  /** Paths of the entries that have rights of their own, or contain such. */
  readonly #special = new Map<ByteName, VirtualPath>();

  constructor({ place, rules }: ListedRights) {
    this.#rules = new RightsRules(rules);
    this.#place = place;
    const holder = this.#rules.at(place);
    this.#holder = holder;
    const usual = (kind: Kind) => letters({ kind, holder, own: holder, isFixed: false });
    const [file, directory, other] = [usual('file'), usual('directory'), usual('other')];
    this.#usual = { file, directory, other, symlink: other };
    for (const { prefix } of this.#rules.within(place)) this.#addSpecial(prefix);
  }

  #addSpecial(prefix: VirtualPath): void {
    if (prefix === this.#place) return;
    const start = this.#place === ROOT ? 1 : this.#place.length + 1;
    const [name = ''] = prefix.slice(start).split('/');
    this.#special.set(byteName(name), pathIn(this.#place, name));
  }

  /** Whether the entry does not exist for the client. */
  isHidden(name: ByteName): boolean {
    const path = this.#special.get(name);
    return path !== undefined && !this.#rules.isOpen(path);
  }

  /** Whether the client may not see what a symbolic link leads to. */
  isHiddenTarget(place: VirtualPath): boolean {
    if (this.#rules.isUniform) return false;
    return !this.#rules.isOpen(place) || !hasRight(this.#rules.at(parentOf(place)), 'list');
  }

  /** Rights to what a symbolic link leads to; undefined if they are those of other entries. */
  targetRights(place: VirtualPath): Rights | undefined {
    return this.#rules.isUniform ? undefined : this.#rules.at(place);
  }

  of({ kind, targetRights }: FileFacts, name: ByteName): string {
    const path = this.#special.get(name);
    if (path === undefined && targetRights === undefined) return this.#usual[kind];
    const own = targetRights ?? (path === undefined ? this.#holder : this.#rules.at(path));
    return letters({ kind, holder: this.#holder, own, isFixed: path !== undefined });
  }

  /** The facts of an entry without what they would tell of the names in it. */
  veiled(facts: FileFacts, name: ByteName): FileFacts {
    const path = this.#special.get(name);
    return path === undefined ? facts : veiledFacts(this.#rules, path, facts);
  }

  /** Of the listed directory itself. */
  ofListed(): string {
    return permissionsAt(this.#rules, this.#place, 'directory');
  }
}

/**
 * The time, size and links of a directory change with the names in it. Where the client must not find out about those,
 * they are the same at all times.
 */
export function veiledFacts(rules: RightsRules, path: VirtualPath, facts: FileFacts): FileFacts {
  if (facts.kind !== 'directory' || showsNames(rules.at(path))) return facts;
  return { ...facts, modifiedMs: 0, sizeBytes: 4096, nlink: 2 };
}

/** The fact `perm` of a file or directory. */
export function permissionsAt(rules: RightsRules, path: VirtualPath, kind: Kind): string {
  const holder = path === ROOT ? 0 : rules.atName(path);
  const own = kind === 'directory' ? rules.at(path) : holder;
  return letters({ kind, holder, own, isFixed: path === ROOT || rules.within(path).length > 0 });
}

function letters({ kind, holder, own, isFixed }: Entry): string {
  const both = holder & own;
  const rename = !isFixed && hasRight(holder, 'rename');
  if (kind === 'file') {
    return [
      letter('a', hasRight(both, 'append')),
      letter('d', hasRight(holder, 'delete')),
      letter('f', rename),
      letter('r', hasRight(both, 'read')),
      letter('w', hasRight(both, 'overwrite')),
    ].join('');
  }
  if (kind !== 'directory') return letter('d', hasRight(holder, 'delete')) + letter('f', rename);
  const purges: readonly Right[] = ['delete', 'rmdir'];
  return [
    letter('c', hasRight(own, 'write')),
    letter('d', hasRight(both, 'rmdir')),
    'e',
    letter('f', rename),
    letter('l', hasRight(own, 'list')),
    letter('m', hasRight(own, 'mkdir')),
    letter(
      'p',
      purges.some((right) => hasRight(own, right)),
    ),
  ].join('');
}

function letter(text: string, isSet: boolean): string {
  return isSet ? text : '';
}
