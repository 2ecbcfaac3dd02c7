import type { CommandName, CommandOptions, SitesVerb } from './request.ts';

/** The work of the commands, passed in so that each command loads its code only when it runs. */
export interface CommandActions {
  screen(target: string | undefined, options: ScreenFlags): Promise<void>;
  run(name: CommandName, args: readonly string[], options: CommandOptions): Promise<void>;
  sites(verb: SitesVerb, args: readonly string[], options: CommandOptions): Promise<void>;
}

/** Options that are given without a command: they are for the screens. */
export interface ScreenFlags {
  readonly plain?: true;
  readonly proxy?: string;
  readonly pasv?: true;
  readonly ascii?: true;
  readonly mouse?: true;
  readonly theme?: 'dark' | 'light';
}
