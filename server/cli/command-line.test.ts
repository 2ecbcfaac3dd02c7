import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import SQLite from 'better-sqlite3';
import { runCommandLine } from './command-line.ts';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'myftp-cli-'));
});

afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

interface Invocation {
  readonly environment?: Record<string, string>;
  /** Sent at once, and then the end; undefined leaves standard input empty. */
  readonly stdin?: string;
  /** Typed on a terminal, each when its question has been asked. */
  readonly typed?: readonly { readonly question: string; readonly text: string }[];
}

async function run(commandLine: string, { environment = {}, stdin, typed }: Invocation = {}) {
  const input = Object.assign(new PassThrough(), { isTTY: typed !== undefined });
  const stdout = new PassThrough();
  const shown: string[] = [];
  stdout.on('data', (chunk) => shown.push(String(chunk)));
  // A prompt ends its output, which the process's own streams do not heed.
  const stderr = new PassThrough();
  stderr.end = () => stderr;
  const transcript: string[] = [];
  const answers = [...(typed ?? [])];
  let unanswered = '';
  stderr.on('data', (chunk) => {
    transcript.push(String(chunk));
    unanswered += String(chunk);
    const [answer] = answers;
    if (answer === undefined || !unanswered.includes(answer.question)) return;
    answers.shift();
    unanswered = '';
    // The question shows before its answer is listened for.
    setTimeout(() => input.write(`${answer.text}\n`), 50);
  });
  if (typed === undefined) input.end(stdin ?? '');
  const code = await runCommandLine({
    args: commandLine.split(' ').filter(Boolean),
    context: { environment, cwd, stdin: input, stdout, stderr, signals: new EventEmitter() },
    loadServer: async () => ({
      takeDirectories: async (settings) =>
        (await import('../compose.ts')).takeDirectories(settings),
      startServer: ({ directories }) => {
        directories.release();
        return Promise.reject(new Error('no server in this test'));
      },
    }),
  });
  await delay(0);
  return { code, stdout: shown.join(''), stderr: transcript.join('') };
}

function passwords(first: string, second: string) {
  return [
    { question: 'Password for anna:', text: first },
    { question: 'The same again:', text: second },
  ];
}

async function addAnna(): Promise<void> {
  const added = await run('user add anna --password-stdin', { stdin: 'correct horse\n' });
  expect(added).toEqual({ code: 0, stdout: 'Added anna with a quota of 1 GiB.\n', stderr: '' });
}

