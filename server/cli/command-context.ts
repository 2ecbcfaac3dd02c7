/** The process as a command sees it. */
export interface CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Source of signals and uncaught errors: `process`. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
}

/** A root that was given by flag, variable or file. */
export interface GivenRoot {
  /** Start of messages: `--root`. */
  readonly place: string;
  readonly directory: string;
}

/** A command line that does not say enough, or something else than the command takes; exit code 2. */
export class UsageError extends Error {}
