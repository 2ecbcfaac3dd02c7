import type { FolderMount } from '../../db/folder-mount.ts';
import { isWithin, ROOT, type VirtualPath } from '../disk/virtual-path.ts';
import { ClientError } from '../errors/errors.ts';
import { FULL_RIGHTS, parseRights } from '../rights/rights.ts';
import { type RightsRule, RightsRules } from '../rights/rights-rules.ts';
import type { Access } from './access.ts';

/** Where a session sees a shared folder: `at` in its own tree is `base` in the tree of the account that is charged. */
export class Mountpoint {
  readonly at: VirtualPath;
  readonly base: VirtualPath;
  readonly isReadOnly: boolean;
  readonly #member: string | undefined;

  /** @param member the account of the session. */
  constructor({ at, directory, isReadOnly }: FolderMount, member?: string) {
    this.at = at as VirtualPath;
    this.base = directory as VirtualPath;
    this.isReadOnly = isReadOnly;
    this.#member = member;
  }

  /** Whether a path of the session is the folder, or lies in it. */
  holds(path: VirtualPath): boolean {
    return isWithin(this.at, path);
  }

  /** The path in the tree of the account that is charged, for a path of the session in the folder. */
  inner(path: VirtualPath): VirtualPath {
    return moved(path, this.at, this.base);
  }

  /** A path in the tree of the account that is charged, as the session knows it. */
  shown(path: VirtualPath): VirtualPath {
    return isWithin(this.base, path) ? moved(path, this.base, this.at) : this.at;
  }

  /** A failure with paths as the session knows them. */
  shownFailure(error: unknown): unknown {
    if (error instanceof ClientError) error.showPaths((path) => this.shown(path as VirtualPath));
    return error;
  }

  /** What a session may do in the folder: what it may do at that place of its own tree, as far as the folder allows. */
  access(session: Access): Access {
    const allowed = this.isReadOnly ? parseRights('read-only') : FULL_RIGHTS;
    const rule = ({ prefix, rights }: RightsRule): RightsRule => ({
      prefix: this.inner(prefix),
      rights: rights & allowed,
    });
    const { rules } = session;
    const own = rule({ prefix: this.at, rights: rules.at(this.at) });
    const below = rules.within(this.at).filter(({ prefix }) => prefix !== this.at);
    const outside = this.base === ROOT ? [] : [{ prefix: ROOT, rights: 0 }];
    return session.with({
      rules: new RightsRules([own, ...below.map(rule), ...outside]),
      seesPartials: session.seesPartials && !this.isReadOnly,
      member: this.#member,
    });
  }
}

function moved(path: VirtualPath, from: VirtualPath, to: VirtualPath): VirtualPath {
  const below = from === ROOT ? (path === ROOT ? '' : path) : path.slice(from.length);
  return (to === ROOT ? below || ROOT : `${to}${below}`) as VirtualPath;
}
