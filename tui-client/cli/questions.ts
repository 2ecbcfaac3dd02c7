import { createInterface } from 'node:readline/promises';
import { displayName } from '../text/format.ts';
import { type CommandContext, UsageError } from './command-context.ts';
import { Interrupted } from './stop.ts';

const ATTEMPTS = 3;

/** Whether a user at a terminal can be asked. */
export function canAsk({ stdin, stderr }: CommandContext): boolean {
  return stdin.isTTY === true && stderr.isTTY === true;
}

/** Asks for a password, which is not shown. */
export async function askPassword(context: CommandContext, whose: string): Promise<string> {
  if (!canAsk(context)) {
    throw new UsageError(
      `Cannot ask for the password of ${whose} without a terminal. Use --password-stdin.`,
    );
  }
  return askHidden(context, `Password of ${displayName(whose)}:`);
}

/** Asks for a new password twice. */
export async function askNewPassword(context: CommandContext, whose: string): Promise<string> {
  if (!canAsk(context)) {
    throw new UsageError(
      `Cannot ask for the new password of ${whose} without a terminal. Use --password-stdin.`,
    );
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = await askHidden(context, `New password of ${displayName(whose)}:`);
    if (first === (await askHidden(context, 'Confirm password:'))) return first;
    context.stderr.write('The passwords do not match.\n');
  }
  throw new UsageError('No password given.');
}

/** Asks for one line, which is given in lower case and without blanks around it. */
export async function askLine(
  { stdin, stderr }: CommandContext,
  question: string,
  signal: AbortSignal,
): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr });
  // Ctrl-C belongs to readline while it asks.
  const interrupted = new AbortController();
  lines.on('SIGINT', () => interrupted.abort());
  try {
    const either = AbortSignal.any([signal, interrupted.signal]);
    return (await lines.question(question, { signal: either })).trim().toLowerCase();
  } catch (error) {
    if (interrupted.signal.aborted) throw new Interrupted('Interrupted.');
    throw error;
  } finally {
    lines.close();
  }
}

/** The lines on standard input, for passwords. */
export async function readLines(stream: NodeJS.ReadableStream): Promise<readonly string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
    .split(/\r?\n/);
}

async function askHidden(context: CommandContext, message: string): Promise<string> {
  const { default: password } = await import('@inquirer/password');
  try {
    // The password stays hidden from onlookers and recordings even if a wrong key was pressed.
    const question = { message, toggleMask: false };
    return await password(question, { input: context.stdin, output: context.stderr });
  } catch (error) {
    if (error instanceof Error && /^(Exit|Abort)PromptError$/.test(error.name)) {
      throw new Interrupted('Interrupted.');
    }
    throw error;
  }
}
