import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

const PASSWORD = 'correct horse';
const NEW_PASSWORD = 'battery staple';

let nowMs = Date.now();
let server: TestServer;
let client: ControlClient;
let count = 0;

beforeAll(async () => {
  server = await TestServer.start({ now: () => nowMs });
});
afterAll(() => server.dispose());
beforeEach(async () => {
  count += 1;
  client = await server.signUp(name(), PASSWORD);
});

const name = () => `anna${count}`;
const lines = async (from: ControlClient, line: string) => (await from.command(line)).lines.join();
const run = (line: string) => runCommand([...line.split(' '), '--data', server.settings.dataDir]);

async function login(password = PASSWORD): Promise<{ client: ControlClient; answer: string }> {
  const other = await server.connect();
  await other.command(`USER ${name()}`);
  return { client: other, answer: await lines(other, `PASS ${password}`) };
}

describe('an account that expires', () => {
  test('is refused from then on, and only the right password tells why', async () => {
    await run(`user expire ${name()} 1h`);
    expect((await login()).answer).toBe('230 Login successful.');
    nowMs += 3_700_000;
    expect((await login()).answer).toBe('530 This account has expired.');
    expect((await login('wrong password')).answer).toBe('530 Wrong username or password.');
    // Events are written a little later.
    const audit = `audit --user ${name()} --outcome failed --json`;
    while (!(await run(audit)).stdout.includes('This account has expired.'));
    await run(`user expire ${name()} never`);
    expect((await login()).answer).toBe('230 Login successful.');
  });

  test('loses its sessions at that time', async () => {
    await run(`user expire ${name()} 5h`);
    expect(await lines(client, 'PWD')).toMatch(/^257/);
    nowMs += 5 * 3_700_000;
    expect((await client.reply()).lines).toEqual(['421 Your account has expired.']);
  });

  test('loses them at once if the time has passed', async () => {
    await run(`user expire ${name()} 2020-01-31`);
    expect((await client.reply()).lines).toEqual(['421 Your account has expired.']);
    expect(JSON.parse((await run(`user expire ${name()} --json`)).stdout).expiresAt).toMatch(
      /^2020-01-3/,
    );
    expect((await run(`user list`)).stdout).toMatch(new RegExp(`${name()} +expired`));
  });

  test.each(['2027-02-30', '2027', 'soon', '1d-'])('not at %s', async (time) => {
    const { code, stderr } = await run(`user expire ${name()} ${time}`);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`Expiry "${time}": expected a date`),
    ]);
  });
});

describe('an account that must change its password', () => {
  const change = async (from: ControlClient, toPassword: string) => {
    await from.command('SITE PASSWD');
    await from.command(`PASS ${PASSWORD}`);
    return lines(from, `PASS ${toPassword}`);
  };

  test('can do nothing else, also in sessions that run', async () => {
    await run(`user must-change ${name()} yes`);
    for (const line of [
      'CWD /',
      'PASV',
      'STOR a',
      'STAT',
      'SITE QUOTA',
      'SITE PARTIALS',
      'DELE a',
    ]) {
      expect(await lines(client, line)).toMatch(
        /^530 Change your password first: send SITE PASSWD/,
      );
    }
    for (const line of ['NOOP', 'PWD', 'FEAT', 'SYST', 'TYPE I', 'SITE HELP', 'OPTS UTF8 ON']) {
      expect(await lines(client, line)).toMatch(/^2/);
    }
    const { client: other, answer } = await login();
    expect(answer).toBe('230 Login successful; change your password first: send SITE PASSWD.');
    expect(await lines(other, 'MKD a')).toMatch(/^530/);
  });

  test('is free once it has another one', async () => {
    await run(`user must-change ${name()} yes`);
    const { client: other } = await login();
    expect(await change(other, PASSWORD)).toBe(
      '530 The new password must differ from the current one.',
    );
    expect(await lines(other, 'MKD a')).toMatch(/^530/);
    expect(await change(other, NEW_PASSWORD)).toBe('200 Password changed.');
    expect(await lines(other, 'MKD a')).toMatch(/^257/);
    expect((await login(NEW_PASSWORD)).answer).toBe('230 Login successful.');
    expect((await run(`user must-change ${name()}`)).stdout).toBe(
      `${name()} need not change the password.\n`,
    );
  });

  test('need not if the administrator takes it back', async () => {
    await run(`user must-change ${name()} yes`);
    await run(`user must-change ${name()} no`);
    expect(await lines(client, 'MKD a')).toMatch(/^257/);
    expect((await run(`user must-change ${name()} maybe`)).code).toBe(2);
  });
});

test('limits of uploads are set, shown and taken back', async () => {
  const { stdout } = await run(
    `user limits ${name()} --max-upload-size 5 --deny-names *.exe,.ht* --allow-names *.*`,
  );
  expect(stdout).toBe(
    'Largest upload  5 bytes\nAllowed names   *.*\nDenied names    *.exe, .ht*\n',
  );
  expect((await client.store('STOR a.b', 'xxxxxx')).closing.code).toBe(552);
  expect((await client.store('STOR a.exe', 'x')).closing.code).toBe(553);
  await run(`user limits ${name()} --max-upload-size default --deny-names default`);
  expect((await client.store('STOR a.exe', 'xxxxxx')).closing.code).toBe(226);
  expect(JSON.parse((await run(`user limits ${name()} --json`)).stdout)).toMatchObject({
    maxUploadBytes: null,
    allowedNames: ['*.*'],
    deniedNames: null,
  });
  const refused = await run(`user limits ${name()} --deny-names a/b`);
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining('--deny-names "a/b": expected patterns of names without a slash'),
  ]);
});
