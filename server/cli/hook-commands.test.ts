import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runCommand } from '../testing/run-command.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'myftp-hook-commands-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function program(name: string, script: string): string {
  const file = join(directory, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

test('hooks test tells each hook, and says which failed', async () => {
  const good = program('good', 'read line; test "$MYFTP_EVENT" = test');
  const bad = program('bad', 'echo no disk >&2; exit 3');
  const hooks = ['--hook', `upload=${good}`, '--hook', `all=${bad}`, '--hook', 'all=/nowhere'];
  expect(await runCommand(['hooks', 'test', ...hooks])).toEqual({
    code: 1,
    stdout: `${good}: ok\n${bad}: exit code 3: no disk\n/nowhere: spawn /nowhere ENOENT\n`,
    stderr: 'myftp-server: 2 of 3 hooks failed.\n',
  });
  expect(await runCommand(['hooks', 'test', '--hook', `upload=${good}`])).toMatchObject({
    code: 0,
  });
});

test('a URL that nothing answers at is a failure', async () => {
  const secret = join(directory, 'secret');
  writeFileSync(secret, '0123456789abcdef');
  const url = 'http://127.0.0.1:1/hook?token=secret';
  const { stdout } = await runCommand(
    ['hooks', 'test', '--hook', `all=${url}`].concat(['--hook-secret', secret]),
  );
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:1\/hook: .*(ECONNREFUSED|bad port)/);
  expect(stdout).not.toContain('token');
});

test.each([
  [['--hook', 'all=https://example.org/'], 'Name a file with the key by --hook-secret'],
  [[], 'there are no hooks in the settings'],
])('hooks test %j is refused', async (flags, words) => {
  const { code, stderr } = await runCommand(['hooks', 'test', ...flags]);
  expect(code).not.toBe(0);
  expect(stderr).toContain(words);
});

test.each(['x', '-1', '1.5'])('hooks retry %s is refused', async (id) => {
  const { code } = await runCommand(['hooks', 'retry', '--data', directory, '--', id]);
  expect(code).toBe(2);
});
