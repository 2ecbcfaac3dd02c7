/**
 * Exit codes besides 0: a failure; a temporary failure, so that a service manager tries again (sysexits.h,
 * EX_TEMPFAIL); wrong settings (EX_CONFIG).
 */
export type StartExitCode = 1 | 75 | 78;

/** Why the server cannot start. The message is a sentence for the operator that names the setting. */
export class StartError extends Error {
  readonly exitCode: StartExitCode;

  constructor(message: string, options: { readonly exitCode: StartExitCode; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'StartError';
    this.exitCode = options.exitCode;
  }
}