describe('help', () => {
  test('is grouped, has examples, and fits into 80 columns', async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toMatchSnapshot();
  });

  test.each([
    'serve',
    'user',
    'user add',
    'user remove',
    'user quota',
    'user cut-uploads',
    'trash',
    'trash restore',
    'invite',
    'invite create',
    'audit',
    'doctor',
  ])('of %s fits into 80 columns', async (command) => {
    const { code, stdout } = await run(`${command} --help`);
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toContain(`Usage: myftp-server ${command}`);
  });

  test('--version tells the version in package.json', async () => {
    const { version } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    );
    expect(await run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('wrong usage ends with 2 and a hint', () => {
  test.each([
    ['--prot 21', "myftp-server: unknown option '--prot'\n(Did you mean --port?)"],
    ['--port', "myftp-server: option '--port <port>' argument missing"],
    ['usr list', 'myftp-server: There is no command "usr". Did you mean user?'],
    ['serve now', "myftp-server: too many arguments for 'serve'"],
    ['user ad anna', "myftp-server: unknown command 'ad'\n(Did you mean add?)"],
    ['user add', "myftp-server: missing required argument 'name'"],
    ['user add anna secret', "myftp-server: too many arguments for 'add'"],
    ['user add anna --password secret', "myftp-server: unknown option '--password'"],
    ['user list --port 21', "myftp-server: unknown option '--port'"],
    ['user quota anna lots', 'myftp-server: "lots" is not a size.'],
    ['user cut-uploads anna drop', 'myftp-server: Cut uploads "drop": expected keep, publish, or '],
    ['user keep-deleted anna 9999d', 'myftp-server: "9999d" is not a time to keep deleted '],
    ['user add anna --cut-uploads drop', 'myftp-server: Cut uploads "drop": expected keep, '],
    ['invite create --uses 0', 'myftp-server: --uses: "0" is not a number of accounts.'],
    ['invite create --expires 0', 'myftp-server: --expires: "0" is not a time that lies ahead.'],
    ['invite revoke ABC', 'myftp-server: "ABC" is not the number of an invite.'],
  ])('%s', async (commandLine, beginning) => {
    const { code, stdout, stderr } = await run(commandLine);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith(beginning)).toBe(true);
    expect(stderr).toMatch(/See myftp-server --help\.\n$/);
  });

  test('a group of commands alone shows its commands', async () => {
    const { code, stdout, stderr } = await run('user');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('passwd');
  });
});

describe('settings', () => {
  test('that cannot work end with 78, and every problem has its line', async () => {
    const { code, stderr } = await run('--port abc --pasv-range 2-1', {
      environment: { MYFTP_SINGUP: 'off' },
    });
    expect(code).toBe(78);
    expect(stderr.split('\n')).toEqual([
      'myftp-server: wrong settings',
      'MYFTP_SINGUP: there is no such setting. Did you mean MYFTP_SIGNUP?',
      expect.stringMatching(/^--port: /),
      expect.stringMatching(/^--pasv-range: /),
      '',
    ]);
  });

  test('stop the commands of the administrator, too', async () => {
    const { code, stderr } = await run('user list --config no.toml');
    expect({ code, stderr }).toEqual({
      code: 78,
      stderr:
        'myftp-server: wrong settings\n--config: no.toml cannot be read: there is no such file.\n',
    });
  });

  test.each([
    '--print-config --port 99',
    'serve --print-config --port 99',
    '--port 99 serve --print-config',
    '--port 98 serve --print-config --port 99',
  ])('%s shows them and ends', async (commandLine) => {
    const { code, stdout } = await run(commandLine);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^port = 99 +# --port$/m);
  });

  test('saved by --print-config are read back by --config', async () => {
    const { stdout } = await run('--print-config --quota 5GB --pasv-range 4000-4010');
    writeFileSync(path.join(cwd, 'myftp.toml'), stdout);
    const again = await run('--print-config --config myftp.toml');
    expect(again.stdout).toMatch(/^quota = "5GB" +# myftp.toml$/m);
    expect(again.stdout).toMatch(/^pasv-range = "4000-4010" +# myftp.toml$/m);
  });

  test('a flag that takes a list can be repeated', async () => {
    const { stdout } = await run(
      '--print-config --public-host 203.0.113.5 --public-host 10.0.0.0/8=10.1.2.3',
    );
    expect(stdout).toMatch(
      /^public-host = \["203.0.113.5", "10.0.0.0\/8=10.1.2.3"\] +# --public-host$/m,
    );
  });

  test('a start that fails unexpectedly ends with 1', async () => {
    const { code, stderr } = await run('--port 0');
    expect(code).toBe(1);
    expect(stderr).toContain('myftp-server: unexpected failure\nError: no server in this test');
  });

  test.each([
    ['--data file', '--data: cannot make the directory '],
    ['--data /proc/myftp', '--data: cannot make the directory /proc/myftp (ENOENT).'],
  ])('%s, which cannot be made, ends with 78', async (commandLine, sentence) => {
    writeFileSync(path.join(cwd, 'file'), '');
    const { code, stderr } = await run(commandLine);
    expect(code).toBe(78);
    expect(stderr.startsWith(`myftp-server: ${sentence}`)).toBe(true);
  });

  test('a log directory that cannot be written ends with 78', async () => {
    writeFileSync(path.join(cwd, 'file'), '');
    const { code, stderr } = await run('--log-dir file');
    expect(code).toBe(78);
    expect(stderr).toMatch(/^myftp-server: --log-dir: cannot write the logs in /);
  });
});

describe('user', () => {
  test('add, show and list', async () => {
    await addAnna();
    const shown = await run('user show Anna');
    expect(shown.stdout).toMatch(
      /^Username {7}anna\nState {10}enabled\nUsed {11}0 bytes of 1 GiB \(0%\)\nFiles {10}0 of 1000000 files and directories\nCut uploads {4}as --cut-uploads of the server says\nDeleted files {2}as --keep-deleted of the server says\nNew files {6}as the settings of the server say\nGroup {10}none\nRights {9}full\nExpires {8}never\nPassword {7}set\nNetworks {7}any address\nRates {10}up as the server, down as the server\nHome {11}.*\/myftp-data\/files\/anna\nCreated {8}\d{4}-\d\d-\d\d \d\d:\d\d\nLast login {5}never\n$/,
    );
    const listed = await run('user list');
    expect(listed.stdout).toMatch(/^USERNAME {2}STATE {4}.*\nanna {6}enabled .* never\n$/);
  });

  test('add takes rights, a group, an expiry and a first password', async () => {
    await run('group add clients');
    const flags = '--rights upload-only --group clients --expires 2027-01-31T00:00Z --must-change';
    const { code } = await run(`user add anna --password-stdin ${flags}`, {
      stdin: 'correct horse\n',
    });
    expect(code).toBe(0);
    expect(JSON.parse((await run('user show anna --json')).stdout)).toMatchObject({
      group: 'clients',
      rights: { '/': 'upload-only' },
      expiresAt: '2027-01-31T00:00:00.000Z',
      mustChangePassword: true,
    });
    for (const wrong of ['--rights all', '--group nothing', '--expires soon']) {
      const added = await run(`user add ben --password-stdin ${wrong}`, { stdin: 'correct horse' });
      expect([added.code === 0, (await run('user show ben')).code]).toEqual([false, 1]);
    }
  });

  test('--json is for programs', async () => {
    await addAnna();
    const anna = {
      username: 'anna',
      enabled: true,
      home: 'anna',
      quotaBytes: 1024 ** 3,
      usedBytes: 0,
      cutUploads: null,
      keepDeletedMs: null,
      group: null,
      rights: null,
      expiresAt: null,
      externalPassword: false,
      mustChangePassword: false,
      networks: null,
      rateUp: null,
      rateDown: null,
      maxFiles: 1_000_000,
      usedFiles: 0,
      umask: null,
      fileMode: null,
      directoryMode: null,
      owner: null,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      lastLoginAt: null,
    };
    expect(JSON.parse((await run('user show anna --json')).stdout)).toEqual(anna);
    expect(JSON.parse((await run('user list --json')).stdout)).toEqual([anna]);
    expect(JSON.parse((await run('user quota anna --json')).stdout)).toEqual(anna);
  });

  test('cut-uploads is shown, set and left to the server again', async () => {
    await run('user add anna --cut-uploads publish --password-stdin', { stdin: 'correct horse' });
    const said = [];
    for (const mode of ['', ' keep', ' default']) {
      said.push((await run(`user cut-uploads anna${mode}`)).stdout);
    }
    expect(said).toEqual([
      'Uploads of anna whose client left: publish.\n',
      'Uploads of anna whose client left: keep. It applies from the next login on.\n',
      'Uploads of anna whose client left: as --cut-uploads of the server says. It applies from the next login on.\n',
    ]);
    await run('user cut-uploads anna keep');
    const { stdout } = await run('user list --json');
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ cutUploads: 'keep' })]);
  });

  test('keep-deleted is shown, set and left to the server again', async () => {
    await addAnna();
    const said = [];
    for (const time of ['', ' 7d', ' off', ' default']) {
      said.push((await run(`user keep-deleted anna${time}`)).stdout);
    }
    const later = 'It applies from the next login on.';
    expect(said).toEqual([
      'Deleted files of anna: as --keep-deleted of the server says.\n',
      `Deleted files of anna: kept for 7d. ${later}\n`,
      `Deleted files of anna: not kept. ${later}\n`,
      `Deleted files of anna: as --keep-deleted of the server says. ${later}\n`,
    ]);
    const { keepDeletedMs } = JSON.parse((await run('user keep-deleted anna 1h --json')).stdout);
    expect(keepDeletedMs).toBe(3_600_000);
  });

  test('add takes a quota, from the settings too', async () => {
    const own = await run('user add anna --quota 5GiB --password-stdin', {
      stdin: 'correct horse',
    });
    expect(own.stdout).toBe('Added anna with a quota of 5 GiB.\n');
    const environment = { MYFTP_QUOTA: '2GiB' };
    const usual = await run('user add otto --password-stdin', {
      stdin: 'correct horse',
      environment,
    });
    expect(usual.stdout).toBe('Added otto with a quota of 2 GiB.\n');
  });

  test('a new account gets a directory that exists only with --adopt, and is charged for its files', async () => {
    mkdirSync(path.join(cwd, 'myftp-data/files/anna'), { recursive: true });
    writeFileSync(path.join(cwd, 'myftp-data/files/anna/left.bin'), 'x'.repeat(2048));
    const refused = await run('user add anna --password-stdin', { stdin: 'correct horse' });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('files/anna already exists. Add --adopt');
    const added = await run('user add anna --adopt --password-stdin', { stdin: 'correct horse' });
    expect(added.stdout).toContain('Its home holds 2 KiB already.');
    const { stdout } = await run('user show anna --json');
    expect(JSON.parse(stdout)).toMatchObject({ usedBytes: 2048 });
  });

  test('add asks for the password twice and does not show it', async () => {
    const typed = passwords('correct horse', 'correct horse');
    const { code, stdout, stderr } = await run('user add anna', { typed });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Added anna with a quota of 1 GiB.\n' });
    expect(stderr).toContain('Password for anna:');
    expect(stderr).not.toContain('horse');
  });

  test('add asks again if the two passwords differ', async () => {
    const typed = [
      ...passwords('correct horse', 'correct hoarse'),
      ...passwords('battery staple', 'battery staple'),
    ];
    const { code, stderr } = await run('user add anna', { typed });
    expect(code).toBe(0);
    expect(stderr).toContain('The passwords differ.');
  });

  test.each([
    ['user add anna', 1, 'There is an account "anna" already.'],
    [
      'user add .x',
      1,
      'A username has 3 to 32 of a-z A-Z 0-9 . _ - and does not start with a dot or dash.',
    ],
    ['user add otto', 2, 'There is no terminal to ask for the password on. Use --password-stdin.'],
    ['user add otto --password-stdin', 1, 'A password has at least 8 characters.'],
    ['user show otto', 1, 'No such account: "otto".'],
    ['user passwd otto', 1, 'No such account: "otto".'],
    ['user disable otto', 1, 'No such account: "otto".'],
    ['user quota otto 5G', 1, 'No such account: "otto".'],
    ['user remove otto --yes', 1, 'No such account: "otto".'],
    ['user remove anna', 2, 'There is no terminal to ask on. Use --yes to do it without asking.'],
  ])('%s ends with %d', async (commandLine, code, sentence) => {
    await addAnna();
    const result = await run(commandLine);
    expect(result.code).toBe(code);
    expect(result.stderr.split('\n')[0]).toBe(`myftp-server: ${sentence}`);
  });

  test('a directory without a database is told, and none is made', async () => {
    const { code, stderr } = await run('user list --data elsewhere');
    expect(code).toBe(1);
    expect(stderr).toContain(`--data: there is no database in ${path.join(cwd, 'elsewhere')}.`);
    expect(existsSync(path.join(cwd, 'elsewhere'))).toBe(false);
  });

  test('the data directory may be named before the command and in the file', async () => {
    await addAnna();
    writeFileSync(path.join(cwd, 'f.toml'), 'data = "myftp-data"\nport = 21\n');
    expect((await run('--data myftp-data user show anna')).code).toBe(0);
    expect((await run('user show anna --config f.toml')).code).toBe(0);
    expect((await run('user show anna', { environment: { MYFTP_DATA: 'nowhere' } })).code).toBe(1);
  });

  test('passwd, quota, disable and enable', async () => {
    await addAnna();
    const outputs = [
      await run('user passwd anna --password-stdin', { stdin: 'battery staple\r\n' }),
      await run('user quota anna 10GiB'),
      await run('user quota anna'),
      await run('user disable anna'),
      await run('user enable anna'),
    ].map(({ stdout }) => stdout);
    expect(outputs).toEqual([
      'Changed the password of anna.\n',
      'anna uses 0 bytes of 10 GiB (0%), 0 of 1000000 files and directories.\n',
      'anna uses 0 bytes of 10 GiB (0%), 0 of 1000000 files and directories.\n',
      'anna can no longer log in; a running server ends the sessions that are open.\n',
      'anna can log in again.\n',
    ]);
  });

  describe('remove', () => {
    let home: string;

    beforeEach(async () => {
      await addAnna();
      home = path.join(cwd, 'myftp-data/files/anna');
      mkdirSync(home, { recursive: true });
      writeFileSync(path.join(home, 'a.txt'), 'a');
    });

    test('keeps the files', async () => {
      const { stdout } = await run('user remove anna --yes');
      expect(stdout).toBe(`Removed anna. The files in ${home} stay.\n`);
      expect(existsSync(path.join(home, 'a.txt'))).toBe(true);
      expect((await run('user list --json')).stdout).toBe('[]\n');
    });

    test("--delete-files deletes them, and nobody else's", async () => {
      const others = path.join(cwd, 'myftp-data/files/anna2');
      mkdirSync(others);
      await run('user remove anna --yes --delete-files');
      expect([existsSync(home), existsSync(others)]).toEqual([false, true]);
    });

    test.each([
      ['y', 0],
      ['', 1],
      ['n', 1],
    ])('asks, and %j ends with %d', async (answer, code) => {
      const result = await run('user remove anna --delete-files', {
        typed: [{ question: '[y/N]', text: answer }],
      });
      expect(result.stderr).toContain(`Remove anna? All files in ${home} are deleted. [y/N]`);
      expect(result.code).toBe(code);
      expect(existsSync(home)).toBe(code === 1);
    });
  });
});

