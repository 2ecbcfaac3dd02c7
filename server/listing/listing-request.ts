import type { ListedRights } from './entry-permissions.ts';
import type { ListedFolder } from './listed-folders.ts';
import type { MachineFact } from './machine-facts.ts';
import type { PartialEntries } from './partial-entries.ts';

/** Input of a listing. */
export interface ListingRequest {
  /** Descriptor of the directory; it stays open until the iteration has ended. */
  readonly descriptor: number;
  /** Real path of the client's root: symbolic links that lead out of it are left out. */
  readonly rootPath: string;
  readonly format: 'LIST' | 'NLST' | 'MLSD';
  /** LIST and NLST leave out names that start with a dot unless this is set; MLSD never does. */
  readonly showHidden: boolean;
  /** Only names that match: `*`, `?`, `[a-z]`, `[!a-z]`. */
  readonly glob?: string | undefined;
  /** Entries to show in addition, each in place of one on disk with the same name. */
  readonly partials?: PartialEntries | undefined;
  /** Shared folders that the client sees in the directory; undefined if there are none. */
  readonly folders?: readonly ListedFolder[] | undefined;
  /** Text before each name of NLST and LIST: the path of a named directory, with its slash. */
  readonly namePrefix?: string;
  /** For the fact `perm`, and for entries that the client must not see. */
  readonly rights: ListedRights;
  readonly nowMs: number;
  /** The facts of MLSD that the client wants; all if left out. */
  readonly facts?: readonly MachineFact[] | undefined;
}
