/**
 * Failures that the client can see. Each message is a sentence for the client: it contains no disk path, stack or
 * secret. `control/reply-for-error.ts` maps them to reply codes.
 */
export abstract class ClientError extends Error {
  readonly #sentence: string | PathSentence;

  constructor(sentence: string | PathSentence, options?: ErrorOptions) {
    super(String(sentence), options);
    this.#sentence = sentence;
  }

  /** Writes the paths in the message as the client knows them. */
  showPaths(shown: (path: string) => string): void {
    if (this.#sentence instanceof PathSentence) this.message = this.#sentence.text(shown);
  }
}

/** A sentence with paths in it; see {@link naming}. */
class PathSentence {
  readonly #texts: readonly string[];
  readonly #values: readonly (string | number)[];

  constructor(texts: readonly string[], values: readonly (string | number)[]) {
    this.#texts = texts;
    this.#values = values;
  }

  text(shown: (path: string) => string): string {
    const written = this.#values.map((value) =>
      typeof value === 'string' ? shown(value) : String(value),
    );
    return this.#texts.map((text, index) => `${text}${written[index] ?? ''}`).join('');
  }

  toString(): string {
    return this.text((path) => path);
  }
}

/**
 * The tag of a template for a failure that names paths: all its strings are paths. In a shared folder they are those of
 * the account that is charged for it, until {@link ClientError.showPaths} writes them as the client knows them.
 */
export function naming(texts: readonly string[], ...values: (string | number)[]): PathSentence {
  return new PathSentence(texts, values);
}

/** A file or directory that is missing, of the wrong kind, or not the client's to use. */
export class FileUnavailableError extends ClientError {}

/** A name that no file can have here. */
export class FileNameNotAllowedError extends ClientError {}

/** A file that is in use in a way that excludes this use. */
export class FileBusyError extends ClientError {}

/** A restart marker that lies outside the file (RFC 3659 §5). */
export class RestartMarkerError extends ClientError {}

/** Octets that are not in blocks, or in bad ones, in MODE B (RFC 959 §3.4.2). */
export class BlockFormatError extends ClientError {}

/** An upload that the account has no room for. */
export class QuotaExceededError extends ClientError {}

/** The refusal of an upload whose size is known before it begins. */
export function noSpaceFor(bytes: number): QuotaExceededError {
  return new QuotaExceededError(`Quota exceeded: no space for ${bytes} more bytes.`);
}

/** An upload of a file that is larger than the account may upload. */
export class FileTooLargeError extends ClientError {}

/** A file or directory that would be one more than the account may have. */
export class TooManyFilesError extends ClientError {}

/** The disk itself has no room. */
export class DiskFullError extends ClientError {}

/** The disk failed; the cause is in the log. */
export class DiskFailureError extends ClientError {}

/** An argument that does not fit the verb's syntax. */
export class ArgumentError extends ClientError {}

/** A parameter that is well-formed but not supported. */
export class ParameterNotSupportedError extends ClientError {}

/** A verb that needs another before it. */
export class SequenceError extends ClientError {}

/** A verb that needs a login. */
export class NotLoggedInError extends ClientError {}

/** A login that was refused. */
export class LoginRefusedError extends ClientError {}

/** A login whose password the system that keeps it could not check: neither right nor wrong. */
export class PasswordCheckFailedError extends ClientError {}

/** The login of an account that has expired, with the right password. */
export class AccountExpiredError extends ClientError {}

/** A command of an account that must first change its password. */
export class PasswordChangeNeededError extends ClientError {}

/** The data connection could not be opened. */
export class DataConnectionError extends ClientError {}

/** The data connection was lost, or the transfer was aborted, before all bytes had moved. */
export class TransferAbortedError extends ClientError {}

/** A data connection in clear where only encrypted ones may be. */
export class DataProtectionRequiredError extends ClientError {}

/** A data connection that could not be encrypted, or not by whom it has to be. */
export class TlsFailedError extends ClientError {}

/** An upload of which less has come than was declared. */
export class UploadIncompleteError extends ClientError {}

/** An upload that came in order and is not what the client said it would be. */
export class UploadMismatchError extends ClientError {}

/** Something the account is not allowed to do. */
export class NotPermittedError extends ClientError {}

/** A sign-up that is not possible on this server or with this invite. */
export class SignUpRefusedError extends ClientError {}

/** A username that breaks the rules for usernames. */
export class UsernameNotAllowedError extends ClientError {}

/** A username that an account has already. */
export class UsernameTakenError extends ClientError {}

/** A password that breaks the rules for passwords. */
export class PasswordNotAllowedError extends ClientError {}
