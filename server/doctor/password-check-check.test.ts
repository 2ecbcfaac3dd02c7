import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { readSettings } from '../config/read-settings.ts';
import type { HookTarget } from '../hooks/hook-target.ts';
import { passwordCheckCheck } from './password-check-check.ts';
import { contextFor } from './run-checks.ts';

async function verdicts(passwordCheck: HookTarget | undefined): Promise<readonly string[]> {
  const { settings } = readSettings({ flags: {}, environment: {}, cwd: '/nowhere' });
  const found = await passwordCheckCheck.inspect(await contextFor({ ...settings, passwordCheck }));
  return found.map(({ level, text }) => `${level} ${text}`);
}

test('a program must be there and executable', async () => {
  expect(await verdicts(undefined)).toEqual([]);
  expect(await verdicts({ kind: 'program', file: '/bin/sh' })).toEqual([
    'ok The password check /bin/sh can be run.',
  ]);
  expect(await verdicts({ kind: 'program', file: '/bin/none' })).toEqual([
    'problem --password-check: there is no such file or directory. The program is /bin/none.',
  ]);
  expect(await verdicts({ kind: 'program', file: '/etc/passwd' })).toEqual([
    expect.stringMatching(/^problem --password-check: the system does not permit it/),
  ]);
});

test('a URL must answer, with any status', async () => {
  const server = createServer((_, response) => response.writeHead(405).end());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ftp`;
  expect(await verdicts({ kind: 'url', url: `${url}?key=k` })).toEqual([
    `ok The password check ${url} answers.`,
  ]);
  server.closeAllConnections();
  server.close();
  const [verdict] = await verdicts({ kind: 'url', url });
  expect(verdict).toMatch(/^problem The password check .* does not answer: .*ECONNREFUSED/);
});
