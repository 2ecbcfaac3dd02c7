import type { CommandContext } from './command-context.ts';

/** Everything that a command line can say; each command has some of it. */
export interface CommandOptions {
  // Connecting
  readonly plain?: true;
  readonly proxy?: string;
  readonly trust?: readonly string[];
  readonly passwordStdin?: true;
  readonly pasv?: true;
  readonly verbose?: true;
  // Output
  readonly json?: true;
  readonly quiet?: true;
  readonly long?: true;
  readonly all?: true;
  readonly directory?: true;
  // Transfers
  readonly recursive?: true;
  readonly resume?: true;
  readonly overwrite?: true;
  readonly skip?: true;
  readonly newer?: true;
  readonly keepBoth?: true;
  readonly jobs?: number;
  readonly dryRun?: true;
  readonly checksum?: true;
  readonly delete?: true;
  readonly deleteAll?: true;
  readonly maxDelete?: number;
  readonly settle?: number;
  readonly exclude?: readonly string[];
  readonly followLinks?: true;
  readonly limitRate?: number;
  readonly verify?: boolean;
  // Others
  readonly force?: true;
  readonly algorithm?: string;
  readonly invite?: string;
  readonly host?: string;
  readonly port?: number;
  readonly tls?: 'explicit' | 'implicit' | 'none';
  readonly user?: string;
  readonly remotePath?: string;
  readonly localPath?: string;
  readonly passiveHost?: string;
  readonly askPasswords?: true;
  readonly timeOffset?: number;
  readonly encoding?: string;
}

/** A command as it was written. */
export interface CommandRequest {
  readonly context: CommandContext;
  readonly args: readonly string[];
  readonly options: CommandOptions;
  /** Aborted by SIGINT, and when the reader of the output has gone. */
  readonly stop: AbortSignal;
}

/** A command that manages sites, as it was written. */
export interface SitesRequest {
  readonly context: CommandContext;
  readonly args: readonly string[];
  readonly options: CommandOptions;
}

/** Does its work and says how it ended; failures are thrown. */
export type CommandAction = (request: CommandRequest) => Promise<number>;

export type CommandName =
  | 'ls'
  | 'get'
  | 'put'
  | 'mirror'
  | 'watch'
  | 'rm'
  | 'mkdir'
  | 'mv'
  | 'chmod'
  | 'cat'
  | 'hash'
  | 'quota'
  | 'trash'
  | 'signup'
  | 'passwd'
  | 'doctor'
  | 'complete-word';

export type SitesVerb = 'list' | 'show' | 'add' | 'remove' | 'import';