describe('invite', () => {
  test('create shows the code once; list and revoke go by number', async () => {
    const created = await run('invite create --uses 3 --expires never');
    expect(created.code).toBe(0);
    expect(created.stdout).toMatch(
      /^([0-9A-Z]{5}-){3}[0-9A-Z]{5}\n\nInvite 1 for 3 accounts, no end\./,
    );
    const [code = ''] = created.stdout.split('\n');
    const listed = await run('invite list');
    expect(listed.stdout).toMatch(/^ID {2}STATE .*\n *1 {2}usable {2,}0\/3 .* never\n$/);
    expect(listed.stdout).not.toContain(code);
    expect((await run('invite revoke 1')).stdout).toBe('Revoked invite 1.\n');
    expect(await run('invite revoke 1')).toMatchObject({
      code: 1,
      stderr: 'myftp-server: There is no invite 1 that could be revoked.\n',
    });
    expect(JSON.parse((await run('invite list --json')).stdout)).toMatchObject([
      { id: 1, state: 'revoked' },
    ]);
  });

  test('says so if the settings need no invite', async () => {
    expect((await run('invite create')).stderr).toContain('sign-up open, which asks for no invite');
    const environment = { MYFTP_SIGNUP: 'invite' };
    expect((await run('invite create --json', { environment })).stderr).toBe('');
  });
});

