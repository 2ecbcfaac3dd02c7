import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parse, stringify, TomlError } from 'smol-toml';
import * as v from 'valibot';

/** A file of the client's that is not as it must be. The message is for the user. */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError';
}

type Schema<Content> = v.GenericSchema<unknown, Content>;

/** Reads a TOML file and checks it; nothing there is as good as an empty file. */
export async function readConfigFile<Content>(
  path: string,
  schema: Schema<Content>,
): Promise<Content> {
  const result = v.safeParse(schema, parseToml(path, await readIfThere(path)));
  if (result.success) return result.output;
  const problems = result.issues.map((issue) => `  ${problemOf(issue)}`);
  throw new ConfigFileError([`${path} is invalid:`, ...problems].join('\n'));
}

/**
 * Writes a TOML file that only its owner can read. A crash leaves the old file or the new one, never a part.
 */
export async function writeConfigFile(
  path: string,
  content: Readonly<Record<string, unknown>>,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(stringify(content));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw new ConfigFileError(`Cannot write ${path}: ${reasonOf(error)}`);
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw new ConfigFileError(`Cannot read ${path}: ${reasonOf(error)}`);
  }
}

function parseToml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason] = error.message.split('\n');
    throw new ConfigFileError(`${path}, line ${error.line}: ${reason}`);
  }
}

function problemOf(issue: v.BaseIssue<unknown>): string {
  const key = v.getDotPath(issue) ?? '';
  if (issue.type === 'strict_object' && issue.expected === 'never') return `${key}: no such key`;
  if (issue.type === 'strict_object') return `${key}: is missing`;
  return `${key}: ${issue.message}`;
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

function reasonOf(error: unknown): string {
  return hasCode(error, 'EACCES') ? 'permission denied' : String(error);
}
