import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ClientProgram, jsonLines } from './testing/client-program.ts';

let client: ClientProgram;

beforeAll(async () => {
  client = await ClientProgram.build();
});
afterAll(() => client?.dispose());

const sites = (...args: string[]) => client.run(['sites', ...args]);

test('sites are added, listed, shown, replaced and removed', async () => {
  expect((await sites('list')).stdout).toBe('');
  expect((await sites('add', 'work', 'ftp://anna@h.example/www')).code).toBe(0);
  expect((await sites('add', 'old', 'ftp://ben@h.example:2121', '--plain')).code).toBe(0);
  expect((await sites('list')).stdout).toBe(
    'old   ftp://ben@h.example:2121  (not encrypted)\nwork  ftp://anna@h.example:21/www\n',
  );
  expect(jsonLines(await sites('show', 'work', '--json'))).toEqual([
    {
      name: 'work',
      host: 'h.example',
      port: 21,
      tls: 'explicit',
      username: 'anna',
      remotePath: '/www',
    },
  ]);
  const again = await sites('add', 'work', 'ftps://h.example/');
  expect([again.code, again.stderr]).toEqual([64, expect.stringContaining('--overwrite')]);
  expect((await sites('add', 'work', 'ftps://h.example/', '--overwrite')).code).toBe(0);
  expect((await sites('remove', 'old')).code).toBe(0);
  expect((await sites('list')).stdout).toBe('work  ftps://anonymous@h.example:990/\n');
});

test.each([
  [['add', 'a b', 'ftp://h/'], /cannot be called/],
  [['add', 'x', 'h.example'], /Give the site as a URL/],
  [['add', 'x', 'ftp://anna:hunter2@h/'], /does not belong into a URL/],
  [['show', 'none'], /There is no site "none"/],
  [['remove', 'none'], /There is no site "none"/],
])('sites %p is refused', async (args, reason) => {
  const outcome = await sites(...args);
  expect([outcome.code, outcome.stderr]).toEqual([64, expect.stringMatching(reason)]);
});
