import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { openLogs } from '../../server/logging/logging.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { writtenText } from '../../server/testing/written-text.ts';

const SECRETS = [
  'first-password',
  'second-password',
  'wrong-password',
  'INVITE-CODE',
  'forgot-PASS',
  'typed-as-USER',
  'typed-as-SITE',
  'typed with blanks',
];

test('no password and no invite reaches a log, at any level', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'myftp-logs-'));
  const terminal = new PassThrough();
  const logs = openLogs({ dir, level: 'debug', terminal });
  const server = await TestServer.start({ logs, settings: { tls: 'optional' } });
  try {
    const client = await server.connect();
    for (const line of ['SITE SIGNUP anna INVITE-CODE', 'PASS first-password', 'PWD']) {
      await client.command(line);
    }
    for (const line of ['SITE PASSWD', 'PASS first-password', 'PASS second-password']) {
      await client.command(line);
    }
    for (const line of [
      'USER anna',
      'PASS wrong-password',
      'forgot-PASS',
      'ACCT second-password',
    ]) {
      await client.command(line);
    }
    for (const line of ['typed-as-USER', 'anna typed-as-USER', 'anna/typed with blanks']) {
      const other = await server.connect();
      await other.command(`USER ${line}`);
      await other.command('PASS wrong-password');
    }
    for (const line of ['PASS typed-as-SITE', 'typed-as-SITE', ' PASSWD typed-as-SITE']) {
      await client.command(`SITE ${line}`);
    }
    await client.startTls();
    await client.login('anna', 'second-password');
    await client.store('STOR a', 'octets');
    await server.stop();
    // The audit trail is a log, too.
    const database = await readFile(join(server.directory, 'myftp.db'), 'latin1');
    expect(database).toContain('[unknown]');
    for (const secret of SECRETS) expect(database).not.toContain(secret);
  } finally {
    await rm(server.directory, { recursive: true, force: true });
    await logs.close();
  }
  const files = await readdir(dir);
  const written = await Promise.all(files.map((name) => readFile(join(dir, name), 'utf8')));
  const all = `${written.join('\n')}\n${writtenText(terminal)}`;
  await rm(dir, { recursive: true });
  expect(files.sort()).toEqual([
    'connections.log',
    'logins.log',
    'server.log',
    'signups.log',
    'transfers.log',
  ]);
  expect(all).toContain('SITE SIGNUP anna ***');
  expect(all).toContain('"msg":"command"');
  expect(all).toContain('[unknown]');
  // Somebody who guesses at an account is shown with its name.
  expect(all).toMatch(/"username":"anna","outcome":"refused"/);
  for (const secret of SECRETS) expect(all).not.toContain(secret);
});
