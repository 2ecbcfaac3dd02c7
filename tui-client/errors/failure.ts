/** What went wrong, as far as it decides what happens next. */
export type FailureKind =
  /** No connection, a lost one, a time-out. */
  | 'network'
  /** User name, password or sign-up refused. */
  | 'login'
  /** A certificate that is not trusted, or TLS demanded and not offered. */
  | 'trust'
  /** No permission. */
  | 'denied'
  /** No such file or directory. */
  | 'missing'
  /** Quota or disk full. */
  | 'space'
  /** The digests of source and copy differ. */
  | 'checksum'
  /** The target exists and may not be touched. */
  | 'exists'
  /** The local disk. */
  | 'local'
  /** A listing that does not show everything. */
  | 'incomplete'
  /** The server does not know the command, or answers what makes no sense. */
  | 'protocol';

interface FailureOptions extends ErrorOptions {
  /** The reply code, if the server said it. */
  readonly code?: number;
  /** Whether the same may succeed a little later. */
  readonly isTransient?: boolean;
  /** Whether the proxy has failed, not the server. */
  readonly isOfProxy?: boolean;
  /** Remedy for the user. It is the same for all failures of its kind and shown once for them. */
  readonly advice?: string | undefined;
}

/** A failure for the user. The message is a sentence that contains the server's own words. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly code: number | undefined;
  readonly isTransient: boolean;
  readonly isOfProxy: boolean;
  readonly advice: string | undefined;

  constructor(kind: FailureKind, message: string, options: FailureOptions = {}) {
    super(message, options);
    this.kind = kind;
    this.code = options.code;
    this.isTransient = options.isTransient ?? false;
    this.isOfProxy = options.isOfProxy ?? false;
    this.advice = options.advice;
  }
}
