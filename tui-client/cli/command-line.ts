import { CommanderError } from 'commander';
import { Failure } from '../errors/failure.ts';
import { ConfigFileError } from '../sites/config-file.ts';
import { SiteFileError } from '../sites/import/imported-site.ts';
import { ProxyError } from '../sites/proxy.ts';
import { TargetError } from '../sites/target.ts';
import type { startScreen } from '../start-screen.tsx';
import { type CommandContext, UsageError } from './command-context.ts';
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import { buildProgram } from './program.ts';
import type { CommandAction, CommandName, CommandOptions } from './request.ts';
import { Interrupted, OutputClosed, watchForStop } from './stop.ts';

interface CommandLine {
  /** What was written behind the program's name. */
  readonly args: readonly string[];
  readonly context: CommandContext;
  version(): string;
  /** Loads the screens, which no command needs. */
  loadScreen(): Promise<typeof startScreen>;
}

/** Loads the code of a command. */
const COMMAND_ACTIONS: Readonly<Record<CommandName, () => Promise<CommandAction>>> = {
  ls: async () => (await import('./ls.ts')).ls,
  get: async () => (await import('./get.ts')).get,
  put: async () => (await import('./put.ts')).put,
  watch: async () => (await import('./watch.ts')).watch,
  mirror: async () => (await import('./mirror.ts')).mirror,
  rm: async () => (await import('./rm.ts')).rm,
  mkdir: async () => (await import('./mkdir.ts')).mkdir,
  mv: async () => (await import('./mv.ts')).mv,
  chmod: async () => (await import('./chmod.ts')).chmod,
  cat: async () => (await import('./cat.ts')).cat,
  hash: async () => (await import('./hash.ts')).hash,
  quota: async () => (await import('./quota.ts')).quota,
  trash: async () => (await import('./trash.ts')).trash,
  signup: async () => (await import('./signup.ts')).signup,
  passwd: async () => (await import('./passwd.ts')).passwd,
  'complete-word': async () => (await import('./complete-word.ts')).completeWord,
  doctor: async () => (await import('./doctor.ts')).doctor,
};

/**
 * Runs one command line; problems are written to `stderr`.
 *
 * @returns the exit code.
 */
export async function runCommandLine(commandLine: CommandLine): Promise<number> {
  const { context, args } = commandLine;
  let exitCode: number = EXIT_CODES.done;
  const program = buildProgram(context, commandLine.version(), {
    async screen(target, flags) {
      const { showScreen } = await import('./screen.ts');
      exitCode = await showScreen({ ...commandLine, target, flags });
    },
    async run(name, args, options) {
      const action = await COMMAND_ACTIONS[name]();
      exitCode = await runAction(action, { context, args, options });
    },
    async sites(verb, args, options) {
      const { sitesCommands } = await import('./sites.ts');
      const action = () => sitesCommands[verb]({ context, args, options });
      exitCode = await runAction(() => action().then(() => EXIT_CODES.done), {
        context,
        args,
        options,
      });
    },
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    const { message, code } = explain(error);
    if (message !== '') context.stderr.write(`${message}\n`);
    return code;
  }
}

interface Run {
  readonly context: CommandContext;
  readonly args: readonly string[];
  readonly options: CommandOptions;
}

async function runAction(action: CommandAction, run: Run): Promise<number> {
  const watch = watchForStop(run.context);
  try {
    const exitCode = await action({ ...run, stop: watch.signal });
    await watch.written();
    return exitCode;
  } catch (error) {
    // Whatever it was that failed, it failed because of this.
    watch.signal.throwIfAborted();
    if (run.options.json === true && error instanceof Failure) writeAsJson(error, run.context);
    throw error;
  } finally {
    watch.end();
  }
}

function writeAsJson({ kind, message, code }: Failure, { stdout }: CommandContext): void {
  stdout.write(`${JSON.stringify({ type: 'failure', kind, message, code })}\n`);
}

function explain(error: unknown): { readonly message: string; readonly code: number } {
  // Commander has reported its problem already, or shown the requested help.
  if (error instanceof CommanderError) {
    return { message: '', code: error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage };
  }
  if (error instanceof OutputClosed) return { message: '', code: EXIT_CODES.done };
  if (error instanceof Interrupted) return told(error, EXIT_CODES.interrupted);
  if (error instanceof Failure) return told(error, exitCodeOf([error.kind]), error.advice);
  if (error instanceof ConfigFileError || error instanceof SiteFileError)
    return told(error, EXIT_CODES.usage);
  if (isUsageError(error)) {
    return told(error, EXIT_CODES.usage, 'See myftp-tui --help.');
  }
  const details = error instanceof Error ? error.stack : String(error);
  return { message: `myftp-tui: unexpected failure\n${details}`, code: EXIT_CODES.bug };
}

function isUsageError(error: unknown): error is Error {
  return [UsageError, TargetError, ProxyError].some((kind) => error instanceof kind);
}

function told({ message }: Error, code: number, hint?: string) {
  return {
    message: [`myftp-tui: ${message}`, ...(hint === undefined ? [] : [hint])].join('\n'),
    code,
  };
}
