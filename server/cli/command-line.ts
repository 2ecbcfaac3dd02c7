import { CommanderError } from 'commander';
import { ConfigError } from '../config/config-error.ts';
import { printConfig } from '../config/print-config.ts';
import { readSettings, type SettingsReport } from '../config/read-settings.ts';
import { sourceLabel } from '../config/setting-source.ts';
import { CommandError } from '../errors/command-error.ts';
import { StartError } from '../errors/start-error.ts';
import type { Actions, Request } from './actions.ts';
import type { AdministrationRequest } from './administration.ts';
import { type CommandContext, type GivenRoot, UsageError } from './command-context.ts';
import { buildProgram } from './program.ts';
import { type ServerModule, serve } from './serve.ts';
import { refuseSwallowedFlags } from './swallowed-flag.ts';

type AdministrationCommand = (request: AdministrationRequest) => Promise<void>;

interface CommandLine {
  /** Arguments after the program's name. */
  readonly args: readonly string[];
  readonly context: CommandContext;
  /** Loads the server, which the other commands do not need. */
  loadServer(): Promise<ServerModule>;
}

/**
 * Runs one command line; problems are written to `stderr`.
 *
 * @returns the exit code: 0 success, 1 failure, 2 wrong usage, 75 temporary failure, 78 settings that cannot work.
 */
export async function runCommandLine({ args, context, loadServer }: CommandLine): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(context, {
    ...lazyActions(context),
    async serve(flags) {
      const read = () => readSettings({ ...context, flags });
      const rereadSettings = () => read().settings;
      exitCode = await serve({ report: read(), rereadSettings, context, loadServer });
    },
    async doctor({ flags, options }) {
      const { doctor } = await import('./doctor.ts');
      const settings = () => readSettings({ ...context, flags }).settings;
      exitCode = await doctor({ context, options, readSettings: settings });
    },
  });
  try {
    refuseSwallowedFlags(program, args);
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    const { message, code } = failureOutput(error);
    if (message !== '') context.stderr.write(`${message}\n`);
    return code;
  }
}

function lazyActions(context: CommandContext): Omit<Actions, 'serve' | 'doctor'> {
  const administrative = (request: Request) => {
    const report = readSettings({ ...context, flags: request.flags });
    return { ...request, context, settings: report.settings, givenRoot: givenRootIn(report) };
  };
  const recorded = async (name: string, request: Request, run: AdministrationCommand) => {
    const { recorded: runRecorded } = await import('./recorded-command.ts');
    await runRecorded(name, administrative(request), run);
  };
  return {
    async printConfig(flags) {
      context.stdout.write(printConfig(readSettings({ ...context, flags })));
    },
    async user(verb, request) {
      const { userCommands } = await import('./user-commands.ts');
      await recorded(`user ${verb}`, request, userCommands[verb]);
    },
    async group(verb, request) {
      const { groupCommands } = await import('./group-commands.ts');
      await recorded(`group ${verb}`, request, groupCommands[verb]);
    },
    async folder(verb, request) {
      const { folderCommands } = await import('./folder-commands.ts');
      await recorded(`folder ${verb}`, request, folderCommands[verb]);
    },
    async invite(verb, request) {
      const { inviteCommands } = await import('./invite-commands.ts');
      await recorded(`invite ${verb}`, request, inviteCommands[verb]);
    },
    async backup(request) {
      const { backUp } = await import('./backup-commands.ts');
      await recorded('backup', request, backUp);
    },
    async restore(request) {
      const { restore } = await import('./backup-commands.ts');
      await recorded('restore', request, restore);
    },
    async root(request) {
      const { showOrSetRoot } = await import('./root-command.ts');
      await recorded('root', request, showOrSetRoot);
    },
    async audit(request) {
      const { showAudit } = await import('./audit.ts');
      await showAudit(administrative(request));
    },
    async importAccounts(request) {
      const { importAccounts } = await import('./import/import-command.ts');
      await recorded('import', request, importAccounts);
    },
    async ban(verb, request) {
      const { banCommands } = await import('./ban-commands.ts');
      await recorded(`ban ${verb}`, request, banCommands[verb]);
    },
    async hooks(verb, request) {
      const { hookCommands } = await import('./hook-commands.ts');
      await recorded(`hooks ${verb}`, request, hookCommands[verb]);
    },
    async passwordCheck(verb, request) {
      const { passwordCheckCommands } = await import('./password-check-commands.ts');
      await passwordCheckCommands[verb](administrative(request));
    },
    async session(verb, request) {
      const { sessionCommands } = await import('./session-commands.ts');
      await recorded(verb, request, sessionCommands[verb]);
    },
    async trash(verb, request) {
      const { trashCommands } = await import('./trash-commands.ts');
      await recorded(`trash ${verb}`, request, trashCommands[verb]);
    },
    async retention(verb, request) {
      const { retentionCommands } = await import('./retention-commands.ts');
      await recorded(`retention ${verb}`, request, retentionCommands[verb]);
    },
    async ping(request) {
      const { ping } = await import('./ping.ts');
      await ping(administrative(request));
    },
  };
}

/** A root that follows from the data directory contradicts nothing. */
function givenRootIn({ sources, settings }: SettingsReport): GivenRoot | undefined {
  const source = sources.get('root') ?? { kind: 'default' };
  if (source.kind === 'default') return undefined;
  return { place: sourceLabel(source, 'root'), directory: settings.rootDir };
}

function failureOutput(error: unknown): { readonly message: string; readonly code: number } {
  // Commander has reported its problem already, or shown the requested help.
  if (error instanceof CommanderError) return { message: '', code: error.exitCode === 0 ? 0 : 2 };
  if (error instanceof ConfigError) {
    return { message: ['myftp-server: wrong settings', ...error.problems].join('\n'), code: 78 };
  }
  if (error instanceof StartError) return reported(error, error.exitCode);
  if (error instanceof UsageError) return reported(error, 2, 'See myftp-server --help.');
  if (error instanceof CommandError) return reported(error, 1);
  const details = error instanceof Error ? error.stack : String(error);
  return { message: `myftp-server: unexpected failure\n${details}`, code: 1 };
}

function reported({ message }: Error, code: number, hint?: string) {
  return {
    message: [`myftp-server: ${message}`, ...(hint === undefined ? [] : [hint])].join('\n'),
    code,
  };
}
