import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AccountRepository } from '../../db/account-repository.ts';
import { InviteRepository } from '../../db/invite-repository.ts';
import { migrate } from '../../db/migrate.ts';
import { openDatabase } from '../../db/open-database.ts';
import { QuotaRepository } from '../../db/quota-repository.ts';
import { NO_RULES } from '../disk/creation-rules.ts';
import {
  LoginRefusedError,
  PasswordNotAllowedError,
  SignUpRefusedError,
  UsernameNotAllowedError,
  UsernameTakenError,
} from '../errors/errors.ts';
import {
  AccountAdministration,
  type AccountDetails,
  HomeExistsError,
  UnknownAccountError,
} from './account-administration.ts';
import { Accounts } from './accounts.ts';
import { ElsewhereHomes } from './elsewhere-homes.ts';
import { GuessGuard } from './guess-guard.ts';
import { HomeDirectories } from './home-directories.ts';
import { Invites } from './invites.ts';
import { LoginThrottle } from './login-throttle.ts';
import { type Argon2, PasswordHash } from './password-hash.ts';
import { SignUp, type SignUpMode } from './sign-up.ts';

const ANNA = { username: 'Anna', password: '12345678', invite: undefined };
const MINUTE_MS = 60_000;
const ADDRESS = '127.0.0.1';

let nowMs: number;
let checks: number;
let meanwhile: () => Promise<void>;
let rootDir: string;
let homes: HomeDirectories;
let accounts: Accounts;
let signUps: SignUp;
let administration: AccountAdministration;
let repositories: {
  accounts: AccountRepository;
  quotas: QuotaRepository;
  invites: InviteRepository;
};

/** Counts the work, and is quick. */
const argon2: Argon2 = {
  hash: async (password) => `hash of ${password}`,
  verify: async (storedHash, password) => {
    checks += 1;
    await meanwhile();
    return storedHash === `hash of ${password}`;
  },
};

async function listOf() {
  const all: AccountDetails[] = [];
  for await (const page of administration.pages()) all.push(...page);
  return all;
}

beforeEach(async () => {
  rootDir = await mkdtemp(join(tmpdir(), 'myftp-accounts-'));
  homes = new HomeDirectories(rootDir);
  nowMs = 1000;
  checks = 0;
  meanwhile = async () => {};
  const { queries } = openDatabase(':memory:');
  await migrate(queries);
  repositories = {
    accounts: new AccountRepository(queries),
    quotas: new QuotaRepository(queries),
    invites: new InviteRepository(queries),
  };
});

afterEach(() => rm(rootDir, { recursive: true }));

function setUp(mode: SignUpMode, maxAccounts = 0): void {
  const now = () => nowMs;
  const passwords = new PasswordHash({ now, argon2 });
  const guard = new GuessGuard({ throttle: new LoginThrottle({ now }) });
  const defaults = { passwords, now, quotaBytes: 5000, maxFiles: 50, creation: NO_RULES };
  accounts = new Accounts({ ...repositories, passwords, guard, now });
  signUps = new SignUp({ ...repositories, homes, rules: { signup: mode, maxAccounts }, defaults });
  const directories = { rootDir, dataDir: rootDir, logDir: rootDir };
  const elsewhere = new ElsewhereHomes(repositories.accounts, directories);
  administration = new AccountAdministration({ ...repositories, homes, elsewhere, defaults });
}

