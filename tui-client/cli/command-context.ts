/** Where a command writes: perhaps a terminal. */
export type OutputStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
};

/** What a command sees of the process around it. */
export interface CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Where SIGINT arrives: `process`. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
}

/** A command line that does not say enough, or something else than the command takes. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
