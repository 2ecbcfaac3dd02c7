import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FieldServer } from '../testing/field-server.ts';
import { ClientProgram } from './testing/client-program.ts';

const PASSWORD = 'correct horse';
/** Time, number of the connection, and what was said. */
const LINE = /^\d\d:\d\d:\d\d\.\d{3} (\d+) ([<> ]) .+$/;

let client: ClientProgram;
let one: FieldServer;
let other: FieldServer;

beforeAll(async () => {
  client = await ClientProgram.prepare();
  [one, other] = [await FieldServer.start(), await FieldServer.start()];
});
afterAll(async () => {
  await one?.close();
  await other?.close();
  await client?.dispose();
});

/** The lines of the conversation, and the numbers of connections that logged in, in order. */
async function conversation(...args: string[]) {
  const { stderr } = await client.run([...args, '-v', '--plain', '--password-stdin'], {
    input: `${PASSWORD}\n${PASSWORD}\n`,
  });
  const lines = stderr.split('\n').filter((line) => /[<>] /.test(line));
  const logins = lines.filter((line) => line.includes('> PASS ****'));
  return { lines, numbers: logins.map((line) => LINE.exec(line)?.[1]), stderr };
}

test('--verbose shows each line with its time and connection, and no secret', async () => {
  one.tree.put('/file', Buffer.from('x'));
  const { lines, numbers, stderr } = await conversation('get', one.url('/file'));
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) expect(line).toMatch(LINE);
  expect(numbers).toEqual(['1', '2']);
  expect(stderr).not.toContain(PASSWORD);
});

test('connections to two servers have numbers of their own', async () => {
  const { numbers } = await conversation('ls', one.url(), other.url());
  expect(numbers).toEqual(['1', '2']);
});

test('doctor numbers its connection, too', async () => {
  const { lines, numbers } = await conversation('doctor', one.url());
  for (const line of lines) expect(line).toMatch(LINE);
  expect(numbers).toEqual(['1']);
});
