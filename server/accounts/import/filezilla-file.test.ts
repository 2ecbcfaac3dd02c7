import { describe, expect, test } from '@jest/globals';
import { readFilezillaFile } from './filezilla-file.ts';
import { ImportFileError } from './imported-account.ts';

/** A `users.xml` of version 1 with the elements of one user. */
function users(elements: string, attributes = 'enabled="true"'): string {
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<filezilla xmlns="https://filezilla-project.org" fz:product_version="1.9.4">
\t<default_impersonator index="0" enabled="false"/>
\t<user name="&lt;system user&gt;" enabled="false"><mount_point tvfs_path="/" access="1"/></user>
\t<user name="anna" ${attributes}>
${elements}
\t</user>
</filezilla>
`;
}

function mount(path: string, native: string, more = 'access="1" recursive="2"'): string {
  return `<mount_point tvfs_path="${path}" native_path="${native}" ${more}/>`;
}

/** A `FileZilla Server.xml` of version 0.9 with the elements of one user, who is in the group `staff`. */
function oldUsers(elements: string, groupElements = ''): string {
  return `<FileZillaServer>
    <Groups><Group Name="staff">${groupElements}</Group></Groups>
    <Users>
        <User Name="anna"><Option Name="Group">staff</Option>${elements}</User>
    </Users>
</FileZillaServer>`;
}

const OLD_RIGHTS = [
  'FileRead',
  'FileWrite',
  'FileDelete',
  'FileAppend',
  'DirCreate',
  'DirDelete',
  'DirList',
];

function permission(directory: string, given: readonly string[], more = ''): string {
  const options = [...OLD_RIGHTS, 'DirSubdirs', 'IsHome'].map(
    (name) => `<Option Name="${name}">${given.includes(name) ? 1 : 0}</Option>`,
  );
  return `<Permission Dir="${directory}">${options.join('')}${more}</Permission>`;
}

const HOME = [...OLD_RIGHTS, 'DirSubdirs', 'IsHome'];

function accountIn(xml: string) {
  const [account] = readFilezillaFile(xml);
  return account;
}

describe('version 1', () => {
  test('an account that may do all has no rules, and the pseudo-account of the system is left out', () => {
    const xml = users(`${mount('/', 'D:\\ftp\\anna')}<password index="0"/>`);
    expect(readFilezillaFile(xml)).toEqual([
      {
        line: 5,
        username: 'anna',
        enabled: true,
        password: undefined,
        rights: undefined,
        rates: { up: undefined, down: undefined },
        omitted: [],
      },
    ]);
  });

  test.each([
    ['access="0" recursive="2"', 'read-only'],
    ['access="2"', 'none'],
    ['access="1"', undefined],
    ['access="1" recursive="1"', 'list,read,write,overwrite,append,delete,rename,chmod,mfmt'],
  ])('%s gives the rights %s', (attributes, rights) => {
    const account = accountIn(users(mount('/', '/srv/anna', attributes)));
    expect(account?.rights?.['/']).toBe(rights);
  });

  test('a directory within the home becomes a rule, others are named', () => {
    const mounts = [
      mount('/pub', 'd:/FTP/anna/pub', 'access="0"'),
      mount('/', 'D:\\ftp\\anna\\'),
      mount('/music', 'E:\\music'),
      mount('/other', 'D:\\ftp\\anna2\\other'),
      '<mount_point tvfs_path="/new" native_path="" new_native_path="/srv/new" access="1"/>',
    ];
    expect(accountIn(users(mounts.join('')))).toMatchObject({
      rights: { '/': 'full', '/pub': 'read-only' },
      omitted: [
        'the directory /music (E:\\music)',
        'the directory /other (D:\\ftp\\anna2\\other)',
        'the directory /new (/srv/new)',
      ],
    });
  });

  test('an account whose home its groups give can only read', () => {
    const account = accountIn(users('<group>staff</group><group>public</group>'));
    expect(account?.rights).toEqual({ '/': 'read-only' });
    expect(account?.omitted).toEqual([
      'a home: none is given, so the account can only read',
      'the group staff',
      'the group public',
    ]);
  });

  test('rates are those that all sessions share: inbound is what clients upload', () => {
    const limits =
      '<rate_limits inbound="2048000" outbound="100" session_inbound="5" session_outbound="unlimited"/>';
    const account = accountIn(users(`${mount('/', '/srv/anna')}${limits}`));
    expect(account).toMatchObject({
      rates: { up: 2_048_000, down: 1024 },
      omitted: ['rates for each session'],
    });
  });

  test('what has no counterpart is named', () => {
    const xml = users(
      `${mount('/', '/srv/anna', 'access="1" recursive="0"')}
       <rate_limits inbound="unlimited" outbound="unlimited" session_inbound="unlimited"/>
       <allowed_ips>10.0.0.0/8</allowed_ips><disallowed_ips></disallowed_ips>
       <session_count_limit>3</session_count_limit>`,
      'enabled="false"',
    );
    expect(accountIn(xml)).toMatchObject({
      enabled: false,
      omitted: [
        'a limit of sessions',
        'a filter of addresses',
        'rights for / without its subdirectories',
      ],
    });
  });
});

describe('version 0.9', () => {
  test('all rights in the home are no rule', () => {
    const xml = oldUsers(`<Permissions>${permission('C:\\ftp\\anna', HOME)}</Permissions>`);
    expect(accountIn(xml)).toMatchObject({
      line: 4,
      rights: undefined,
      omitted: [],
      enabled: true,
    });
  });

  test('single rights, a rule for a directory in the home, and an alias elsewhere', () => {
    const alias = '<Aliases><Alias>/music</Alias></Aliases>';
    const permissions = [
      permission('C:\\ftp\\anna', ['IsHome', 'DirSubdirs', 'DirList', 'FileRead', 'FileWrite']),
      permission('C:\\ftp\\anna\\in box', ['DirSubdirs', 'FileWrite', 'FileDelete', 'FileAppend']),
      permission('E:\\music', ['DirSubdirs', 'DirList'], alias),
      permission('E:\\other', ['DirList']),
    ];
    expect(accountIn(oldUsers(`<Permissions>${permissions.join('')}</Permissions>`))).toMatchObject(
      {
        rights: {
          '/': 'list,read,write,overwrite,mfmt',
          '/in box': 'write,overwrite,mfmt,append,delete,rename',
        },
        omitted: [
          'the directory /music (E:\\music)',
          'the directory E:\\other',
          'rights for E:\\other without its subdirectories',
        ],
      },
    );
  });

  test('the group decides what the user leaves open', () => {
    const group = `<Option Name="Enabled">0</Option><Option Name="ForceSsl">1</Option>
      <Permissions>${permission('C:\\ftp\\staff', ['IsHome', 'DirSubdirs', 'DirList'])}</Permissions>
      <SpeedLimits DlType="2" DlLimit="100" UlType="2" UlLimit="10"/>`;
    const user = `<Option Name="Enabled">2</Option><Option Name="User Limit">2</Option>
      <IpFilter><Disallowed><IP Address="*"/></Disallowed><Allowed/></IpFilter>
      <SpeedLimits DlType="1" DlLimit="10" UlType="0" UlLimit="10"/>`;
    expect(accountIn(oldUsers(user, group))).toMatchObject({
      enabled: false,
      rights: { '/': 'list' },
      rates: { up: 10_240, down: undefined },
      omitted: ['a limit of sessions', 'that TLS is required', 'a filter of addresses'],
    });
  });

  test('rates that change with time are named', () => {
    const limits =
      '<SpeedLimits DlType="3" UlType="0"><Download><Rule Speed="8"/></Download></SpeedLimits>';
    expect(accountIn(oldUsers(limits))?.omitted).toContain('rates by time');
  });
});

describe('a bad file is refused with its line', () => {
  test.each([
    ['<a>\n\n<b></a>', 3, 'This is no XML'],
    ['<!DOCTYPE a [<!ENTITY x "y">]>\n<filezilla>&x;</filezilla>', 2, "entity isn't defined"],
    ['<?xml version="1.0"?>\r\n<rss/>', 2, 'begins with <rss>'],
    ['<filezilla/>', 1, 'users.xml has them'],
    ['<FileZillaServer><Users/></FileZillaServer>', 1, 'no accounts'],
    [users('<password index="1"><hash>AAAA</hash><salt>AA</salt></password>'), 5, 'not stored as'],
    [users('<password index="2"><hash>AAAA</hash></password>'), 5, 'not stored as'],
    [oldUsers('<Option Name="Pass">secret</Option>'), 4, '32 hexadecimal digits'],
  ])('%j', (xml, line, message) => {
    let failure: unknown;
    try {
      readFilezillaFile(xml);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(ImportFileError);
    const text = expect.stringContaining(message);
    expect((failure as ImportFileError).problems).toEqual([{ line, message: text }]);
  });
});
