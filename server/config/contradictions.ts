import path from 'node:path';
import type { SettingName, SettingValues } from './settings-schema.ts';

/**
 * Settings that are well-formed each and cannot work together, as sentences.
 *
 * @param placeOf gives the place where a setting was written
 */
export function contradictionsIn(
  values: SettingValues,
  placeOf: (name: SettingName) => string,
): readonly string[] {
  return [...portClash(values, placeOf), ...exposedDirectories(values, placeOf)];
}

function* portClash(values: SettingValues, placeOf: (name: SettingName) => string) {
  const range = values['pasv-range'];
  if (range !== undefined && values.port >= range.first && values.port <= range.last) {
    yield `${placeOf('pasv-range')}: ${range.first}-${range.last} includes ${values.port}, the port that the server listens on. Choose a range without it.`;
  }
}

/** What accounts and guests can reach must hold neither the password hashes nor the logs. */
function* exposedDirectories(values: SettingValues, placeOf: (name: SettingName) => string) {
  for (const reachable of ['root', 'anonymous'] as const) {
    const directory = values[reachable];
    if (directory === undefined) continue;
    const kept = (['data', 'log-dir', 'root'] as const).filter((name) => name !== reachable);
    const exposed = kept.find((name) => contains(directory, values[name]));
    if (exposed !== undefined) {
      yield `${placeOf(reachable)}: ${directory} holds ${TITLES[exposed]} (${values[exposed]}), which clients must not reach. Choose another directory.`;
    }
  }
}

const TITLES = {
  data: 'the data directory',
  'log-dir': 'the log directory',
  root: 'the homes of all accounts',
} as const;

function contains(directory: string, inner: string | undefined): boolean {
  if (inner === undefined) return false;
  return !/^\.\.(\/|$)/.test(path.relative(directory, inner));
}
