import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

let server: TestServer;
let anna: ControlClient;
let ben: ControlClient;

beforeAll(async () => {
  server = await TestServer.start();
  anna = await server.signUp('anna');
  ben = await server.signUp('ben');
});
afterAll(() => server.dispose());

async function run(line: string) {
  return await runCommand([...line.split(' '), '--data', server.settings.dataDir]);
}

async function done(line: string): Promise<string> {
  const { code, stdout, stderr } = await run(line);
  expect([line, code, stderr]).toEqual([line, 0, '']);
  return stdout;
}

const mkd = async (client: ControlClient, name: string) =>
  (await client.command(`MKD ${name}`)).lines[0];

const REFUSED = '550 You may not create directories here.';

test('a group changes the rights of all its accounts at their next command', async () => {
  await done('group add Readers');
  await done('group rights readers read-only');
  expect(await done('user group anna readers')).toBe('Group of anna: readers.\n');
  await done('user group ben readers');
  expect([await mkd(anna, 'a'), await mkd(ben, 'a')]).toEqual([REFUSED, REFUSED]);
  await done('user rights anna full /mine');
  await done('group rights readers list,read,mkdir');
  expect([await mkd(anna, 'mine'), await mkd(ben, 'a')]).toEqual([
    ...['257 "/mine" created.', '257 "/a" created.'],
  ]);
  expect(await mkd(anna, 'mine/deep')).toBe('257 "/mine/deep" created.');
  await done('group rights readers none');
  expect([await mkd(anna, 'x'), await mkd(ben, 'x')]).toEqual([REFUSED, REFUSED]);
  expect(await mkd(anna, 'mine/x')).toBe('257 "/mine/x" created.');
});

test('what is in force is shown with where it comes from', async () => {
  expect(JSON.parse(await done('user rights anna --json'))).toEqual({
    name: 'anna',
    group: 'readers',
    rights: [
      { directory: '/', set: 'none', from: 'group readers', rights: [] },
      { directory: '/mine', set: 'full', from: 'own', rights: expect.arrayContaining(['mfmt']) },
    ],
    maxUploadBytes: null,
    allowedNames: null,
    deniedNames: null,
  });
  expect(await done('user rights anna')).toMatch(
    /^DIRECTORY {2}SET .*\n\/ +none .*group readers\n/,
  );
  expect(JSON.parse(await done('group list --json'))).toMatchObject([
    { name: 'readers', members: 2 },
  ]);
  expect(await done('group list')).toBe('GROUP    MEMBERS  RIGHTS\nreaders        2  / none\n');
  expect(await done('group show readers')).toContain('Group readers, 2 members\n');
  expect(JSON.parse(await done('user show anna --json'))).toMatchObject({
    group: 'readers',
    rights: { '/': 'none', '/mine': 'full' },
  });
});

test('a group with accounts stays, because they would get full rights', async () => {
  expect((await run('group remove readers')).stderr).toContain(
    'The group "readers" has members; give them another group first',
  );
  for (const name of ['anna', 'ben']) await done(`user group ${name} none`);
  await done('group remove readers');
  expect(await mkd(ben, 'again')).toBe('257 "/again" created.');
  expect(await mkd(anna, 'again')).toBe('257 "/again" created.');
});

test('default takes a rule back', async () => {
  await done('user rights ben read-only');
  expect(await mkd(ben, 'y')).toBe(REFUSED);
  await done('user rights ben default');
  expect(await mkd(ben, 'y')).toBe('257 "/y" created.');
  expect(await done('user rights ben')).toMatch(/\n\/ +full .* default\n$/);
});

test.each([
  ['user rights ben raed', 2, 'Rights "raed": expected full, read-only,'],
  ['user rights ben read-only incoming', 2, 'Directory "incoming": expected a path from the root'],
  ['user rights missing read-only', 1, 'No such account: "missing".'],
  ['user group ben nothing', 1, 'No such group: "nothing".'],
  ['group rights nothing full', 1, 'No such group: "nothing".'],
  ['group add none', 1, 'Group "none": expected 1 to 32 of'],
  ['group add -x', 2, 'unknown option'],
  ['group remove nothing', 1, 'No such group: "nothing".'],
])('%s is refused in a sentence, and changes nothing', async (line, code, sentence) => {
  const before = await done('user rights ben --json');
  const refused = await run(line);
  expect([refused.code, refused.stderr]).toEqual([code, expect.stringContaining(sentence)]);
  expect(await done('user rights ben --json')).toBe(before);
});
