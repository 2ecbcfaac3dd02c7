import {
  isWithin,
  parentOf,
  ROOT,
  resolvePathname,
  type VirtualPath,
} from '../disk/virtual-path.ts';
import { WrongFormError } from '../errors/wrong-form.ts';
import { FULL_RIGHTS, hasRight, parseRights, type Right, type Rights } from './rights.ts';

/** The rights in a directory and below it. */
export interface RightsRule {
  readonly prefix: VirtualPath;
  readonly rights: Rights;
}

/** The rights of an account, by directory. The longest prefix decides; where there is none, the rights are full. */
export class RightsRules {
  /** Longest prefix first; the last is that of the root. */
  readonly rules: readonly RightsRule[];

  constructor(rules: readonly RightsRule[]) {
    const withRoot = rules.some(({ prefix }) => prefix === ROOT)
      ? rules
      : [...rules, { prefix: ROOT, rights: FULL_RIGHTS }];
    this.rules = withRoot.toSorted((one, other) => other.prefix.length - one.prefix.length);
  }

  /** All directories have the same rights. */
  get isUniform(): boolean {
    return this.rules.length === 1;
  }

  /** The rights in a directory, or to a file in the directory that holds it. */
  at(path: VirtualPath): Rights {
    if (this.rules.length === 1) return this.rules[0]?.rights ?? 0;
    return this.rules.find(({ prefix }) => isWithin(prefix, path))?.rights ?? 0;
  }

  /** The rights to a name: those in the directory that holds it, also if the name has rights of its own. */
  atName(path: VirtualPath): Rights {
    return this.at(parentOf(path));
  }

  /** The rules of a directory and of all below it. */
  within(directory: VirtualPath): readonly RightsRule[] {
    return this.rules.filter(({ prefix }) => isWithin(directory, prefix));
  }

  isEverywhere(right: Right): boolean {
    return this.rules.every(({ rights }) => hasRight(rights, right));
  }

  isAnywhere(right: Right): boolean {
    return this.rules.some(({ rights }) => hasRight(rights, right));
  }

  /** Whether a client may enter a directory: it may do something in it, or in one below it. The root is always open. */
  isOpen(directory: VirtualPath): boolean {
    if (directory === ROOT || this.at(directory) !== 0) return true;
    return this.within(directory).some(({ rights }) => rights !== 0);
  }

  /** Whether a path is, or lies in, a directory that does not exist for the client. Names in the root are no secret. */
  isHidden(path: VirtualPath): boolean {
    const rule = this.rules.find(({ prefix }) => isWithin(prefix, path));
    return rule?.prefix !== ROOT && !this.isOpen(path);
  }
}

/** @param texts sets of rights as `parseRights` reads them, by directory. */
export function readRules(texts: Readonly<Record<string, string>> = {}): RightsRules {
  const rules = Object.entries(texts).map(([directory, text]) => ({
    prefix: parsePrefix(directory),
    rights: parseRights(text),
  }));
  return new RightsRules(rules);
}

/** The directory of a rule. @throws WrongFormError if it is not absolute, or contains `.` or `..`. */
export function parsePrefix(directory: string): VirtualPath {
  const hasDots = directory.split('/').some((name) => name === '.' || name === '..');
  if (directory.startsWith('/') && !hasDots && !/[\r\n\0]/.test(directory)) {
    return resolvePathname(ROOT, directory);
  }
  throw new WrongFormError(
    `Directory ${JSON.stringify(directory)}: expected a path from the root of the account, such as /incoming${hasDots ? ', without . and ..' : ''}.`,
  );
}
