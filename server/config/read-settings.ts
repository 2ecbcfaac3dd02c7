import { homedir } from 'node:os';
import path from 'node:path';
import { WrongFormError } from '../errors/wrong-form.ts';
import { ConfigError } from './config-error.ts';
import { readConfigFile } from './config-file.ts';
import { contradictionsIn } from './contradictions.ts';
import { nearestName } from './nearest-name.ts';
import type { Underived } from './setting-definition.ts';
import { type SettingSource, sourceLabel, type WrittenSetting } from './setting-source.ts';
import {
  definitionOf,
  type SettingName,
  type Settings,
  type SettingValues,
  settingNames,
  variableOf,
} from './settings.ts';

/** The settings together with where each was written, for `--print-config` and messages. */
export interface SettingsReport {
  readonly settings: Settings;
  /** Values by setting name, including derived ones. */
  readonly values: SettingValues;
  readonly sources: ReadonlyMap<SettingName, SettingSource>;
  /** The file that was read, as the user wrote it. */
  readonly configFile: string | undefined;
}

interface SettingsInput {
  /** Texts by setting name, and `config` for the file. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

const listNames = settingNames.filter((name) => definitionOf(name).isList);
const textNames = settingNames.filter((name) => definitionOf(name).isText);
const namesByVariable = new Map<string, string>(
  [...settingNames, 'config'].map((name) => [variableOf(name), name]),
);

/** Variables that begin like ours and belong to the terminal client, the benchmark and the tests. */
const FOREIGN_VARIABLES = /^MYFTP_(TUI|BENCH|FUZZ|TEST)_/;

const DEFAULT: SettingSource = { kind: 'default' };

/**
 * Reads the settings. A flag beats a `MYFTP_*` variable, which beats the TOML file, which beats the
 * default. An empty variable counts as not set, as service managers leave them.
 *
 * @throws ConfigError with all problems at once.
 */
export function readSettings(input: SettingsInput): SettingsReport {
  const { written, problems, configFile } = collect(input);
  const parsed = parse(written, input.cwd);
  if (parsed.problems.length > 0) throw new ConfigError([...problems, ...parsed.problems]);
  const values = withDerived(parsed.values);
  const sourceOf = (name: SettingName) => written.get(name)?.source ?? DEFAULT;
  const label = (name: SettingName) => sourceLabel(sourceOf(name), name);
  const all = [...problems, ...contradictionsIn(values, label)];
  if (all.length > 0) throw new ConfigError(all);
  const sources = new Map(settingNames.map((name) => [name, sourceOf(name)]));
  return { settings: settingsFrom(values), values, sources, configFile };
}

type WrittenSettings = ReadonlyMap<string, WrittenSetting>;

interface Collected {
  readonly written: WrittenSettings;
  readonly problems: readonly string[];
  readonly configFile: string | undefined;
}

/** The texts of all places, for each setting the one with precedence. */
function collect({ flags, environment, cwd }: SettingsInput): Collected {
  const fromFlags = writtenAsFlags(flags);
  const { written: fromVariables, problems: variableProblems } = writtenAsVariables(environment);
  const config = fromFlags.get('config') ?? fromVariables.get('config');
  const fromFile =
    config === undefined
      ? { written: new Map<string, WrittenSetting>(), problems: [] }
      : readConfigFile({
          file: config.text,
          cwd,
          namedBy: sourceLabel(config.source, 'config'),
          knownNames: settingNames,
          listNames,
          textNames,
        });
  return {
    written: new Map([...fromFile.written, ...fromVariables, ...fromFlags]),
    problems: [...variableProblems, ...fromFile.problems],
    configFile: config?.text,
  };
}

function writtenAsFlags(flags: SettingsInput['flags']): Map<string, WrittenSetting> {
  const written = new Map<string, WrittenSetting>();
  for (const [name, text] of Object.entries(flags)) {
    if (text !== undefined)
      written.set(name, { text, source: { kind: 'flag', flag: `--${name}` } });
  }
  return written;
}

function writtenAsVariables(environment: SettingsInput['environment']) {
  const written = new Map<string, WrittenSetting>();
  const problems: string[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!/^MYFTP_/.test(variable) || FOREIGN_VARIABLES.test(variable)) continue;
    const name = namesByVariable.get(variable);
    if (name === undefined) problems.push(`${variable}: ${unknownVariable(variable)}`);
    else if (text) written.set(name, { text, source: { kind: 'variable', variable } });
  }
  return { written, problems };
}

function unknownVariable(variable: string): string {
  const nearest = nearestName(variable.slice('MYFTP_'.length), [...namesByVariable.values()]);
  const hint =
    nearest === undefined ? 'See myftp-server --help.' : `Did you mean ${variableOf(nearest)}?`;
  return `there is no such setting. ${hint}`;
}

/** Parses what is written, or else the default. */
function parse(written: WrittenSettings, cwd: string) {
  const values: Partial<Record<SettingName, unknown>> = {};
  const problems: string[] = [];
  for (const name of settingNames) {
    const definition = definitionOf(name);
    const setting = written.get(name) ?? defaultSetting(definition.default);
    if (setting === undefined) continue;
    try {
      values[name] = definition.parse(
        definition.isPath ? absolutePath(setting, cwd) : setting.text,
      );
    } catch (error) {
      if (!(error instanceof WrongFormError)) throw error;
      problems.push(`${sourceLabel(setting.source, name)}: ${error.message}`);
    }
  }
  return { values, problems };
}

function defaultSetting(text: string | undefined): WrittenSetting | undefined {
  return text === undefined ? undefined : { text, source: DEFAULT };
}

/** A path made absolute from the place where it was written; a text that cannot be a path is returned as it is. */
function absolutePath({ text, source }: WrittenSetting, cwd: string): string {
  if (text.trim() === '' || text.includes('\0')) return text;
  const base = source.kind === 'file' ? path.dirname(path.resolve(cwd, source.file)) : cwd;
  return path.resolve(base, text.replace(/^~(?=\/|$)/, homedir()));
}

/** Adds the defaults that follow from other settings. */
function withDerived(parsed: Partial<Record<SettingName, unknown>>): SettingValues {
  const values = { ...parsed };
  for (const name of settingNames) {
    values[name] ??= definitionOf(name).derive?.(parsed as Underived);
  }
  return values as SettingValues;
}

function settingsFrom(values: SettingValues): Settings {
  const entries = settingNames.map((name) => {
    const value = values[name];
    return [definitionOf(name).as, typeof value === 'object' ? Object.freeze(value) : value];
  });
  return Object.freeze(Object.fromEntries(entries)) as Settings;
}
