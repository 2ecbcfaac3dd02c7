import { realpathSync } from 'node:fs';
import path from 'node:path';
import { STAGING_DIRECTORY } from '../disk/staging-directory.ts';
import { TRASH_DIRECTORY } from '../trash/trash-directory.ts';
import type { SettingName, SettingValues } from './settings.ts';

/**
 * Settings that are well-formed each and cannot work together, as sentences.
 *
 * @param labelOf names the place where a setting was written
 */
export function contradictionsIn(
  values: SettingValues,
  labelOf: (name: SettingName) => string,
): readonly string[] {
  return [
    ...portClashes(values, labelOf),
    ...halfCertificate(values, labelOf),
    ...reuseWithoutTls(values, labelOf),
    ...groupAlone(values, labelOf),
    ...unsignedHooks(values, labelOf),
    ...passwordChecks(values, labelOf),
    ...programsInReach(values, labelOf),
    ...exposedDirectories(values, labelOf),
    ...anonymousTwice(values, labelOf),
  ];
}

function* anonymousTwice(values: SettingValues, labelOf: (name: SettingName) => string) {
  if (values.anonymous === undefined || values['anonymous-account'] === undefined) return;
  yield `${labelOf('anonymous-account')}: its home takes the place of the directory that ${labelOf('anonymous')} names. Leave one of them out.`;
}

function* portClashes(values: SettingValues, labelOf: (name: SettingName) => string) {
  const { port, tls, 'pasv-range': range, 'implicit-port': implicitPort } = values;
  if (isWithin(range, port)) {
    yield `${labelOf('pasv-range')}: ${range.first}-${range.last} includes ${port}, the port that the server listens on. Choose a range without it.`;
  }
  if (implicitPort === undefined) return;
  if (isWithin(range, implicitPort)) {
    yield `${labelOf('pasv-range')}: ${range.first}-${range.last} includes ${implicitPort}, the port for implicit TLS. Choose a range without it.`;
  }
  if (implicitPort === port && port !== 0) {
    yield `${labelOf('implicit-port')}: ${implicitPort} is the port for clients that start without TLS, too. Choose another one; 990 is customary.`;
  }
  if (tls === 'off') {
    yield `${labelOf('implicit-port')}: ${implicitPort} is for TLS, which ${labelOf('tls')} turns off. Leave one of them out.`;
  }
}

function isWithin(
  range: SettingValues['pasv-range'],
  port: number,
): range is NonNullable<typeof range> {
  return range !== undefined && port >= range.first && port <= range.last;
}

function* halfCertificate(values: SettingValues, labelOf: (name: SettingName) => string) {
  const { 'tls-cert': cert, 'tls-key': key } = values;
  if (cert !== undefined && key === undefined) {
    yield `${labelOf('tls-cert')}: ${cert} needs its private key. Name the file with --tls-key; it may be the same one.`;
  }
  if (key !== undefined && cert === undefined) {
    yield `${labelOf('tls-key')}: ${key} needs its certificate. Name the file with --tls-cert; it may be the same one.`;
  }
}

function* reuseWithoutTls(values: SettingValues, labelOf: (name: SettingName) => string) {
  if (values.tls !== 'off' || values['tls-session-reuse'] !== 'require') return;
  yield `${labelOf('tls-session-reuse')}: require is for TLS, which ${labelOf('tls')} turns off. Leave one of them out.`;
}

function* groupAlone(values: SettingValues, labelOf: (name: SettingName) => string) {
  if (values.group === undefined || values.user !== undefined) return;
  yield `${labelOf('group')}: ${values.group} is the group of a user that is not named. Name the user with --user.`;
}

function* unsignedHooks(values: SettingValues, labelOf: (name: SettingName) => string) {
  const { hook: hooks, 'hook-secret': secret } = values;
  if (secret !== undefined || !hooks.some(({ target }) => target.kind === 'url')) return;
  yield `${labelOf('hook')}: what a URL gets is signed. Name a file with the key by --hook-secret.`;
}

function* passwordChecks(values: SettingValues, labelOf: (name: SettingName) => string) {
  const { 'password-check': check, 'hook-secret': secret, signup } = values;
  if (check === undefined) return;
  if (check.kind === 'url' && secret === undefined)
    yield `${labelOf('password-check')}: what a URL gets is signed. Name a file with the key by --hook-secret.`;
  if (signup !== 'off')
    yield `${labelOf('signup')}: with ${labelOf('password-check')}, a stranger could sign up with the name of a person of the other system. Leave it out, and add accounts by hand.`;
}

/** A client that can replace a program could have the server run its own. */
function* programsInReach(values: SettingValues, labelOf: (name: SettingName) => string) {
  const { root, anonymous, hook: hooks, 'password-check': check } = values;
  const targets = [
    ...hooks.map(({ target }) => ['hook', target] as const),
    ...(check === undefined ? [] : [['password-check', check] as const]),
  ];
  for (const [name, target] of targets) {
    if (target.kind !== 'program') continue;
    const directory = [root, anonymous].find((one) => one && contains(one, target.file));
    if (directory !== undefined)
      yield `${labelOf(name)}: ${target.file} is in ${directory}, where clients could replace it. Put the program somewhere else.`;
  }
}

/** Directories that accounts and guests can reach must contain neither password hashes nor logs nor the private key. */
function* exposedDirectories(values: SettingValues, labelOf: (name: SettingName) => string) {
  for (const reachable of ['root', 'anonymous'] as const) {
    const directory = values[reachable];
    if (directory === undefined) continue;
    const kept = (['data', 'log-dir', 'tls-key', 'hook-secret', 'root'] as const).filter(
      (name) => name !== reachable,
    );
    const exposed = kept.find((name) => contains(directory, values[name]));
    if (exposed !== undefined) {
      yield `${labelOf(reachable)}: ${directory} holds ${TITLES[exposed]} (${values[exposed]}), which clients must not reach. Choose another directory.`;
    }
  }
  const { root, anonymous } = values;
  if (
    root !== undefined &&
    anonymous !== undefined &&
    [STAGING_DIRECTORY, TRASH_DIRECTORY].some((own) => contains(path.join(root, own), anonymous))
  ) {
    yield `${labelOf('anonymous')}: ${anonymous} is where unfinished uploads or deleted files lie, which guests must not see. Choose another directory.`;
  }
}

const TITLES = {
  data: 'the data directory',
  'log-dir': 'the log directory',
  'tls-key': 'the private key',
  'hook-secret': 'the key of the hooks',
  root: 'the homes of all accounts',
} as const;

function contains(directory: string, inner: string | undefined): boolean {
  if (inner === undefined) return false;
  return !/^\.\.(\/|$)/.test(path.relative(withoutLinks(directory), withoutLinks(inner)));
}

/** The existing part of a path without symbolic links, and the rest as written. */
function withoutLinks(pathname: string): string {
  try {
    return realpathSync(pathname);
  } catch {
    const parent = path.dirname(pathname);
    return parent === pathname
      ? pathname
      : path.join(withoutLinks(parent), path.basename(pathname));
  }
}
