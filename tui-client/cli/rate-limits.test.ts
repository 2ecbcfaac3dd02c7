import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import { ClientProgram } from './testing/client-program.ts';

const PASSWORD = 'correct horse';
const CONTENT = 'x'.repeat(300_000);
/** 100 KiB a second need three seconds for it. */
const SLOW_MS = 2500;

let client: ClientProgram;
let server: TestServer;

beforeAll(async () => {
  client = await ClientProgram.prepare();
  server = await TestServer.start();
  await server.signUp('anna', PASSWORD);
  const url = `ftp://anna@127.0.0.1:${server.port}/`;
  await client.run(['sites', 'add', 'work', url, '--plain', '--limit-rate', '100k']);
  await client.write('file', CONTENT);
});
afterAll(async () => {
  await server?.dispose();
  await client?.dispose();
});

/** How long a command takes that succeeds. */
async function msOf(...args: string[]): Promise<number> {
  const startedMs = performance.now();
  const { code, stderr } = await client.run([...args, '--password-stdin'], { input: PASSWORD });
  expect([code, stderr]).toEqual([0, expect.anything()]);
  return performance.now() - startedMs;
}

test.each([
  ['put', ['put', 'file', 'work:/put']],
  ['get', ['get', 'work:/put', 'got']],
  ['get to standard output', ['get', 'work:/put', '-']],
  ['cat', ['cat', 'work:/put']],
])('the limit of a site holds for %s', async (_, args) => {
  expect(await msOf(...args)).toBeGreaterThan(SLOW_MS);
});

test('--limit-rate wins, also without a limit', async () => {
  expect(await msOf('put', 'file', 'work:/slow', '--limit-rate', '50k')).toBeGreaterThan(
    2 * SLOW_MS,
  );
  expect(await msOf('put', 'file', 'work:/fast', '--limit-rate', 'none')).toBeLessThan(SLOW_MS);
});