test('150,000 accounts are listed, as a table and as JSON', async () => {
  await addAnna();
  const database = new SQLite(path.join(cwd, 'myftp-data/myftp.db'));
  database.exec(`
    WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 149999)
    INSERT INTO account (username, password_hash, home, created_at_ms)
      SELECT 'user-' || n, '', 'user-' || n, 0 FROM number;
    INSERT INTO quota (account_id, limit_bytes) SELECT id, 1000 FROM account WHERE id > 1;`);
  database.close();
  const { code, stdout } = await run('user list');
  const lines = stdout.trimEnd().split('\n');
  expect([code, lines.length]).toEqual([0, 150_001]);
  expect(lines.at(-1)).toMatch(/^user-99999 /);
  const accounts = JSON.parse((await run('user list --json')).stdout);
  expect(accounts).toHaveLength(150_000);
  expect(new Set(accounts.map(({ username }: { username: string }) => username)).size).toBe(
    150_000,
  );
});

describe('a quota', () => {
  test('unlimited is shown as such', async () => {
    const added = await run('user add anna --quota unlimited --password-stdin', {
      stdin: 'correct horse\n',
    });
    expect(added.stdout).toBe('Added anna with a quota of unlimited.\n');
    expect((await run('user list')).stdout).toMatch(/^anna +enabled +0 bytes +unlimited /m);
    expect((await run('user quota anna')).stdout).toBe(
      'anna uses 0 bytes (quota unlimited), 0 of 1000000 files and directories.\n',
    );
    expect(JSON.parse((await run('user show anna --json')).stdout)).toMatchObject({
      quotaBytes: null,
    });
    expect((await run('user quota anna 5GiB')).stdout).toBe(
      'anna uses 0 bytes of 5 GiB (0%), 0 of 1000000 files and directories.\n',
    );
    expect((await run('user quota anna unlimited')).stdout).toContain('unlimited');
  });

  test('of 0 is set with a warning', async () => {
    await addAnna();
    const { code, stderr } = await run('user quota anna 0');
    expect([code, stderr]).toEqual([
      0,
      'Mind: with a quota of 0, anna can upload nothing. No limit is: unlimited.\n',
    ]);
  });
});
