import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { StartError, startErrorFor } from '../errors/start-error.ts';
import type { Hook } from '../hooks/hook.ts';

/** A guess of a shorter key could be tried against one signature. */
const LEAST_CHARACTERS = 16;

/**
 * Reads the key that signs what URLs get; empty without a file.
 *
 * @throws StartError that names the setting.
 */
export function readHookSecret(file: string | undefined): string {
  if (file === undefined) return '';
  const secret = textOf(file);
  if (secret.length >= LEAST_CHARACTERS) return secret;
  throw new StartError(
    `--hook-secret: the key in ${file} is too short. Write ${LEAST_CHARACTERS} characters or more, such as what "openssl rand -hex 32" prints.`,
    { exitCode: 78 },
  );
}

/** @throws StartError if a program of a hook cannot be run. */
export function requireHookPrograms(hooks: readonly Hook[]): void {
  for (const { target } of hooks) if (target.kind === 'program') requireProgram(target.file);
}

function requireProgram(file: string): void {
  try {
    accessSync(file, constants.X_OK);
    if (statSync(file).isFile()) return;
  } catch (error) {
    const { message, exitCode } = startErrorFor({ setting: '--hook', error });
    throw new StartError(`${message} The program is ${file}.`, { exitCode, cause: error });
  }
  throw new StartError(`--hook: ${file} is no program.`, { exitCode: 78 });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw startErrorFor({ setting: '--hook-secret', error });
  }
}
