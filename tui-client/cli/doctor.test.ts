import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../server/testing/free-range.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { ClientProgram, jsonLines } from './testing/client-program.ts';

const PASSWORD = 'correct horse';

let client: ClientProgram;
let server: TestServer;

beforeAll(async () => {
  client = await ClientProgram.prepare();
  server = await TestServer.start({ settings: { tls: 'optional' } });
  await server.signUp('anna', PASSWORD);
});
afterAll(async () => {
  await server?.dispose();
  await client?.dispose();
});

describe('myftp-tui doctor ends', () => {
  test('with 4 for a certificate that is not trusted, and shows its fingerprint', async () => {
    const outcome = await client.run(['doctor', `127.0.0.1:${server.port}`]);
    expect(outcome.code).toBe(4);
    expect(outcome.stdout).toContain(`--trust ${server.fingerprint256}`);
    expect(outcome.stdout).toMatch(/^127\.0\.0\.1:\d+, explicit TLS, as anonymous\n\nok /);
    expect(outcome.stdout).toMatch(/^\d+ ok, 0 warnings, 1 problem, 1 unchecked\.$/m);
  });

  test('with 0 if all is well, with a line of JSON for each check', async () => {
    const args = ['doctor', '--json', '--password-stdin', '--trust', String(server.fingerprint256)];
    const url = `ftp://anna@127.0.0.1:${server.port}/`;
    const outcome = await client.run([...args, url], { input: PASSWORD });
    expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    const lines = jsonLines(outcome);
    expect(lines.at(-1)).toMatchObject({ type: 'summary', problems: 0, exitCode: 0 });
    expect(lines).toContainEqual(
      expect.objectContaining({ check: 'data-tls', state: 'ok', sessionReused: true }),
    );
    expect(outcome.stdout).not.toContain(PASSWORD);
  });

  test('with 0 for a bookmark, whose pinned certificate and user it knows', async () => {
    const url = `ftp://anna@127.0.0.1:${server.port}/`;
    await client.run(['sites', 'add', 'work', url]);
    const outcome = await client.run(
      ['doctor', 'work', '--password-stdin', '--trust', String(server.fingerprint256)],
      { input: PASSWORD },
    );
    expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    expect(outcome.stdout).toContain('anna is logged in.');
  });

  test('with 2 where nobody listens', async () => {
    const outcome = await client.run(['doctor', `127.0.0.1:${await freePort()}`]);
    expect([outcome.code, outcome.stdout]).toEqual([2, expect.stringContaining('nothing listens')]);
  });

  test('with 3 for a wrong password', async () => {
    const args = ['doctor', '--plain', '--password-stdin', `ftp://anna@127.0.0.1:${server.port}/`];
    expect((await client.run(args, { input: 'wrong' })).code).toBe(3);
  });

  test('with 64 for what is neither a host nor a site', async () => {
    const outcome = await client.run(['doctor', './file']);
    expect(outcome.code).toBe(64);
  });
});