describe('authenticate', () => {
  beforeEach(async () => {
    setUp('open');
    await signUps.create(ANNA);
  });

  test('the right password gives the account, the name in any case', async () => {
    expect(await accounts.authenticate('aNNA', '12345678', ADDRESS)).toMatchObject({
      id: 1,
      username: 'Anna',
      home: 'anna',
      creation: NO_RULES,
      mustChangePassword: false,
      isExternal: false,
      kind: 'user',
    });
  });

  test('a login is noted with its time, a failed one is not', async () => {
    nowMs = 2000;
    await accounts.authenticate('anna', 'wrong', ADDRESS);
    expect(await administration.show('anna')).toMatchObject({ lastLoginAtMs: undefined });
    await accounts.authenticate('anna', '12345678', ADDRESS);
    expect(await administration.show('anna')).toMatchObject({ lastLoginAtMs: 2000 });
  });

  test.each(['anna', 'nobody', 'disabled', 'anonymous', '', 'no\0name', 'x'.repeat(4000)])(
    'a wrong password for %s costs one check, and so does each further one',
    async (username) => {
      await administration.add({ username: 'disabled', password: '12345678' });
      await administration.disable('disabled');
      expect(await accounts.authenticate(username, 'wrong-password', ADDRESS)).toEqual(
        expect.any(String),
      );
      expect(await accounts.authenticate(username, 'wrong-password', ADDRESS)).toEqual(
        expect.any(String),
      );
      expect(checks).toBe(2);
    },
  );

  test('a disabled account is refused at once, remembered or not, at the same cost', async () => {
    await accounts.authenticate('anna', '12345678', ADDRESS);
    await administration.disable('anna');
    checks = 0;
    expect(await accounts.authenticate('anna', '12345678', ADDRESS)).toEqual(expect.any(String));
    expect(checks).toBe(1);
    await administration.enable('anna');
    expect(await accounts.authenticate('anna', '12345678', ADDRESS)).toMatchObject({
      username: 'Anna',
    });
  });

  test('parallel and further logins are checked once in five minutes', async () => {
    const login = () => accounts.authenticate('anna', '12345678', ADDRESS);
    await Promise.all([login(), login(), login()]);
    nowMs += 4 * MINUTE_MS;
    await login();
    expect(checks).toBe(1);
    nowMs += 2 * MINUTE_MS;
    await login();
    expect(checks).toBe(2);
  });

  test('the old password ends with the new one', async () => {
    await accounts.authenticate('anna', '12345678', ADDRESS);
    await administration.setPassword({
      username: 'anna',
      password: 'new-password',
      mustChange: false,
    });
    expect(await accounts.authenticate('anna', '12345678', ADDRESS)).toEqual(expect.any(String));
    expect(await accounts.authenticate('anna', 'new-password', ADDRESS)).toMatchObject({
      username: 'Anna',
    });
  });

  test('an account that is disabled while its password is checked stays out', async () => {
    meanwhile = () => administration.disable('anna');
    expect(await accounts.authenticate('anna', '12345678', ADDRESS)).toEqual(expect.any(String));
  });
});

describe('others behind the same address who guess', () => {
  test.each([1, 60])('do not delay whose login was right %i minutes ago', async (minutes) => {
    setUp('open');
    await signUps.create(ANNA);
    await accounts.authenticate('anna', ANNA.password, ADDRESS);
    nowMs += minutes * MINUTE_MS;
    let ended = 0;
    for (let count = 0; count < 20; count += 1) {
      void accounts.authenticate('anna', `guess ${count}`, ADDRESS).then(() => {
        ended += 1;
      });
    }
    await new Promise(setImmediate);
    expect(await accounts.authenticate('anna', ANNA.password, ADDRESS)).toMatchObject({
      username: 'Anna',
    });
    expect(ended).toBeLessThan(5);
  });
});

describe('signUp', () => {
  test('creates an account with its home and the default quota', async () => {
    setUp('open');
    expect(await signUps.create(ANNA)).toEqual({
      id: 1,
      username: 'Anna',
      home: 'anna',
      kind: 'user',
    });
    expect(await administration.show('anna')).toEqual({
      id: 1,
      username: 'Anna',
      home: 'anna',
      creation: NO_RULES,
      access: {},
      ownAccess: {},
      mustChangePassword: false,
      isExternal: false,
      enabled: true,
      createdAtMs: 1000,
      lastLoginAtMs: undefined,
      limitBytes: 5000,
      usedBytes: 0,
      limitEntries: 50,
      usedEntries: 0,
    });
  });

  test('a bad name, a bad password and a name in another case are refused', async () => {
    setUp('open');
    await signUps.create(ANNA);
    const signUp = (change: object) => signUps.create({ ...ANNA, ...change });
    await expect(signUp({ username: '.anna' })).rejects.toThrow(UsernameNotAllowedError);
    await expect(signUp({ username: 'bert', password: '1' })).rejects.toThrow(
      PasswordNotAllowedError,
    );
    await expect(signUp({ username: 'ANNA' })).rejects.toThrow(UsernameTakenError);
    await expect(signUps.check({ ...ANNA, username: 'anNa' })).rejects.toThrow(UsernameTakenError);
  });

  test('one of many who want the same name at once gets it', async () => {
    setUp('open');
    const names = ['anna', 'Anna', 'ANNA', 'annA', 'aNNa'];
    const results = await Promise.allSettled(
      names.map((username) => signUps.create({ ...ANNA, username })),
    );
    expect(reasonsOf(results)).toEqual(Array(4).fill(UsernameTakenError));
    expect(await listOf()).toHaveLength(1);
  });

  test('nobody can sign up where it is off', async () => {
    setUp('off');
    await expect(signUps.check(ANNA)).rejects.toThrow(SignUpRefusedError);
    await expect(signUps.create(ANNA)).rejects.toThrow(SignUpRefusedError);
    expect(await listOf()).toEqual([]);
  });

  test('the name of a removed account is given out by the administrator only', async () => {
    setUp('open');
    await signUps.create(ANNA);
    await administration.remove('anna');
    await expect(signUps.check(ANNA)).rejects.toThrow(UsernameTakenError);
    await expect(signUps.create(ANNA)).rejects.toThrow(UsernameTakenError);
    expect(await administration.add({ ...ANNA, adoptsHome: true })).toMatchObject({
      id: 2,
      home: 'anna',
    });
  });
});

