import type { VirtualPath } from '../disk/virtual-path.ts';
import type { Right } from '../rights/rights.ts';
import type { PartialUpload } from './partial-upload.ts';

/** What an upload may do under its name. */
export interface UploadPolicy {
  /** What happens if a file has the name when the upload is put in place; `rename` keeps both. */
  readonly ifTaken: 'replace' | 'refuse' | 'rename';
  /**
   * The client must not find out whether the name is taken. Everything up to the final reply is as if it were not, and
   * nothing but partials of its own can be resumed.
   */
  readonly isBlind: boolean;
  /** Whether it may be added to a file that has the name. */
  readonly appends: boolean;
  /** @throws NotPermittedError */
  requireRight(right: Right): void;
}

/** The rights of a client as uploads ask for them. */
export interface UploadAccess {
  /** Size of the largest file that may be uploaded. */
  readonly maxUploadBytes: number;
  /** @throws FileTooLargeError */
  requireUploadSize(bytes: number): void;
  /** Tells clients apart that use one account or shared folder; undefined where all partials are those of one user. */
  readonly uploader: string | undefined;
  /**
   * @param path as the client has given it.
   * @param place the same without symbolic links in its directories.
   * @throws NotPermittedError if the client may upload nothing there.
   */
  uploadPolicy(path: VirtualPath, place: VirtualPath): UploadPolicy;
  isBlindAt(path: VirtualPath): boolean;
  /** Whether the client may see and resume a partial of its account. */
  owns(partial: PartialUpload): boolean;
  requireNameAllowed(path: VirtualPath): void;
  /** Whether the client may know how much space the account uses. */
  readonly seesUsage: boolean;
  /** A failure as the client may know it. */
  veiled(error: unknown, path: VirtualPath): unknown;
}

/** The rights of a session, which an administrator may change while it runs. */
export interface LiveAccess<Access extends UploadAccess = UploadAccess> {
  readonly current: Access;
}
