import type { AccessSettings } from '../../db/access-settings.ts';
import { nameOf, parentOf, ROOT, type VirtualPath } from '../disk/virtual-path.ts';
import {
  FileNameNotAllowedError,
  FileTooLargeError,
  FileUnavailableError,
  NotPermittedError,
  naming,
  QuotaExceededError,
  TooManyFilesError,
} from '../errors/errors.ts';
import { UNLIMITED } from '../quota/unlimited.ts';
import { hasRight, type Right, type Rights, showsNames } from '../rights/rights.ts';
import { type RightsRules, readRules } from '../rights/rights-rules.ts';
import type { PartialUpload } from '../uploads/partial-upload.ts';
import type { UploadAccess, UploadPolicy } from '../uploads/upload-policy.ts';
import { type Act, NEEDS, REFUSALS } from './acts.ts';
import { NameRules } from './name-rules.ts';

const UPLOAD_RIGHTS = ['write', 'overwrite', 'append'] as const;

interface AccessOptions {
  readonly settings?: AccessSettings | undefined;
  /** Replace those of `settings`. */
  readonly rules?: RightsRules;
  /** False where partial uploads are of accounts that may do more. */
  readonly seesPartials?: boolean;
  /** The account of the session in the tree of a shared folder, where other accounts upload, too. */
  readonly member?: string | undefined;
  /** Size of the largest upload, unless `settings` has its own; unlimited by default. */
  readonly maxUploadBytes?: number;
  /** Where an anonymous client comes from; undefined for an account with a password. */
  readonly origin?: string | undefined;
}

/** A rename, by the paths without symbolic links or by those that the client has given. */
interface Rename {
  readonly from: VirtualPath;
  readonly to: VirtualPath;
  readonly isDirectory: boolean;
  /** Whether a file that has the new name is replaced. */
  readonly replaces: boolean;
}

/** What a client may do: the only place that decides it. It asks for no disk, so that a refusal tells nothing. */
export class Access implements UploadAccess {
  readonly rules: RightsRules;
  readonly names: NameRules;
  readonly maxUploadBytes: number;
  readonly origin: string | undefined;
  /** Whether it may see partial uploads at all. */
  readonly seesPartials: boolean;
  readonly #member: string | undefined;
  readonly #settings: AccessSettings;

  constructor({
    settings = {},
    rules = readRules(settings.rights),
    seesPartials = true,
    member,
    maxUploadBytes = UNLIMITED,
    origin,
  }: AccessOptions = {}) {
    this.#settings = settings;
    this.rules = rules;
    this.seesPartials = seesPartials;
    this.#member = member;
    this.names = new NameRules(settings);
    this.maxUploadBytes = settings.maxUploadBytes ?? maxUploadBytes;
    this.origin = origin;
  }

