import { createInterface } from 'node:readline/promises';
import password from '@inquirer/password';
import { checkPassword } from '../accounts/signup-rules.ts';
import { CommandError } from '../errors/command-error.ts';
import { type CommandContext, UsageError } from './command-context.ts';

const ATTEMPTS = 3;

interface PasswordQuestion {
  readonly context: CommandContext;
  readonly username: string;
  readonly isOnStdin: boolean;
}

/**
 * Gets a new password: the text on standard input up to the line end that closes it, or what is typed
 * twice without being shown. Never from an argument, which other users of the machine can see.
 */
export async function askNewPassword({
  context,
  username,
  isOnStdin,
}: PasswordQuestion): Promise<string> {
  if (isOnStdin) return await passwordOnStdin(context);
  requireTerminal(context);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = await askHidden(context, `Password for ${username}:`, passwordProblem);
    if (first === (await askHidden(context, 'The same again:', passwordProblem))) return first;
    context.stderr.write('The passwords differ.\n');
  }
  throw new CommandError('No password was set.');
}

/** Gets the password that an account has, in the same ways; it is typed once. */
export async function askPassword({
  context,
  username,
  isOnStdin,
}: PasswordQuestion): Promise<string> {
  if (isOnStdin) return await passwordOnStdin(context);
  requireTerminal(context);
  return await askHidden(context, `Password of ${username}:`, () => true);
}

/** Asks a question that wants a yes; anything else is a no. */
export async function confirm(context: CommandContext, question: string): Promise<boolean> {
  if (context.stdin.isTTY !== true) {
    throw new UsageError('There is no terminal to ask on. Use --yes to do it without asking.');
  }
  const lines = createInterface({ input: context.stdin, output: context.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}

async function passwordOnStdin({ stdin }: CommandContext): Promise<string> {
  return (await readAll(stdin)).replace(/\r?\n$/, '');
}

function requireTerminal({ stdin }: CommandContext): void {
  if (stdin.isTTY === true) return;
  throw new UsageError('There is no terminal to ask for the password on. Use --password-stdin.');
}

async function askHidden(
  context: CommandContext,
  message: string,
  validate: (text: string) => string | true,
): Promise<string> {
  try {
    return await password({ message, validate }, { input: context.stdin, output: context.stderr });
  } catch (error) {
    if (error instanceof Error && /^(Exit|Abort)PromptError$/.test(error.name)) {
      throw new CommandError('Cancelled.');
    }
    throw error;
  }
}

function passwordProblem(text: string): string | true {
  try {
    checkPassword(text);
    return true;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
