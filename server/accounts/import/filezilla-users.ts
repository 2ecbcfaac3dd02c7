import type { XmlElement } from '@rgrove/parse-xml';
import type { AccountRates } from '../accounts.ts';
import { pbkdf2Hash } from '../imported-hash.ts';
import { type Mount, rightsOfMounts } from './filezilla-mounts.ts';
import {
  type ImportedAccount,
  type ImportedPassword,
  ImportFileError,
} from './imported-account.ts';
import { childrenOf, textOf } from './xml-file.ts';

/** Stands for all users of the operating system. */
const SYSTEM_USER = '<system user>';

const UNLIMITED = 'unlimited';

/** Bytes per second that a transfer needs. */
const MIN_RATE = 1024;

/** Numbers of FileZilla Server's enumerations. */
const NO_PASSWORD = '0';
const PBKDF2 = '1';
const DIGESTS: Readonly<Record<string, { method: 'md5' | 'sha512'; bytes: number }>> = {
  2: { method: 'md5', bytes: 16 },
  3: { method: 'sha512', bytes: 64 },
};
const READ_ONLY = '0';
const DISABLED = '2';
const THIS_DIRECTORY_ONLY = '0';
const FIXED_STRUCTURE = '1';

/** All but making and removing directories. */
const FIXED_STRUCTURE_RIGHTS = 'list,read,write,overwrite,append,delete,rename,chmod,mfmt';

/** Reads `users.xml` of FileZilla Server 1. @throws ImportFileError */
export function readFilezillaUsers(
  root: XmlElement,
  lineOf: (element: XmlElement) => number,
): readonly ImportedAccount[] {
  const users = childrenOf(root, 'user');
  if (users.length === 0)
    throw ImportFileError.at(
      lineOf(root),
      'There are no accounts in this file; users.xml has them.',
    );
  return users
    .filter(({ attributes: { name } }) => name !== SYSTEM_USER)
    .map((user) => accountOf(user, lineOf(user)));
}

function accountOf(user: XmlElement, line: number): ImportedAccount {
  const { name = '', enabled = 'true' } = user.attributes;
  const { rights, omitted } = rightsOfMounts(childrenOf(user, 'mount_point').map(mountOf));
  const [limits] = childrenOf(user, 'rate_limits');
  return {
    line,
    username: name,
    password: passwordOf(childrenOf(user, 'password')[0], line),
    enabled: enabled === 'true' || enabled === '1',
    rights,
    rates: ratesOf(limits?.attributes ?? {}),
    omitted: [...omitted, ...omittedOf(user), ...subdirectoriesOf(user)],
  };
}

function mountOf({ attributes }: XmlElement): Mount {
  const { tvfs_path: path = '/', native_path: native = '', new_native_path } = attributes;
  return { path, native: new_native_path ?? native, rights: rightsOf(attributes) };
}

/** Values that are left out are FileZilla's defaults. */
function rightsOf({ access, recursive }: XmlElement['attributes']): string {
  if (access === DISABLED) return 'none';
  if (access === READ_ONLY) return 'read-only';
  return recursive === THIS_DIRECTORY_ONLY || recursive === FIXED_STRUCTURE
    ? FIXED_STRUCTURE_RIGHTS
    : 'full';
}

/** FileZilla's inbound is what clients upload. */
function ratesOf({ inbound, outbound }: XmlElement['attributes']): AccountRates {
  return { up: rateOf(inbound), down: rateOf(outbound) };
}

/** @returns bytes per second; undefined for no limit. */
function rateOf(text = UNLIMITED): number | undefined {
  return /^[1-9]\d{0,14}$/.test(text) ? Math.max(Number(text), MIN_RATE) : undefined;
}

/** @returns undefined for an account without a password of its own. */
function passwordOf(element: XmlElement | undefined, line: number): ImportedPassword | undefined {
  const index = element?.attributes.index ?? NO_PASSWORD;
  if (index === NO_PASSWORD) return undefined;
  const digest = Buffer.from(textOf(element, 'hash'), 'base64');
  const salt = Buffer.from(textOf(element, 'salt'), 'base64');
  if (index === PBKDF2) {
    const iterations = Number(textOf(element, 'iterations'));
    const hash = pbkdf2Hash({ iterations, salt, key: digest });
    if (hash !== undefined) return { kind: 'hash', hash };
  }
  const kind = DIGESTS[index];
  if (kind?.bytes === digest.length) return { kind: 'digest', method: kind.method, digest, salt };
  throw ImportFileError.at(line, 'The password is not stored as FileZilla Server does it.');
}

function omittedOf(user: XmlElement): string[] {
  const [limits] = childrenOf(user, 'rate_limits');
  const { session_inbound: up = UNLIMITED, session_outbound: down = UNLIMITED } =
    limits?.attributes ?? {};
  const groups = childrenOf(user, 'group').map(({ text }) => `the group ${text.trim()}`);
  const sessions = textOf(user, 'session_count_limit');
  const addresses = `${textOf(user, 'allowed_ips')}${textOf(user, 'disallowed_ips')}`;
  return [
    ...groups,
    ...(up === UNLIMITED && down === UNLIMITED ? [] : ['rates for each session']),
    ...(sessions === '' || sessions === '0' || sessions === UNLIMITED
      ? []
      : ['a limit of sessions']),
    ...(addresses === '' ? [] : ['a filter of addresses']),
  ];
}

function subdirectoriesOf(user: XmlElement): string[] {
  return childrenOf(user, 'mount_point')
    .filter(({ attributes: { recursive } }) => recursive === THIS_DIRECTORY_ONLY)
    .map(({ attributes }) => `rights for ${attributes.tvfs_path} without its subdirectories`);
}