  /** The same limits with other rights. */
  with(options: Required<Pick<AccessOptions, 'rules' | 'seesPartials' | 'member'>>): Access {
    const { maxUploadBytes, origin } = this;
    return new Access({ settings: this.#settings, maxUploadBytes, origin, ...options });
  }

  /** @throws NotPermittedError, or FileUnavailableError for a directory that does not exist for the client. */
  require(act: Act, path: VirtualPath): void {
    if (act === 'enter') {
      if (!this.rules.isOpen(path)) throw missing(path);
      return;
    }
    if (this.rules.isHidden(path)) throw missing(path);
    if (!this.may(act, path)) throw refusal(NEEDS[act].right);
  }

  may(act: Exclude<Act, 'enter'>, path: VirtualPath): boolean {
    const { right, of } = NEEDS[act];
    const isHeld = of === 'itself' || hasRight(this.#holderRights(path), right);
    return isHeld && (of === 'holder' || hasRight(this.rules.at(path), right));
  }

  /**
   * A check of the same for the path without symbolic links, once it is known. What a link leads to and the client may
   * not use does not exist for it.
   *
   * @returns undefined if the rights are the same everywhere.
   */
  placeCheck(act: Act, path: VirtualPath): ((place: VirtualPath) => void) | undefined {
    if (this.rules.isUniform) return undefined;
    return (place) => {
      if (place === path) return;
      const isAllowed = this.rules.isOpen(place) && (act === 'enter' || this.may(act, place));
      if (!isAllowed) throw missing(path);
    };
  }

  uploadPolicy(path: VirtualPath, place: VirtualPath = path): UploadPolicy {
    const rights = this.#holderRights(path) & this.#holderRights(place);
    const isBlind = !showsNames(rights);
    const isAnyAllowed = UPLOAD_RIGHTS.some((right) => hasRight(rights, right));
    if (!isAnyAllowed || (isBlind && !hasRight(rights, 'write'))) throw refusal('write');
    return {
      isBlind,
      ifTaken: ifTaken(rights, isBlind),
      appends: hasRight(rights, 'append'),
      requireRight: (right) => requireRight(rights, right),
    };
  }

  /** Whether the client must not find out which names the directory of `path` holds. */
  isBlindAt(path: VirtualPath): boolean {
    return !showsNames(this.#holderRights(path));
  }

  get uploader(): string | undefined {
    return this.origin ?? this.#member;
  }

  /**
   * An anonymous client has what it has uploaded from the same address; an account has all that is its own. Members of
   * a shared folder share their partials, except where they must not find out what others upload.
   */
  owns(partial: PartialUpload): boolean {
    if (!this.seesPartials) return false;
    const isShared = this.origin === undefined && !this.isBlindAt(partial.path);
    return isShared || this.uploader === undefined || this.uploader === partial.uploader;
  }

  /** Whether the client may know of what was deleted under a path. Anonymous clients are strangers to each other. */
  seesDeleted(path: VirtualPath): boolean {
    if (this.origin !== undefined || this.rules.isHidden(path)) return false;
    return this.may('show', path) && this.may('read', path);
  }

  /** @throws NotPermittedError */
  requireRename({ from, to, isDirectory, replaces }: Rename): void {
    for (const path of [from, to]) {
      this.require('rename', path);
      if (this.rules.within(path).length === 0 || path === ROOT) continue;
      throw new NotPermittedError(naming`${path}: contains a directory with rights of its own.`);
    }
    const [before, after] = [this.#holderRights(from), this.#holderRights(to)];
    const needsOverwrite = replaces || !showsNames(after);
    if (needsOverwrite && !hasRight(after, 'overwrite')) throw refusal('overwrite');
    if (before === after) return;
    requireRight(before, isDirectory ? 'rmdir' : 'delete');
    requireRight(after, isDirectory ? 'mkdir' : 'write');
    if (hasRight(after, 'read')) requireRight(before, 'read');
    if (hasRight(after, 'list')) requireRight(before, 'list');
  }

  /** @throws FileNameNotAllowedError for a name that the account may not give to a file or directory. */
  requireNameAllowed(path: VirtualPath): void {
    if (this.names.allow(nameOf(path))) return;
    throw new FileNameNotAllowedError(`${nameOf(path)}: names like this are not allowed.`);
  }

  /** @throws FileTooLargeError */
  requireUploadSize(bytes: number): void {
    if (bytes <= this.maxUploadBytes) return;
    throw new FileTooLargeError(`Files of more than ${this.maxUploadBytes} bytes are not allowed.`);
  }

  get mayUpload(): boolean {
    return UPLOAD_RIGHTS.some((right) => this.rules.isAnywhere(right));
  }

  /** Whether the client may know how much space the account uses: where it cannot list, that shows what others do. */
  get seesUsage(): boolean {
    return this.rules.isEverywhere('list');
  }

  /** A failure as the client may know it: without what the directory of `path` holds, and how much the account uses. */
  veiled(error: unknown, path: VirtualPath): unknown {
    if (error instanceof FileUnavailableError && this.isBlindAt(path)) return missing(path);
    if (this.seesUsage) return error;
    if (error instanceof QuotaExceededError) return new QuotaExceededError('Quota exceeded.');
    return error instanceof TooManyFilesError ? new TooManyFilesError('Quota exceeded.') : error;
  }

  #holderRights(path: VirtualPath): Rights {
    return this.rules.at(parentOf(path));
  }
}

function ifTaken(rights: Rights, isBlind: boolean): UploadPolicy['ifTaken'] {
  if (hasRight(rights, 'overwrite')) return 'replace';
  return isBlind ? 'rename' : 'refuse';
}

function requireRight(rights: Rights, right: Right): void {
  if (!hasRight(rights, right)) throw refusal(right);
}

function refusal(right: Right): NotPermittedError {
  return new NotPermittedError(REFUSALS[right]);
}

function missing(path: VirtualPath): FileUnavailableError {
  return new FileUnavailableError(naming`${path}: no such file or directory.`);
}

/** Full rights and no limits. */
export const FULL_ACCESS = new Access();
