import { isAbsolute, normalize } from 'node:path';
import type { ExternalSettings } from '../accounts/external-settings.ts';
import { parseMoment } from '../config/moment.ts';
import { parseQuota } from '../config/quota-size.ts';
import { parseMaxFiles, parseNetworks, parseRate } from '../config/setting-parsers.ts';
import { WrongFormError } from '../errors/wrong-form.ts';
import { parseRights } from '../rights/rights.ts';
import { parsePrefix } from '../rights/rights-rules.ts';
import { AnswerError } from './answer-error.ts';

type Reader = (value: unknown) => ExternalSettings;

/** The members of `account`, by name. */
const MEMBERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['home', (value) => ({ homePath: readHome(value) })],
  ['adoptHome', (value) => ({ adoptsHome: readTruth(value) })],
  ['quota', (value) => ({ quotaBytes: orNull(value, (text) => parseQuota(readAmount(text))) })],
  ['maxFiles', (value) => ({ maxFiles: orNull(value, (text) => parseMaxFiles(readAmount(text))) })],
  ['group', (value) => ({ group: orNull(value, (name) => readText(name).toLowerCase()) })],
  ['rights', (value) => ({ rights: orNull(value, readRights) })],
  ['expires', (value) => ({ expiresAtMs: orNull(value, readMoment) })],
  ['networks', (value) => ({ networks: orNull(value, readNetworks) })],
  ['rateUp', (value) => ({ rateUp: orNull(value, (text) => parseRate(readAmount(text))) })],
  ['rateDown', (value) => ({ rateDown: orNull(value, (text) => parseRate(readAmount(text))) })],
]);

/** Reads the settings of an account. @throws AnswerError */
export function readAccountSettings(account: unknown): ExternalSettings {
  let settings: ExternalSettings = {};
  for (const [name, value] of Object.entries(readObject(account, '"account"'))) {
    const read = MEMBERS.get(name);
    if (read === undefined) {
      const known = [...MEMBERS.keys()].join(', ');
      throw new AnswerError(`unknown member account.${name}; known are ${known}`);
    }
    settings = { ...settings, ...readMember(name, value, read) };
  }
  return settings;
}

function readMember(name: string, value: unknown, read: Reader): ExternalSettings {
  try {
    return read(value);
  } catch (error) {
    if (error instanceof WrongFormError) throw new AnswerError(`account.${name}: ${error.message}`);
    throw error;
  }
}

function orNull<Value>(value: unknown, read: (value: unknown) => Value): Value | null {
  return value === null ? null : read(value);
}

function readHome(value: unknown): string {
  const path = readText(value);
  if (isAbsolute(path) && !path.includes('\0')) return normalize(path);
  throw new WrongFormError(`${JSON.stringify(path)} is not an absolute path`);
}

function readTruth(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new WrongFormError('expected true or false');
}

/** An amount is a number, or a text as the settings of the server have it. */
function readAmount(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Number.isSafeInteger(value)) return String(value);
  throw new WrongFormError('expected a whole number or a text');
}

function readRights(value: unknown): Readonly<Record<string, string>> {
  const written = typeof value === 'string' ? { '/': value } : readObject(value, 'rights');
  const entries = Object.entries(written).map(([directory, set]) => {
    const rights = readText(set);
    parseRights(rights);
    return [parsePrefix(directory), rights];
  });
  return Object.fromEntries(entries);
}

function readMoment(value: unknown): number {
  const text = readText(value);
  const ms = parseMoment(text, () => Number.NaN);
  if (ms !== undefined && !Number.isNaN(ms)) return ms;
  throw new WrongFormError(
    `${JSON.stringify(text)} is not a date such as 2027-01-31 or 2027-01-31T18:00Z`,
  );
}

function readNetworks(value: unknown): readonly string[] {
  const networks = (Array.isArray(value) ? value : [value]).map(readText);
  if (networks.length > 0) return parseNetworks(networks.join(','));
  throw new WrongFormError('the list is empty; null allows all networks');
}

function readText(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new WrongFormError('expected a text');
}

function readObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw new AnswerError(`${what} must be an object`);
}
