import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, TomlError, type TomlTable } from 'smol-toml';
import { nearestName } from './nearest-name.ts';
import type { WrittenSetting } from './setting-source.ts';

interface ConfigFileContents {
  readonly written: ReadonlyMap<string, WrittenSetting>;
  readonly problems: readonly string[];
}

interface ConfigFileOptions {
  /** The path as the user wrote it; messages repeat it. */
  readonly file: string;
  readonly cwd: string;
  /** The flag or variable that names the file, for messages about the file itself. */
  readonly namedBy: string;
  readonly knownNames: readonly string[];
  /** The settings that may be arrays of texts. */
  readonly listNames: readonly string[];
  /** The settings that must not be numbers. */
  readonly textNames: readonly string[];
}

/** Reads the TOML file of settings: flat, its keys are the flags' names without the dashes. */
export function readConfigFile(options: ConfigFileOptions): ConfigFileContents {
  const { file, cwd, namedBy } = options;
  let text: string;
  try {
    text = readFileSync(path.resolve(cwd, file), 'utf8');
  } catch (error) {
    return problem(`${namedBy}: ${file} cannot be read: ${reasonOf(error)}.`);
  }
  let table: TomlTable;
  try {
    table = parse(text, { integersAsBigInt: 'asNeeded' });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const unquoted = unquotedText(text.split('\n')[error.line - 1] ?? '');
    if (unquoted !== undefined) return problem(`${file}: line ${error.line}: ${unquoted}`);
    return problem(`${file}: line ${error.line}, column ${error.column}: ${firstLineOf(error)}.`);
  }
  return settingsIn(table, text, options);
}

/** The most frequent slip, for which the parser has words about numbers and dates. */
function unquotedText(line: string): string | undefined {
  const [, key, value] = /^\s*([\w-]+)\s*=\s*([^\s"'#[{][^"'#]*?)\s*(?:#.*)?$/.exec(line) ?? [];
  if (key === undefined || value === undefined) return undefined;
  return `${key}: a text stands in quotes. Write ${key} = ${JSON.stringify(value)}.`;
}

function settingsIn(
  table: TomlTable,
  text: string,
  { file, knownNames, listNames, textNames }: ConfigFileOptions,
): ConfigFileContents {
  const written = new Map<string, WrittenSetting>();
  const problems: string[] = [];
  for (const [key, value] of Object.entries(table)) {
    const line = lineOf(key, text);
    const place = `${file}: line ${line}: ${key}`;
    if (!knownNames.includes(key)) {
      problems.push(`${place}: ${unknownKey({ key, value, knownNames })}`);
      continue;
    }
    if (textNames.includes(key) && typeof value !== 'string') {
      problems.push(`${place}: a text stands in quotes, such as ${key} = "...".`);
      continue;
    }
    const setting = textOf(value) ?? (listNames.includes(key) ? joinedTexts(value) : undefined);
    if (setting === undefined) problems.push(`${place}: ${wrongType(key, listNames)}`);
    else written.set(key, { text: setting, source: { kind: 'file', file, line, key } });
  }
  return { written, problems };
}

/** The line on which a key or a table begins, from 1 on. */
function lineOf(key: string, text: string): number {
  const name = key.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const begins = new RegExp(`^\\s*\\[?\\s*["']?${name}["']?\\s*[=.\\]]`);
  return text.split('\n').findIndex((line) => begins.test(line)) + 1 || 1;
}

function textOf(value: unknown): string | undefined {
  const isPlain =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
  return isPlain ? String(value) : undefined;
}

/** Undefined unless the value is an array that holds texts and nothing else. */
function joinedTexts(value: unknown): string | undefined {
  const isList =
    Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
  return isList ? value.join(',') : undefined;
}

function wrongType(key: string, listNames: readonly string[]): string {
  return listNames.includes(key)
    ? `must be a text or an array of texts, such as ${key} = ["..."].`
    : `must be a text or a number, such as ${key} = "...".`;
}

interface UnknownKey {
  readonly key: string;
  readonly value: unknown;
  readonly knownNames: readonly string[];
}

function unknownKey({ key, value, knownNames }: UnknownKey): string {
  const nearest = nearestName(key, knownNames);
  if (nearest !== undefined) return `there is no such setting. Did you mean ${nearest}?`;
  if (typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)) {
    return 'there is no such table. Settings stand at the top of the file, outside any [table].';
  }
  return 'there is no such setting. See myftp-server --help.';
}

function problem(sentence: string): ConfigFileContents {
  return { written: new Map(), problems: [sentence] };
}

function firstLineOf(error: Error): string {
  const [first = 'not valid TOML'] = error.message
    .replace(/^Invalid TOML document: /, '')
    .split('\n');
  return first;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};

function reasonOf(error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? (code || String(error));
}
