import type { CreationRules } from '../disk/creation-rules.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import type { Access } from './access.ts';

/** What the session of an account may do, and how it creates files. */
export interface SessionRules {
  readonly now: () => number;
  readonly access?: Access;
  readonly rules?: CreationRules;
  /** Writes a path of this tree as the client knows it, where that differs. */
  readonly shown?: (path: VirtualPath) => VirtualPath;
  /** Called before each access. @throws FileUnavailableError if the home has been replaced by another directory. */
  readonly requireHome?: (() => void) | undefined;
}
