import type { AccessSettings } from '../../db/access-settings.ts';
import { type NameMatcher, nameMatcher } from '../listing/name-pattern.ts';

/**
 * Patterns of the names that an account may give. Case is ignored, because the systems that open such files ignore it,
 * too. A name that is denied is not allowed, even if it matches an allowed pattern.
 */
export class NameRules {
  readonly #allowed: readonly NameMatcher[] | undefined;
  readonly #denied: readonly NameMatcher[];

  constructor({ allowedNames = [], deniedNames = [] }: AccessSettings) {
    this.#allowed = allowedNames.length === 0 ? undefined : allowedNames.map(matcher);
    this.#denied = deniedNames.map(matcher);
  }

  allow(name: string): boolean {
    if (this.#allowed === undefined && this.#denied.length === 0) return true;
    const folded = folding(name);
    // Windows opens `a.exe. ` as `a.exe`.
    const bare = folded.replace(/[. ]+$/, '');
    if (this.#denied.some((matches) => matches(folded) || matches(bare))) return false;
    return this.#allowed === undefined || this.#allowed.some((matches) => matches(folded));
  }
}

function matcher(pattern: string): NameMatcher {
  return nameMatcher(folding(pattern));
}

/** Both forms of a letter with an accent are one name on some systems. */
function folding(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
