import type { XmlElement } from '@rgrove/parse-xml';
import type { AccountRates } from '../accounts.ts';
import { type Mount, pathWithin, rightsOfMounts } from './filezilla-mounts.ts';
import {
  type ImportedAccount,
  type ImportedPassword,
  ImportFileError,
} from './imported-account.ts';
import { childrenOf } from './xml-file.ts';

const ON = '1';
/** The group decides. */
const BY_GROUP = '2';

const NO_LIMIT = '1';
const CONSTANT_LIMIT = '2';
const LIMIT_BY_RULES = '3';
const BYTES_PER_UNIT = 1024;

/** Rights that each of FileZilla's gives. Renaming needs two. */
const RIGHTS: Readonly<Record<string, string>> = {
  DirList: 'list',
  FileRead: 'read',
  FileWrite: 'write,overwrite,mfmt',
  FileAppend: 'append',
  FileDelete: 'delete',
  DirCreate: 'mkdir',
  DirDelete: 'rmdir',
};

/** Options of a user that MyFTP has nothing for, by the values that set nothing. */
const OMITTED: readonly { option: string; text: string; unset: readonly string[] }[] = [
  { option: 'User Limit', text: 'a limit of sessions', unset: ['', '0'] },
  { option: 'IP Limit', text: 'a limit of sessions for each address', unset: ['', '0'] },
  { option: 'ForceSsl', text: 'that TLS is required', unset: ['', '0', BY_GROUP] },
];

/** Reads `FileZilla Server.xml` of FileZilla Server 0.9. @throws ImportFileError */
export function readFilezillaOldUsers(
  root: XmlElement,
  lineOf: (element: XmlElement) => number,
): readonly ImportedAccount[] {
  const users = childrenOf(root, 'Users').flatMap((element) => childrenOf(element, 'User'));
  if (users.length === 0)
    throw ImportFileError.at(lineOf(root), 'There are no accounts in this file.');
  const groups = childrenOf(root, 'Groups').flatMap((element) => childrenOf(element, 'Group'));
  const groupNamed = new Map(groups.map((group) => [group.attributes.Name, group]));
  return users.map((user) => {
    const group = groupNamed.get(optionOf(user, 'Group'));
    return accountOf(user, group, lineOf(user));
  });
}

function accountOf(user: XmlElement, group: XmlElement | undefined, line: number): ImportedAccount {
  const owners = group === undefined ? [user] : [user, group];
  const permissions = owners
    .flatMap((owner) => childrenOf(owner, 'Permissions'))
    .flatMap((element) => childrenOf(element, 'Permission'));
  const { rights, omitted } = rightsOfMounts(mountsOf(permissions));
  return {
    line,
    username: user.attributes.Name ?? '',
    password: passwordOf(user, line),
    enabled: isEnabled(owners),
    rights,
    rates: ratesOf(owners),
    omitted: [...omitted, ...omittedOf(owners), ...subdirectoriesOf(permissions)],
  };
}

/** A group decides for the users that leave it open. */
function isEnabled(owners: readonly XmlElement[]): boolean {
  const values = owners.map((owner) => optionOf(owner, 'Enabled'));
  return values.find((value) => value !== '' && value !== BY_GROUP) !== '0';
}

/** The first one that is a home is mounted at `/`; those of a user come before those of its group. */
function mountsOf(permissions: readonly XmlElement[]): readonly Mount[] {
  const home = permissions.find((permission) => optionOf(permission, 'IsHome') === ON);
  const root = home?.attributes.Dir ?? '';
  return permissions.flatMap((permission) => {
    const { Dir: native = '' } = permission.attributes;
    const rights = rightsOf(permission);
    const aliases = childrenOf(permission, 'Aliases')
      .flatMap((element) => childrenOf(element, 'Alias'))
      .map(({ text }) => text.trim());
    const [first = pathWithin(root, native) ?? native, ...others] = aliases;
    const paths = permission === home ? ['/'] : [first, ...others];
    return paths.map((path) => ({ path, native, rights }));
  });
}

function rightsOf(permission: XmlElement): string {
  const isGiven = (option: string) => optionOf(permission, option) === ON;
  const names = Object.keys(RIGHTS).filter(isGiven);
  if (names.length === Object.keys(RIGHTS).length) return 'full';
  const rights = names.map((name) => RIGHTS[name]);
  const rename = isGiven('FileWrite') && isGiven('FileDelete') ? ['rename'] : [];
  return [...rights, ...rename].join(',') || 'none';
}

/** MD5, or SHA-512 of the password followed by the salt. */
function passwordOf(user: XmlElement, line: number): ImportedPassword | undefined {
  const [pass, salt] = [optionOf(user, 'Pass'), rawOptionOf(user, 'Salt')];
  if (pass === '') return undefined;
  const method = salt === '' ? 'md5' : 'sha512';
  const digits = method === 'md5' ? 32 : 128;
  if (pass.length !== digits || /[^0-9a-f]/i.test(pass))
    throw ImportFileError.at(line, `The password is no hash of ${digits} hexadecimal digits.`);
  return { kind: 'digest', method, digest: Buffer.from(pass, 'hex'), salt: Buffer.from(salt) };
}

function ratesOf(owners: readonly XmlElement[]): AccountRates {
  return { up: rateOf(owners, 'Ul'), down: rateOf(owners, 'Dl') };
}

/** @returns bytes per second; undefined for no limit. */
function rateOf(owners: readonly XmlElement[], direction: 'Ul' | 'Dl'): number | undefined {
  for (const { attributes } of limitsOf(owners)) {
    const type = attributes[`${direction}Type`];
    if (type === NO_LIMIT || type === LIMIT_BY_RULES) return undefined;
    const limit = Number(attributes[`${direction}Limit`]);
    if (type === CONSTANT_LIMIT) return limit > 0 ? limit * BYTES_PER_UNIT : undefined;
  }
  return undefined;
}

function omittedOf(owners: readonly XmlElement[]): string[] {
  const options = OMITTED.filter(({ option, unset }) =>
    owners.some((owner) => !unset.includes(optionOf(owner, option))),
  );
  const isFiltered = owners
    .flatMap((owner) => childrenOf(owner, 'IpFilter'))
    .flatMap((filter) => [...childrenOf(filter, 'Disallowed'), ...childrenOf(filter, 'Allowed')])
    .some((list) => childrenOf(list, 'IP').length > 0);
  const byRules = limitsOf(owners).some(({ attributes: { UlType, DlType } }) =>
    [UlType, DlType].includes(LIMIT_BY_RULES),
  );
  return [
    ...options.map(({ text }) => text),
    ...(isFiltered ? ['a filter of addresses'] : []),
    ...(byRules ? ['rates by time'] : []),
  ];
}

function subdirectoriesOf(permissions: readonly XmlElement[]): string[] {
  return permissions
    .filter((permission) => optionOf(permission, 'DirSubdirs') !== ON)
    .map(({ attributes }) => `rights for ${attributes.Dir} without its subdirectories`);
}

function limitsOf(owners: readonly XmlElement[]): readonly XmlElement[] {
  return owners.flatMap((owner) => childrenOf(owner, 'SpeedLimits'));
}

function optionOf(parent: XmlElement, name: string): string {
  return rawOptionOf(parent, name).trim();
}

/** With spaces at its ends, which a salt may have. */
function rawOptionOf(parent: XmlElement, name: string): string {
  const options = childrenOf(parent, 'Option');
  return options.find(({ attributes }) => attributes.Name === name)?.text ?? '';
}
