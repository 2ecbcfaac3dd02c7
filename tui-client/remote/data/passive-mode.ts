import type { Failure } from '../../errors/failure.ts';

export type PassiveCommand = 'EPSV' | 'PASV';

/** The command that opens data connections to a site. All connections to the site share one of these. */
export class PassiveMode {
  #command: PassiveCommand | undefined;
  #extendedFailure: Failure | undefined;

  /** @param command the only one to use; without one EPSV is tried, then PASV. */
  constructor(command?: PassiveCommand) {
    this.#command = command;
  }

  /** Undefined until one of them has opened a data connection. */
  get command(): PassiveCommand | undefined {
    return this.#command;
  }

  /** Why EPSV did not open a data connection where PASV did. */
  get extendedFailure(): Failure | undefined {
    return this.#extendedFailure;
  }

  /** A data connection was opened by this command. */
  remember(command: PassiveCommand, extendedFailure?: Failure): void {
    this.#command = command;
    this.#extendedFailure = extendedFailure;
  }
}
