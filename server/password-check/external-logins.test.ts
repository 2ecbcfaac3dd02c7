import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { silentLogs } from '../logging/logging.ts';
import { ControlClient } from '../testing/control-client.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

const PASSWORD = 'correct horse';
const MINUTE_MS = 60_000;

let nowMs = Date.now();
let directory: string;
let server: TestServer;
let count = 0;
let name: string;
const logged: Record<string, unknown>[] = [];
/** Lines of logins.log. */
const refusals: string[] = [];
const clients: ControlClient[] = [];

beforeAll(async () => {
  directory = await TestServer.newDirectory();
  const file = join(directory, 'check');
  // The answers of a name lie in a file that a test writes; any other password than the right one is refused.
  const script = `cat > input; cat input >> inputs
if grep -q '"password":"${PASSWORD}"' input; then cat answer; else echo '{"ok":false}'; fi`;
  writeFileSync(file, `#!/bin/sh\ncd ${directory}\n${script}\n`);
  chmodSync(file, 0o755);
  const log = pino({ level: 'error' }, { write: (line) => logged.push(JSON.parse(line)) });
  const logins = pino({ level: 'warn' }, { write: (line) => refusals.push(line) });
  server = await TestServer.start({
    directory,
    logs: { ...silentLogs(), server: log, logins },
    settings: {
      passwordCheck: { kind: 'program', file },
      passwordCheckRememberMs: MINUTE_MS,
      neverBan: [],
      banAfter: 1000,
    },
    now: () => nowMs,
  });
});
afterAll(() => server.dispose());
beforeEach(() => {
  count += 1;
  name = `anna${count}`;
  // What failed before is forgiven.
  nowMs += 60 * MINUTE_MS;
  logged.splice(0);
  refusals.splice(0);
  rmSync(join(directory, 'inputs'), { force: true });
  answer({ ok: true });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function answer(content: unknown): void {
  writeFileSync(join(directory, 'answer'), JSON.stringify(content));
}

/** The logins that the check was asked about. */
function asked(): Record<string, string>[] {
  const file = join(directory, 'inputs');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const run = (line: string, input = '') =>
  runCommand([...line.split(' '), '--data', server.settings.dataDir], { input });

async function shown(username = name): Promise<Record<string, unknown>> {
  return JSON.parse((await run(`user show ${username} --json`)).stdout);
}

async function login(
  username = name,
  password = PASSWORD,
): Promise<{ client: ControlClient; answer: string }> {
  const client = await ControlClient.open(server.port);
  clients.push(client);
  await client.command(`USER ${username}`);
  const reply = await client.command(`PASS ${password}`);
  return { client, answer: reply.lines.join() };
}

const OK = '230 Login successful.';
const WRONG = '530 Wrong username or password.';
const UNCHECKED = '421 Passwords cannot be checked now; try again later.';

describe('the first login', () => {
  test('creates an account with the settings of the answer and a home', async () => {
    await run('group add staff');
    const account = { quota: '2MiB', maxFiles: 7, group: 'staff', rights: { '/': 'no-overwrite' } };
    answer({ ok: true, account: { ...account, expires: '2030-01-01T00:00Z', rateUp: '1M' } });
    const { client, answer: reply } = await login();
    expect(reply).toBe(OK);
    expect((await client.store('STOR a', 'text')).closing.code).toBe(226);
    expect((await client.store('STOR a', 'more')).closing.code).toBe(550);
    expect(await shown()).toMatchObject({
      username: name,
      externalPassword: true,
      quotaBytes: 2 * 1024 ** 2,
      maxFiles: 7,
      group: 'staff',
      rights: { '/': 'no-overwrite' },
      expiresAt: '2030-01-01T00:00:00.000Z',
      rateUp: 1024 ** 2,
    });
    expect(existsSync(join(server.rootDir, name, 'a'))).toBe(true);
    // Events are written a little later.
    while (!(await run(`audit --user ${name} --kind signups --json`)).stdout.includes(name));
  });

  test('is the same for two at once, and for a name in another case', async () => {
    const replies = await Promise.all([login(), login(), login(name.toUpperCase())]);
    expect(replies.map(({ answer: reply }) => reply)).toEqual([OK, OK, OK]);
    expect(new Set(asked().map(({ username }) => username))).toEqual(new Set([name]));
    expect((await run('user list')).stdout.match(new RegExp(`^${name} `, 'gmi'))).toHaveLength(1);
  });

  test('is not given a directory that exists, unless the answer says so', async () => {
    mkdirSync(join(server.rootDir, name));
    writeFileSync(join(server.rootDir, name, 'old'), 'old');
    expect((await login()).answer).toBe(UNCHECKED);
    expect(logged[0]?.reason).toContain('"adoptHome": true gives it to the account');
    answer({ ok: true, account: { adoptHome: true } });
    const { client, answer: reply } = await login();
    expect(reply).toBe(OK);
    expect((await client.retrieve('RETR old')).data.toString()).toBe('old');
    while ((await shown()).usedBytes !== 3);
  });

  test('can have a home outside of the root, which stays the same', async () => {
    const home = mkdtempSync(join(tmpdir(), 'myftp-home-'));
    answer({ ok: true, account: { home } });
    const { client } = await login();
    await client.store('STOR a', 'text');
    expect(readFileSync(join(home, 'a'), 'utf8')).toBe('text');
    answer({ ok: true, account: { home: '/srv/other' } });
    nowMs += MINUTE_MS;
    expect((await login()).answer).toBe(UNCHECKED);
    expect(logged[0]?.reason).toBe(`home: the account has its files in ${home}, not /srv/other`);
    rmSync(home, { recursive: true });
  });

  test('creates nothing if the home cannot be used', async () => {
    answer({ ok: true, account: { home: server.settings.dataDir, adoptHome: true } });
    expect((await login()).answer).toBe(UNCHECKED);
    expect(logged[0]?.reason).toContain('have files in common');
    expect((await run(`user show ${name}`)).code).toBe(1);
  });

  test('creates nothing if the answer itself forbids the login', async () => {
    answer({ ok: true, account: { networks: ['10.0.0.0/8'] } });
    expect((await login()).answer).toBe(WRONG);
    answer({ ok: true, account: { expires: '2020-01-01' } });
    expect((await login()).answer).toBe('530 This account has expired.');
    expect((await run(`user show ${name}`)).code).toBe(1);
  });
});

describe('each login', () => {
  test('applies to sessions that are open', async () => {
    const { client } = await login();
    expect((await client.command('MKD a')).code).toBe(257);
    nowMs += MINUTE_MS;
    answer({ ok: true, account: { rights: 'read-only' } });
    await login();
    while ((await client.command('MKD b')).code !== 550) await client.command('RMD b');
    expect((await client.command('RMD a')).code).toBe(550);
  });

  test('sets what the answer has, takes null back, and leaves the rest to the administrator', async () => {
    answer({ ok: true, account: { quota: '1MiB', rights: 'read-only' } });
    await login();
    await run(`user limits ${name} --max-upload-size 5`);
    await run(`user quota ${name} 3MiB --max-files 9`);
    nowMs += MINUTE_MS;
    answer({ ok: true, account: { rights: null } });
    expect((await login()).answer).toBe(OK);
    expect(await shown()).toMatchObject({ quotaBytes: 3 * 1024 ** 2, maxFiles: 9, rights: null });
    expect((await run(`user limits ${name}`)).stdout).toContain('5 bytes');
    nowMs += MINUTE_MS;
    answer({ ok: true, account: { quota: null, networks: '10.0.0.0/8' } });
    expect((await login()).answer).toBe(WRONG);
    expect(await shown()).toMatchObject({ quotaBytes: 1024 ** 3, networks: ['10.0.0.0/8'] });
  });

  test('is refused for a group that does not exist, and changes nothing', async () => {
    answer({ ok: true, account: { quota: 5, group: 'nowhere' } });
    expect((await login()).answer).toBe(UNCHECKED);
    expect(logged).toMatchObject([{ reason: 'group: there is no group "nowhere"' }]);
    expect((await run(`user show ${name}`)).code).toBe(1);
  });

  test('is refused when the other system no longer knows the password, and the files stay', async () => {
    const { client } = await login();
    await client.store('STOR a', 'text');
    nowMs += MINUTE_MS;
    answer({ ok: false });
    expect((await login()).answer).toBe(WRONG);
    expect(existsSync(join(server.rootDir, name, 'a'))).toBe(true);
  });
});

describe('a right password', () => {
  test('is remembered for its address for a minute; a wrong one is not', async () => {
    await login();
    await login();
    expect(asked()).toHaveLength(1);
    await login(name, 'wrong');
    await login(name, 'wrong');
    expect(asked()).toHaveLength(3);
    nowMs += MINUTE_MS;
    await login();
    expect(asked()).toHaveLength(4);
  });

  test('is not remembered for an account that was removed', async () => {
    await login();
    await run(`user remove ${name} --delete-files --yes`);
    expect((await login()).answer).toBe(UNCHECKED);
    expect(logged[0]?.reason).toMatch(/was removed here; "user add anna\d+ --external"/);
    await run(`user add ${name} --external`);
    expect((await login()).answer).toBe(OK);
    expect(asked()).toHaveLength(3);
  });

  test('lets nobody in whose account is disabled or has expired', async () => {
    await login();
    await run(`user disable ${name}`);
    expect((await login()).answer).toBe(WRONG);
    await run(`user enable ${name}`);
    await run(`user expire ${name} 2020-01-01`);
    expect((await login()).answer).toBe('530 This account has expired.');
  });
});

describe('the check is not asked', () => {
  test('about an account with a password of its own', async () => {
    const password = 'its own password';
    await run(`user add ${name} --password-stdin`, password);
    expect((await login(name, password)).answer).toBe(OK);
    expect((await login(name, PASSWORD)).answer).toBe(WRONG);
    expect(asked()).toEqual([]);
  });

  test.each(['ftp', 'anonymous', 'a', '../etc', 'anna@example.org', '-anna'])(
    'about %s, which no account can be called',
    async (username) => {
      expect((await login(username)).answer).toBe(WRONG);
      expect(asked()).toEqual([]);
    },
  );

  test('about an empty password, which LDAP would take for an anonymous login', async () => {
    expect((await login(name, '')).answer).toBe(WRONG);
    expect(asked()).toEqual([]);
  });
});

describe('a check that is broken', () => {
  test('lets nobody in, says why in the log, and counts as no offence', async () => {
    await login();
    nowMs += MINUTE_MS;
    writeFileSync(join(directory, 'answer'), '{"ok":tru');
    for (let attempt = 0; attempt < 6; attempt++) {
      const { client, answer: reply } = await login();
      expect(reply).toBe(UNCHECKED);
      expect(await client.replyOrEnd()).toBeUndefined();
    }
    const reason = `${directory}/check: answer not understood: it is not JSON`;
    expect(logged).toHaveLength(6);
    expect(logged[0]).toMatchObject({ level: 50, username: name, peer: '127.0.0.1', reason });
    expect(logged[0]?.msg).toBe('password check failed; login refused');
    // The filter for fail2ban, which locks clients out, looks for this message.
    expect(refusals.join()).not.toContain('"msg":"login refused"');
    expect(refusals).toHaveLength(6);
    // Six wrong passwords would have to wait for seconds.
    const startedMs = performance.now();
    answer({ ok: true });
    expect((await login()).answer).toBe(OK);
    expect(performance.now() - startedMs).toBeLessThan(1500);
    const audit = `audit --user ${name} --outcome failed --json`;
    while (!(await run(audit)).stdout.includes('Passwords cannot be checked now'));
  });

  test('leaves a name that no account has out of the log', async () => {
    writeFileSync(join(directory, 'answer'), '');
    await login();
    expect(logged).toHaveLength(1);
    expect(JSON.stringify(logged)).not.toMatch(new RegExp(`${name}|horse`));
  });
});

test('a password that was right yesterday waits like any other', async () => {
  await login();
  nowMs += MINUTE_MS;
  answer({ ok: false });
  for (let attempt = 0; attempt < 4; attempt++) await login();
  const startedMs = performance.now();
  expect((await login()).answer).toBe(WRONG);
  expect(performance.now() - startedMs).toBeGreaterThan(240);
});

test('wrong passwords wait longer and longer, before the check is asked', async () => {
  for (let attempt = 0; attempt < 3; attempt++) await login(name, 'wrong');
  const startedMs = performance.now();
  expect((await login(name, 'wrong')).answer).toBe(WRONG);
  expect(performance.now() - startedMs).toBeGreaterThan(240);
});

describe('the password', () => {
  test('cannot be changed here', async () => {
    const { client } = await login();
    expect((await client.command('SITE PASSWD')).lines).toEqual([
      '550 Your password is kept by another system; change it there.',
    ]);
    expect((await run(`user must-change ${name} yes`)).stderr).toContain(
      `Another system keeps the password of ${name}.`,
    );
  });

  test('can be kept here and there again', async () => {
    await login();
    const password = 'its own password';
    await run(`user passwd ${name} --password-stdin`, password);
    expect((await login(name, PASSWORD)).answer).toBe(WRONG);
    expect((await login(name, password)).answer).toBe(OK);
    expect((await run(`user passwd ${name} --external`)).stdout).toContain('Another system keeps');
    expect((await login(name, password)).answer).toBe(WRONG);
    expect((await login(name, PASSWORD)).answer).toBe(OK);
    expect((await run(`user passwd ${name} --external --password-stdin`, 'x')).code).toBe(2);
    expect((await run(`user show ${name}`)).stdout).toMatch(/Password +kept by another system/);
  });
});

test('without a check, an account without a password of its own cannot log in', async () => {
  await login();
  await server.stop();
  server = await TestServer.start({
    directory,
    settings: { ...server.settings, passwordCheck: undefined, port: 0 },
    now: () => nowMs,
  });
  expect((await login()).answer).toBe(WRONG);
  expect((await login(name, '')).answer).toBe(WRONG);
});