describe('signUp with an invite', () => {
  let invites: Invites;

  beforeEach(() => {
    setUp('invite');
    invites = new Invites({ invites: repositories.invites, now: () => nowMs });
  });

  const invite = (options: { maxUses?: number; lifetimeMs?: number } = {}) =>
    invites.create({ maxUses: 1, lifetimeMs: undefined, ...options });

  test('uses the invite', async () => {
    const { code } = await invite({ maxUses: 2 });
    await signUps.check({ ...ANNA, invite: code });
    await signUps.create({ ...ANNA, invite: code.toLowerCase() });
    expect(await invites.list()).toMatchObject([{ uses: 1 }]);
  });

  test('is refused with none, a wrong, an expired or a revoked one', async () => {
    const expired = await invite({ lifetimeMs: 10 });
    const revoked = await invite();
    await invites.revoke(revoked.id);
    nowMs += 10;
    for (const code of [undefined, '', 'AAAAA-AAAAA', expired.code, revoked.code]) {
      const request = { ...ANNA, invite: code };
      await expect(signUps.check(request)).rejects.toThrow(SignUpRefusedError);
      await expect(signUps.create(request)).rejects.toThrow(SignUpRefusedError);
    }
    expect(await listOf()).toEqual([]);
  });

  test('does not tell who has no invite which names exist', async () => {
    await administration.add(ANNA);
    await expect(signUps.check(ANNA)).rejects.toThrow(SignUpRefusedError);
  });

  test('one of many who want the last use at once gets it', async () => {
    const { code } = await invite();
    const names = ['anna', 'bert', 'carl', 'dora'];
    const results = await Promise.allSettled(
      names.map((username) => signUps.create({ ...ANNA, username, invite: code })),
    );
    expect(reasonsOf(results)).toEqual(Array(3).fill(SignUpRefusedError));
    expect(await listOf()).toHaveLength(1);
    expect(await invites.list()).toMatchObject([{ uses: 1 }]);
  });

  test('does not use it up for a name that somebody else was faster to take', async () => {
    const { code } = await invite({ maxUses: 5 });
    const signUp = () => signUps.create({ ...ANNA, invite: code });
    const results = await Promise.allSettled([signUp(), signUp()]);
    expect(reasonsOf(results)).toEqual([UsernameTakenError]);
    expect(await invites.list()).toMatchObject([{ uses: 1 }]);
  });
});

describe('changePassword', () => {
  test('needs the current password', async () => {
    setUp('open');
    const { id: accountId } = await signUps.create(ANNA);
    const change = (currentPassword: string, newPassword: string) =>
      accounts.changePassword({ accountId, currentPassword, newPassword, address: ADDRESS });
    await expect(change('wrong', 'new-password')).rejects.toThrow(LoginRefusedError);
    await expect(change('12345678', 'short')).rejects.toThrow(PasswordNotAllowedError);
    await change('12345678', 'new-password');
    expect(await accounts.authenticate('anna', 'new-password', ADDRESS)).toMatchObject({
      username: 'Anna',
    });
    await expect(change('12345678', 'old-password')).rejects.toThrow(LoginRefusedError);
  });
});

