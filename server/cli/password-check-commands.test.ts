import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runCommand } from '../testing/run-command.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'myftp-password-check-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function check(script: string): string[] {
  const file = join(directory, 'check');
  writeFileSync(file, `#!/bin/sh\ncd ${directory}\n${script}\n`);
  chmodSync(file, 0o755);
  return ['--password-check', file];
}

function run(flags: string[], name = 'Anna', input = 'correct horse\n') {
  return runCommand(['password-check', 'test', name, '--password-stdin', ...flags], { input });
}

test('the answer is shown, and decides on the exit code', async () => {
  const yes = check('cat > input; echo \'{"ok":true,"account":{"quota":"1K","group":"staff"}}\'');
  expect(await run([...yes, '--address', '192.0.2.7'])).toEqual({
    code: 0,
    stdout: 'The password of anna is right, and sets:\n  quotaBytes: 1024\n  group: "staff"\n',
    stderr: '',
  });
  expect(JSON.parse(readFileSync(join(directory, 'input'), 'utf8'))).toEqual({
    ...{ username: 'anna', password: 'correct horse', address: '192.0.2.7' },
  });
  expect(JSON.parse((await run([...yes, '--json'])).stdout)).toEqual({
    ok: true,
    settings: { quotaBytes: 1024, group: 'staff' },
  });
  const no = check('echo \'{"ok":false}\'');
  expect(await run(no)).toMatchObject({
    code: 1,
    stderr: 'myftp-server: The password of anna is refused.\n',
  });
  expect(JSON.parse((await run([...no, '--json'])).stdout)).toEqual({ ok: false });
});

test('a check that is broken is named with the reason', async () => {
  const { code, stderr } = await run(check('echo no server >&2; exit 2'));
  expect(code).toBe(1);
  expect(stderr).toBe(
    `myftp-server: No login is possible: ${directory}/check: exit code 2: no server.\n`,
  );
  const missing = await run(['--password-check', join(directory, 'none')]);
  expect(missing.stderr).toContain('--password-check: there is no such file or directory.');
});

test.each([
  [[], 'Anna', '--password-check: there is none in the settings.'],
  [['--password-check', '/bin/true'], 'ftp', '"ftp": This username is reserved.'],
  [['--password-check', 'http://sso.example/'], 'anna', 'would send passwords in clear'],
  [['--password-check', 'https://sso.example/'], 'anna', 'Name a file with the key'],
])('%j for %s is refused', async (flags, name, words) => {
  const { code, stdout, stderr } = await run(flags, name);
  expect([code !== 0, stdout]).toEqual([true, '']);
  expect(stderr).toContain(words);
});

test('sign-up and a check exclude each other', async () => {
  const { code, stderr } = await runCommand([
    ...['--print-config', '--signup', 'invite', '--password-check', '/bin/true'],
  ]);
  expect(code).toBe(78);
  expect(stderr).toContain('--signup: with --password-check, a stranger could sign up');
  const { stdout } = await runCommand(['--print-config', '--password-check', '/bin/true']);
  expect(stdout).toMatch(/signup = "off"/);
});

test.each([
  ['--password-check', ''],
  ['--hook', 'upload='],
])('%s must not name a program that clients could replace', async (flag, events) => {
  const flags = ['--root', directory, flag, `${events}${directory}/anna/check`];
  const { code, stderr } = await runCommand(['--print-config', ...flags]);
  expect(code).toBe(78);
  expect(stderr).toContain(`${flag}: ${directory}/anna/check is in ${directory}, where clients`);
});

test('an account is added without a password', async () => {
  const data = ['--data', join(directory, 'data')];
  expect((await runCommand(['user', 'add', 'anna', '--external', ...data])).code).toBe(0);
  const { stdout } = await runCommand(['user', 'show', 'anna', '--json', ...data]);
  expect(JSON.parse(stdout)).toMatchObject({ username: 'anna', externalPassword: true });
  const both = ['user', 'add', 'bert', '--external', '--must-change', ...data];
  expect(await runCommand(both)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--external gives the account no password'),
  });
});
