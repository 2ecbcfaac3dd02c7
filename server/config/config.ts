import { homedir } from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { ConfigError } from './config-error.ts';
import { readConfigFile } from './config-file.ts';
import { contradictionsIn } from './contradictions.ts';
import { nearestName } from './nearest-name.ts';
import type { PublicHost } from './public-host.ts';
import { settingDefinitions, variableOf } from './setting-definitions.ts';
import { placeOf, type SettingSource, type WrittenSetting } from './setting-source.ts';
import { type SettingName, type SettingValues, settingsSchema } from './settings-schema.ts';

/** Everything that an operator can choose, checked and frozen. */
export interface Settings {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Absolute, as are all directories here. */
  readonly dataDir: string;
  readonly rootDir: string;
  readonly pasvRange: { readonly first: number; readonly last: number } | undefined;
  /** The addresses and names in PASV replies; at most one has no network. */
  readonly publicHosts: readonly PublicHost[];
  /** Whether clients may encrypt, and whether they have to. */
  readonly tls: 'off' | 'optional' | 'required';
  /** A PEM file, absolute; set together with `tlsKey`. Without them the server makes its own. */
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  /** Whether a data connection has to resume the TLS session of its control connection. */
  readonly tlsSessionReuse: 'off' | 'prefer' | 'require';
  /** Where TLS starts with the connection. 0 lets the system choose, undefined turns it off. */
  readonly implicitPort: number | undefined;
  readonly maxSessions: number;
  /** 0 sets no limit. */
  readonly maxSessionsPerIp: number;
  /** 0 sets no limit. */
  readonly maxSessionsPerUser: number;
  readonly loginTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly graceMs: number;
  readonly signup: 'open' | 'invite' | 'off';
  /** Accounts beyond which nobody can sign up. 0 sets no limit. */
  readonly maxAccounts: number;
  /** Accounts that one origin can create in an hour. 0 sets no limit. */
  readonly signupsPerHour: number;
  /** Of new accounts. */
  readonly quotaBytes: number;
  /** Files, directories and links that new accounts may have. 0 sets no limit. */
  readonly maxFiles: number;
  readonly anonymousDir: string | undefined;
  /** A name that `TextDecoder` knows; its encoding extends ASCII. */
  readonly fallbackEncoding: string | undefined;
  /** Whether uploads are hashed while they come in, if nobody has asked for it. */
  readonly hashUploads: 'auto' | 'on' | 'off';
  /** How long it is kept who did what; 0: nothing is written down. */
  readonly auditKeepMs: number;
  /** How long an upload that was cut can be resumed; 0: for ever. */
  readonly keepPartialsMs: number;
  /** An upload whose data ended in order while the client left without a word: kept as a partial, or published. */
  readonly cutUploads: 'keep' | 'publish';
  /** Whether an upload has to reach the size that ALLO has declared. */
  readonly allo: 'strict' | 'hint';
  /** Time from one recount of an account's files to the next; 0: none without a request. */
  readonly recountEveryMs: number;
  /** Whether an upload is on the disk itself, not only in the system's memory, before it is confirmed. */
  readonly fsync: 'off' | 'on';
  /** Name or number of the user that the process becomes once its ports are bound. */
  readonly user: string | undefined;
  /** Undefined: the user's own. */
  readonly group: string | undefined;
  readonly logDir: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** The settings together with where each was written, for `--print-config` and messages. */
export interface SettingsReport {
  readonly settings: Settings;
  /** By setting name, derived ones included. */
  readonly values: SettingValues;
  readonly sources: ReadonlyMap<SettingName, SettingSource>;
  /** The file that was read, as the user wrote it. */
  readonly configFile: string | undefined;
}

interface SettingsInput {
  /** By setting name, and `config` for the file. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

const names = settingDefinitions.map(({ name }) => name);
const listNames = settingDefinitions.filter(({ isList }) => isList).map(({ name }) => name);
const variables = new Map<string, string>(
  [...names, 'config' as const].map((name) => [variableFor(name), name]),
);

/** Variables that begin like ours and belong to the terminal client, the benchmark and the tests. */
const FOREIGN_VARIABLES = /^MYFTP_(TUI|BENCH|FUZZ|TEST)_/;

/**
 * Reads the settings. A flag beats a `MYFTP_*` variable, which beats the TOML file, which beats the
 * default. An empty variable counts as not set, as service managers leave them.
 *
 * @throws ConfigError with all problems at once.
 */
export function readSettings(input: SettingsInput): SettingsReport {
  const { written, problems, configFile } = collect(input);
  const result = v.safeParse(settingsSchema, textsOf(written, input.cwd), { abortPipeEarly: true });
  if (!result.success)
    throw new ConfigError([...problems, ...result.issues.map(problemOf(written))]);
  const values = withDerived(result.output, input.cwd);
  const sources = new Map(names.map((name) => [name, written.get(name)?.source ?? DEFAULT]));
  const place = (name: SettingName) => placeOf(sources.get(name) ?? DEFAULT, name);
  const all = [...problems, ...contradictionsIn(values, place)];
  if (all.length > 0) throw new ConfigError(all);
  return { settings: settingsFrom(values), values, sources, configFile };
}

/** Whether only this machine can connect to `host`. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1|::ffff:127(\.\d+){3})$/i.test(host);
}

const DEFAULT: SettingSource = { kind: 'default' };

interface Collected {
  readonly written: ReadonlyMap<string, WrittenSetting>;
  readonly problems: readonly string[];
  readonly configFile: string | undefined;
}

/** The texts of all places, the weightiest for each setting. */
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
          namedBy: placeOf(config.source, 'config'),
          knownNames: names,
          listNames,
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
    const name = variables.get(variable);
    if (name === undefined) problems.push(`${variable}: ${unknownVariable(variable)}`);
    else if (text) written.set(name, { text, source: { kind: 'variable', variable } });
  }
  return { written, problems };
}