describe('the administrator', () => {
  test('adds, lists, changes and removes accounts', async () => {
    setUp('off');
    await administration.add({ username: 'bert', password: '12345678', quotaBytes: 7 });
    await administration.add({ username: 'Anna', password: '12345678' });
    await administration.setQuota({ username: 'anna', quotaBytes: 2 ** 53 - 1 });
    const summary = (await listOf()).map(({ username, limitBytes }) => [username, limitBytes]);
    expect(summary).toEqual([
      ['Anna', 2 ** 53 - 1],
      ['bert', 7],
    ]);
    expect(JSON.stringify(await listOf())).not.toContain('hash');
    await administration.remove('anna');
    expect(await listOf()).toHaveLength(1);
    expect(await repositories.quotas.find(2)).toBeUndefined();
  });

  test('is told of a name that no account has', async () => {
    setUp('off');
    for (const act of ['show', 'enable', 'disable', 'remove'] as const) {
      await expect(administration[act]('nobody')).rejects.toThrow(UnknownAccountError);
    }
  });

  test('ends sessions by disabling or removing the account', async () => {
    setUp('off');
    const { id } = await administration.add(ANNA);
    const review = () => accounts.review({ id, kind: 'user' }, ADDRESS);
    expect(await review()).toMatchObject({ account: { username: 'Anna' } });
    await administration.disable('anna');
    expect(await review()).toEqual({ revocation: 'disabled' });
    await administration.enable('anna');
    await administration.remove('anna');
    expect(await review()).toEqual({ revocation: 'disabled' });
  });
});

function reasonsOf(results: readonly PromiseSettledResult<unknown>[]): unknown[] {
  return results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason.constructor] : [],
  );
}

describe('a home that exists already', () => {
  test.each([
    ['a directory', (path: string) => mkdir(path)],
    ['a file', (path: string) => writeFile(path, '')],
    ['a symbolic link', (path: string) => symlink('/etc', path)],
    ['a symbolic link that leads nowhere', (path: string) => symlink('nowhere', path)],
  ])('is refused to a sign-up if it is %s', async (_, make) => {
    await make(join(rootDir, 'anna'));
    setUp('open');
    await expect(signUps.check(ANNA)).rejects.toThrow(UsernameTakenError);
    await expect(signUps.create(ANNA)).rejects.toThrow(UsernameTakenError);
    expect(await listOf()).toEqual([]);
  });

  test('is given to an account only if the administrator says so', async () => {
    await mkdir(join(rootDir, 'anna'));
    setUp('off');
    await expect(administration.add(ANNA)).rejects.toThrow(HomeExistsError);
    await administration.add({ ...ANNA, adoptsHome: true });
    expect(await administration.show('anna')).toMatchObject({ home: 'anna' });
  });

  test('is not given to an account at all if it is a symbolic link', async () => {
    await symlink('/etc', join(rootDir, 'anna'));
    setUp('off');
    await expect(administration.add({ ...ANNA, adoptsHome: true })).rejects.toThrow(
      'not a directory',
    );
  });

  test('is refused also if it appears while the sign-up is under way', async () => {
    setUp('open');
    const { isTaken } = repositories.accounts;
    repositories.accounts.isTaken = async (username) => {
      homes.exists = async () => false;
      await mkdir(join(rootDir, 'anna'));
      return await isTaken.call(repositories.accounts, username);
    };
    await expect(signUps.create(ANNA)).rejects.toThrow(UsernameTakenError);
    expect(await listOf()).toEqual([]);
  });
});

test('a sign-up that fails leaves no home behind', async () => {
  setUp('open');
  repositories.accounts.signUp = () => Promise.reject(new Error('no room'));
  await expect(signUps.create(ANNA)).rejects.toThrow('no room');
  expect(await readdir(rootDir)).toEqual([]);
});

test('sign-ups end at the most accounts, and the administrator can still add some', async () => {
  setUp('open', 1);
  await signUps.create(ANNA);
  const berta = { ...ANNA, username: 'berta' };
  await expect(signUps.create(berta)).rejects.toThrow('no more accounts');
  await administration.add(berta);
  expect(await listOf()).toHaveLength(2);
});
