/** The client's completions in the shells themselves, with sites and paths on a server. */
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import { ClientProgram } from '../../tui-client/cli/testing/client-program.ts';
import { describeClient, isInstalled, runWell } from '../clients/program.ts';
import { Terminal } from '../terminal/terminal.ts';

const GENERATOR = fileURLToPath(
  new URL('../../packaging/command-docs/write-documents.ts', import.meta.url),
);
const PASSWORD = 'correct horse';

let client: ClientProgram;
let server: TestServer;
let share: string;
let bin: string;

beforeAll(async () => {
  [client, server] = await Promise.all([
    ClientProgram.prepare(),
    TestServer.start({ settings: { tls: 'off' } }),
  ]);
  await server.signUp('anna', PASSWORD);
  const home = await server.makeHome('anna');
  await mkdir(path.join(home, 'www', 'my images'), { recursive: true });
  await writeFile(path.join(home, 'www', 'index.html'), '');
  await writeFile(path.join(home, 'www', '.hidden'), '');
  const url = `ftp://anna@127.0.0.1:${server.port}/`;
  await client.run(['sites', 'add', 'work', url, '--plain']);
  await client.run(['sites', 'add', 'closed', 'ftp://anna@127.0.0.1:1/', '--plain']);
  const netrc = await client.write(
    '../home/.netrc',
    `machine 127.0.0.1 login anna password "${PASSWORD}"\n`,
  );
  await chmod(netrc, 0o600);
  share = path.join(client.home, 'share');
  await runWell(process.execPath, ['--disable-warning=ExperimentalWarning', GENERATOR, share]);
  bin = path.dirname(
    await client.write(
      '../bin/myftp-tui',
      `#!/bin/sh\nexec '${process.execPath}' '${client.main}' "$@"\n`,
    ),
  );
  await chmod(path.join(bin, 'myftp-tui'), 0o755);
});
afterAll(async () => {
  await client?.dispose();
  await server?.dispose();
});

function environment() {
  return { PATH: `${bin}:${process.env.PATH}`, HOME: client.home, PS1: 'ready> ' };
}

/** What the shell makes of a line when Tab is pressed behind it, until the screen shows what is expected. */
async function completes(
  shell: readonly [string, ...string[]],
  { setup, typed, seen }: { setup: string; typed: string; seen: string },
): Promise<void> {
  const terminal = new Terminal(shell, { cwd: client.cwd, env: environment(), columns: 100 });
  try {
    await terminal.until('ready>');
    terminal.type(`${setup}; clear; PS1='set> '\r`);
    await terminal.until('set>');
    terminal.type(`${typed}\t`);
    await terminal.until(seen);
  } finally {
    await terminal.end();
  }
}

const LINES: readonly (readonly [string, string])[] = [
  ['myftp-tui ls wo', 'myftp-tui ls work:'],
  ['myftp-tui wo', 'myftp-tui work'],
  ['myftp-tui quota wo', 'myftp-tui quota work'],
  ['myftp-tui ls work:/w', 'myftp-tui ls work:/www/'],
  ['myftp-tui cat work:/www/in', 'myftp-tui cat work:/www/index.html'],
  ['myftp-tui get work:www/m', String.raw`myftp-tui get work:www/my\ images/`],
  ['myftp-tui get work:/www/my\\ i', String.raw`myftp-tui get work:/www/my\ images/`],
];

describeClient('bash', isInstalled('bash'), () => {
  const setup = () => `source ${share}/bash-completion/completions/myftp-tui`;

  test.each(LINES)(
    'completes "%s"',
    (typed, seen) => completes(['bash', '--norc', '-i'], { setup: setup(), typed, seen }),
    60_000,
  );

  test('runs nothing that is written in the word', async () => {
    const typed = "myftp-tui ls work:/'$(touch ran)'`touch ran`\t";
    await completes(['bash', '--norc', '-i'], {
      setup: setup(),
      typed: `${typed}\x15ls | wc -l; echo end\r`,
      seen: '\nend',
    });
    await expect(client.read('ran')).rejects.toThrow('ENOENT');
  });
});

describeClient('zsh', isInstalled('zsh'), () => {
  test.each(LINES)(
    'completes "%s"',
    (typed, seen) => {
      const setup = `fpath=(${share}/zsh/vendor-completions $fpath); autoload -Uz compinit; compinit -u -d ${client.home}/.zcompdump`;
      return completes(['zsh', '-f', '-i'], { setup, typed, seen });
    },
    60_000,
  );
});

describeClient('fish', isInstalled('fish'), () => {
  async function complete(line: string): Promise<readonly string[]> {
    const file = path.join(share, 'fish/vendor_completions.d/myftp-tui.fish');
    const script = `source ${file}; complete -C ${JSON.stringify(line)}`;
    const { stdout } = await runWell('fish', ['--no-config', '-c', script], {
      env: environment(),
      cwd: client.cwd,
    });
    return stdout.split('\n').map((one) => one.replace(/\t.*/, ''));
  }

  test.each([
    ['myftp-tui ls wo', 'work:'],
    ['myftp-tui wo', 'work'],
    ['myftp-tui quota wo', 'work'],
    ['myftp-tui ls work:/w', 'work:/www/'],
    ['myftp-tui get work:www/m', 'work:www/my images/'],
  ])(
    'completes "%s"',
    async (line, expected) => {
      expect(await complete(line)).toContain(expected);
    },
    60_000,
  );
});

describe('complete-word', () => {
  const words = async (...args: string[]) => client.run(['complete-word', ...args]);

  test('offers hidden names only to a dot', async () => {
    expect((await words('places', 'work:/www/')).stdout).toBe(
      'work:/www/index.html\nwork:/www/my images/\n',
    );
    expect((await words('places', 'work:/www/.')).stdout).toBe('work:/www/.hidden\n');
  });

  test.each([
    ['places', 'closed:/'],
    ['places', 'missing:/'],
    ['places', 'ftp://anna:secret@h/'],
    ['places', 'ftp://h'],
    ['other'],
  ])('is quiet when something fails: %j', async (...args) => {
    expect(await words(...args, ...(args.length === 1 ? ['zzz'] : []))).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('remembers for some seconds what the server has listed', async () => {
    const home = await server.makeHome('anna');
    await words('places', 'work:/www/my images/');
    await writeFile(path.join(home, 'www', 'my images', 'new.png'), '');
    expect((await words('places', 'work:/www/my images/n')).stdout).toBe('');
    await rm(path.join(client.home, '.cache'), { recursive: true });
    expect((await words('places', 'work:/www/my images/n')).stdout).toBe(
      'work:/www/my images/new.png\n',
    );
  });
});