function unknownVariable(variable: string): string {
  const nearest = nearestName(variable.slice('MYFTP_'.length), [...variables.values()]);
  const hint =
    nearest === undefined ? 'See myftp-server --help.' : `Did you mean ${variableFor(nearest)}?`;
  return `there is no such setting. ${hint}`;
}

function variableFor(name: string): string {
  return variableOf(name as SettingName);
}

/** The texts for the schema, with paths made absolute from where they were written. */
function textsOf(written: Collected['written'], cwd: string): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { name, isPath } of settingDefinitions) {
    const setting = written.get(name);
    if (setting === undefined) continue;
    const isFilled = setting.text.trim() !== '' && !setting.text.includes('\0');
    texts[name] = isPath && isFilled ? absolutePath(setting, cwd) : setting.text;
  }
  return texts;
}

function absolutePath({ text, source }: WrittenSetting, cwd: string): string {
  const base = source.kind === 'file' ? path.dirname(path.resolve(cwd, source.file)) : cwd;
  return path.resolve(base, text.replace(/^~(?=\/|$)/, homedir()));
}

function problemOf(written: Collected['written']) {
  return (issue: v.InferIssue<typeof settingsSchema>): string => {
    const name = String(issue.path?.[0]?.key) as SettingName;
    return `${placeOf(written.get(name)?.source ?? DEFAULT, name)}: ${issue.message}`;
  };
}

/** Fills in the defaults that follow from other settings. */
function withDerived(values: SettingValues, cwd: string): SettingValues {
  const data = path.resolve(cwd, values.data);
  return {
    ...values,
    data,
    root: values.root ?? path.join(data, 'files'),
    'log-dir': values['log-dir'] ?? path.join(data, 'logs'),
    signup: values.signup ?? (isLoopback(values.host) ? 'open' : 'invite'),
  };
}

function settingsFrom(values: SettingValues): Settings {
  const { root = values.data, 'log-dir': logDir = values.data, signup = 'off' } = values;
  return Object.freeze({
    host: values.host,
    port: values.port,
    dataDir: values.data,
    rootDir: root,
    pasvRange: values['pasv-range'] && Object.freeze(values['pasv-range']),
    publicHosts: Object.freeze(values['public-host'] ?? []),
    tls: values.tls,
    tlsCert: values['tls-cert'],
    tlsKey: values['tls-key'],
    tlsSessionReuse: values['tls-session-reuse'],
    implicitPort: values['implicit-port'],
    maxSessions: values['max-sessions'],
    maxSessionsPerIp: values['max-per-ip'],
    maxSessionsPerUser: values['max-per-user'],
    loginTimeoutMs: values['login-timeout'],
    idleTimeoutMs: values['idle-timeout'],
    graceMs: values.grace,
    signup,
    maxAccounts: values['max-accounts'],
    signupsPerHour: values['signups-per-hour'],
    quotaBytes: values.quota,
    maxFiles: values['max-files'],
    anonymousDir: values.anonymous,
    fallbackEncoding: values['fallback-encoding'],
    hashUploads: values['hash-uploads'],
    auditKeepMs: values['audit-keep'],
    keepPartialsMs: values['keep-partials'],
    cutUploads: values['cut-uploads'],
    allo: values.allo,
    recountEveryMs: values['recount-every'],
    fsync: values.fsync,
    user: values.user,
    group: values.group,
    logDir,
    logLevel: values['log-level'],
  });
}
