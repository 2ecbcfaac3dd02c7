import type { KeptFiles } from './kept-files.ts';
import type { UserFileSystem } from './user-file-system.ts';

/** The files of a session: those of one account, or with shared folders among them. */
export interface SessionFiles extends Pick<UserFileSystem, Exclude<keyof UserFileSystem, 'kept'>> {
  /** What is reached by ids, in the tree of the working directory. */
  readonly kept: Pick<KeptFiles, keyof KeptFiles>;
}
