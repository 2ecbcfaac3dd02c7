import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { StartError, startErrorFor } from '../errors/start-error.ts';
import type { Hook } from '../hooks/hook.ts';
import type { HookTarget } from '../hooks/hook-target.ts';

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

/** @throws StartError if a program of a hook, or the password check, cannot be run. */
export function requirePrograms(settings: {
  readonly hooks: readonly Hook[];
  readonly passwordCheck: HookTarget | undefined;
}): void {
  for (const { target } of settings.hooks) requireProgram('--hook', target);
  if (settings.passwordCheck !== undefined)
    requireProgram('--password-check', settings.passwordCheck);
}

function requireProgram(setting: string, target: HookTarget): void {
  if (target.kind !== 'program') return;
  const { file } = target;
  try {
    accessSync(file, constants.X_OK);
    if (statSync(file).isFile()) return;
  } catch (error) {
    const { message, exitCode } = startErrorFor({ setting, error });
    throw new StartError(`${message} The program is ${file}.`, { exitCode, cause: error });
  }
  throw new StartError(`${setting}: ${file} is no program.`, { exitCode: 78 });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw startErrorFor({ setting: '--hook-secret', error });
  }
}
