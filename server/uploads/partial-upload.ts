import type { NameContent } from '../disk/name-content.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';

/** An upload that was cut; its owner can resume it. */
export interface PartialUpload {
  /** Also the name of its staging file. */
  readonly id: string;
  /** Free of symbolic links in its directories, so that all ways to a name lead to the same partial. */
  readonly path: VirtualPath;
  /** Path of its octets. */
  readonly diskPath: string;
  readonly createdAtMs: number;
  /** When it was last worked on. */
  readonly cutAtMs: number;
  /**
   * Content of the name when the upload started. While the name has this content, the owner sees the partial there.
   * Undefined after the partial has lost its name: then only its id leads to it.
   */
  readonly held: NameContent | undefined;
  /** Uploads of the account are numbered in the order in which they begin; a resume begins again. */
  readonly beginNumber: number;
  /** See `UploadAccess`; not kept beyond the process. */
  readonly uploader?: string | undefined;
  /** The quota has cut it: it is dropped before the account is refused room. */
  readonly makesWay: boolean;
}
