/** What a program is given. */
export interface ProgramInput {
  /** For its standard input. */
  readonly input: string;
  /** Variables beside PATH. */
  readonly variables: Readonly<Record<string, string>>;
  /** Longest standard output; without it, none is read. */
  readonly maxOutputBytes?: number;
}

export interface ProgramRun extends ProgramInput {
  /** Kills the program with all that it has started. */
  readonly signal: AbortSignal;
}

/**
 * Runs a program until it ends.
 *
 * @returns its standard output.
 * @throws Error that says why it failed; any exit code but 0 is a failure.
 * @throws the reason of the signal.
 */
type RunProgram = (file: string, run: ProgramRun) => Promise<string>;

/** What runs programs: this process itself, or one that it has started. */
export interface Programs {
  /** Does beforehand what the first run needs. */
  prepare(): void;
  readonly run: RunProgram;
  /** Programs that run are killed, if this starts them elsewhere. */
  close(): void;
}
