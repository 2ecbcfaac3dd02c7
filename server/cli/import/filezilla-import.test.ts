import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isForeignHash } from '../../accounts/password-hash.ts';
import { runCommand } from '../../testing/run-command.ts';
import { TestServer } from '../../testing/test-server.ts';

/** Of "correct horse", as FileZilla Server 1 stores it: PBKDF2, then MD5 and SHA-512 of accounts from 0.9. */
const PASSWORDS = {
  pbkdf2: `<password index="1"><hash>621cjeX8yFC6lIGGplSHTPPlamgygcle/SRgOg5ykIo</hash>
    <salt>AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8</salt><iterations>100000</iterations></password>`,
  md5: '<password index="2"><hash>PLTnMmMfR+brlh80VUt83g</hash></password>',
  sha512: `<password index="3"><hash>29QtyxbW0Qth2GH5GN0ihmagtB/755oiG+oG0UjEg6L9UK/JDvWsZp5ejiy5IkbcHEawwhh/SPu9ZHDfEL2J9A</hash>
    <salt>AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw</salt></password>`,
};

const OLD_PASSWORDS = `<FileZillaServer><Users>
  <User Name="old-md5"><Option Name="Pass">3CB4E732631F47E6EB961F34554B7CDE</Option></User>
  <User Name="old-sha512"><Option Name="Pass">B3A04CD351C52E2B725FF9D5D642520ECB982B3705B1FBDD1127BF49616960FE814B126625F2E30C2F15B921F606307765866549ADEACE9DA82E45C7D4B9526C</Option>
    <Option Name="Salt"> a&lt;b&amp;c"d </Option></User>
  <User Name="old-open"><Option Name="Pass"></Option></User>
</Users></FileZillaServer>`;

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.dispose());

async function importXml(xml: string, ...options: string[]) {
  const file = join(server.directory, 'users.xml');
  await writeFile(file, xml);
  return runCommand(['import', 'filezilla', file, '--data', server.settings.dataDir, ...options]);
}

function account(username: string) {
  return server.withDatabase(({ accounts }) => accounts.findByUsername(username));
}

test('accounts of version 1 log in with their passwords, rights and rates', async () => {
  const mount = '<mount_point tvfs_path="/" native_path="D:\\ftp" access="0"/>';
  const rates = '<rate_limits inbound="1000000" outbound="unlimited"/>';
  const users = Object.entries(PASSWORDS).map(
    ([name, password]) => `<user name="${name}">${mount}${rates}${password}</user>`,
  );
  expect(await importXml(`<filezilla>${users.join('')}</filezilla>`)).toEqual({
    code: 0,
    stdout: 'Imported 3 accounts.\n',
    stderr: '',
  });
  for (const name of Object.keys(PASSWORDS)) {
    await expect(server.login(name, 'wrong horse')).rejects.toThrow('530');
    const client = await server.login(name);
    expect((await client.command('MKD x')).code).toBe(550);
    expect(isForeignHash((await account(name))?.passwordHash ?? '')).toBe(false);
  }
  expect(await account('md5')).toMatchObject({ rateUp: 1_000_000, rateDown: undefined });
});

test('accounts of version 0.9 log in, and one without a password is named', async () => {
  const dry = await importXml(OLD_PASSWORDS, '--dry-run', '--json');
  const omitted = ['a home: none is given, so the account can only read'];
  expect(JSON.parse(dry.stdout)).toMatchObject({
    imported: [],
    names: ['old-md5', 'old-sha512', 'old-open'],
    incomplete: [
      { name: 'old-md5', line: 2, needsPassword: false, omitted },
      { name: 'old-sha512', line: 3, needsPassword: false, omitted },
      { name: 'old-open', line: 5, needsPassword: true, omitted },
    ],
  });
  expect(await account('old-md5')).toBeUndefined();
  const { stdout } = await importXml(OLD_PASSWORDS);
  expect(stdout).toContain(
    '  old-open: has no password (set one: myftp-server user passwd old-open); not taken over: a home',
  );
  await server.login('old-md5');
  await server.login('old-sha512');
  await expect(server.login('old-open', '')).rejects.toThrow(/5\d\d/);
});

test('a digest that can be guessed quickly is not kept as it is', async () => {
  const user = `<user name="weak">${PASSWORDS.md5}</user>`;
  await importXml(`<filezilla>${user}</filezilla>`);
  const { passwordHash = '' } = (await account('weak')) ?? {};
  expect(passwordHash).toMatch(/^\$md5\+argon2\$\$argon2id\$/);
  expect(passwordHash).not.toContain('PLTnMmMf');
});
