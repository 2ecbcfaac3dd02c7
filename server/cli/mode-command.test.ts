import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

const asRoot = process.geteuid?.() === 0 ? test : test.skip;

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
  await (await server.signUp()).close();
});
afterAll(() => server.dispose());

function run(...args: readonly string[]) {
  return runCommand(['user', ...args, '--data', server.settings.dataDir]);
}

const mode = (...args: readonly string[]) => run('mode', 'anna', ...args);

test('mode sets what is named, leaves the rest, and shows all', async () => {
  const after = ' It applies from the next login on; existing files stay.';
  expect((await mode()).stdout).toBe('New files of anna: as the settings of the server say.\n');
  expect((await mode('--umask', '27')).stdout).toBe(`New files of anna: umask 027.${after}\n`);
  const own = String(process.geteuid?.());
  expect(await mode('--file-mode', '0644', '--directory-mode', '2775', '--owner', own)).toEqual({
    code: 0,
    stdout: `New files of anna: umask 027, file mode 644, directory mode 2775, owner ${own}.${after}\n`,
    stderr: '',
  });
  const json = JSON.parse((await mode('--umask', 'default', '--json')).stdout);
  const expected = { umask: null, fileMode: '644', directoryMode: '2775', owner: own };
  expect(json).toMatchObject(expected);
  expect((await run('show', 'anna')).stdout).toMatch(
    /^New files {6}file mode 644, directory mode 2775, owner \d+$/m,
  );
});

test('mode refuses what is no mode or owner, and changes nothing', async () => {
  const before = (await mode('--json')).stdout;
  for (const [flag, text, sentence] of [
    ['--umask', 'u=rw', '"u=rw" is not a umask. Write octal digits from 000 to 077, such as 027.'],
    ['--umask', '777', '"777" takes rights from the owner of the files, which the server needs.'],
    ['--file-mode', '0o640', '"0o640" is not the mode of a file. Write three octal digits'],
    ['--file-mode', '4755', '"4755" is not the mode of a file.'],
    ['--file-mode', '044', '"044" does not let the owner read and write, as the server has to.'],
    ['--directory-mode', '644', '"644" takes rights from the owner of the directory'],
    ['--owner', 'no-such-user', 'there is no user "no-such-user". Name another one'],
    ['--owner', '0:no-such-group', 'there is no group "no-such-group".'],
    ['--owner', '4294967295', '"4294967295" is not a user.'],
  ] as const) {
    const { code, stderr } = await mode('--umask', '022', flag, text);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(
        new RegExp(`^myftp-server: ${flag}: ${sentence.replaceAll(/[.?*+()[\]]/g, '\\$&')}`),
      ),
    ]);
  }
  expect((await mode('--json')).stdout).toBe(before);
  expect((await run('mode', 'otto')).stderr).toBe('myftp-server: No such account: "otto".\n');
});

asRoot('names are looked up', async () => {
  expect((await mode('--owner', 'root:root')).stdout).toContain('owner 0:0');
});

asRoot('add gives the home to the owner', async () => {
  const flags = ['--owner', '4711:4712', '--directory-mode', '2770', '--password-stdin'];
  const args = ['user', 'add', 'berta', ...flags, '--data', server.settings.dataDir];
  expect((await runCommand(args, { input: 'correct horse' })).code).toBe(0);
  const { uid, gid, mode: bits } = statSync(join(server.rootDir, 'berta'));
  expect([uid, gid, (bits & 0o7777).toString(8)]).toEqual([4711, 4712, '2770']);
});
