import { expect, test } from '@jest/globals';
import { Keyring } from './keyring.ts';
import { SavedPasswords } from './saved-passwords.ts';
import { SITE } from './testing/example-site.ts';

function memoryKeyring(): { keyring: Keyring; kept: Map<string, string> } {
  const kept = new Map<string, string>();
  const keyring = new Keyring(async () => (service, account) => {
    const key = `${service}/${account}`;
    return {
      getPassword: async () => kept.get(key) ?? null,
      setPassword: async (password) => void kept.set(key, password),
      deletePassword: async () => kept.delete(key),
    };
  });
  return { keyring, kept };
}

const NO_NETRC = { netrc: '/nowhere/.netrc', warn: () => {} };

test('a password is kept by account, not by bookmark', async () => {
  const { keyring, kept } = memoryKeyring();
  const passwords = new SavedPasswords({ ...NO_NETRC, keyring });
  expect(await passwords.keep(SITE, 'secret')).toBe(true);
  expect([...kept]).toEqual([['myftp/anna@ftp.example.org:21', 'secret']]);
  expect(await passwords.find({ ...SITE })).toBe('secret');
  await passwords.forget(SITE);
  expect(await passwords.find(SITE)).toBeUndefined();
});

test('a new password takes the place only of one that is kept', async () => {
  const { keyring, kept } = memoryKeyring();
  const passwords = new SavedPasswords({ ...NO_NETRC, keyring });
  await passwords.renew(SITE, 'new');
  expect(kept.size).toBe(0);
  await passwords.keep(SITE, 'old');
  await passwords.renew(SITE, 'new');
  expect(await passwords.find(SITE)).toBe('new');
});

test.each([
  [
    'is not there',
    async () => {
      throw new Error('no native binding');
    },
  ],
  [
    'is locked',
    async () => () => {
      const refuse = async () => {
        throw new Error('locked');
      };
      return { getPassword: refuse, setPassword: refuse, deletePassword: refuse };
    },
  ],
])('a keyring that %s is like an empty one', async (_, load) => {
  const keyring = new Keyring(load);
  expect(await keyring.read(SITE)).toBeUndefined();
  expect(await keyring.write(SITE, 'secret')).toBe(false);
  await keyring.remove(SITE);
});

test('no keyring is asked if the settings say so', async () => {
  const passwords = new SavedPasswords({ ...NO_NETRC, keyring: 'none' });
  expect(passwords.canKeep).toBe(false);
  expect(await passwords.keep(SITE, 'secret')).toBe(false);
});
