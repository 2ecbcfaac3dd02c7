/** What is generated from the command tables: man pages, completions and the packages' settings file. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { allCommands, optionsOf } from '../../packaging/command-docs/command-model.ts';
import { clientModel, serverModel } from '../../packaging/command-docs/programs.ts';
import { withSettingsTable } from '../../packaging/command-docs/settings-table.ts';
import { readSettings } from '../../server/config/read-settings.ts';
import { settingNames } from '../../server/config/settings.ts';
import { describeClient, isInstalled, run, runWell } from '../clients/program.ts';

const GENERATOR = fileURLToPath(
  new URL('../../packaging/command-docs/write-documents.ts', import.meta.url),
);

let share: string;

beforeAll(async () => {
  share = await mkdtemp(path.join(tmpdir(), 'myftp-share-'));
  await runWell(process.execPath, ['--disable-warning=ExperimentalWarning', GENERATOR, share]);
});

afterAll(() => rm(share, { recursive: true, force: true }));

const models = [serverModel(), clientModel('1.2.3')];
const PAGES = ['man/man8/myftp-server.8', 'man/man1/myftp-tui.1'];

describeClient('man', isInstalled('man'), () => {
  test.each(PAGES)('%s has no fault', async (page) => {
    const { code, stderr } = await run('man', [
      '--warnings',
      '-l',
      '-Tutf8',
      path.join(share, page),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test.each(models.map((model, index) => [PAGES[index] ?? '', model] as const))(
    '%s has every command and every option',
    async (page, model) => {
      const { stdout } = await run('man', ['-l', path.join(share, page)], {
        env: {
          PATH: process.env.PATH,
          MANWIDTH: '100',
          MAN_KEEP_FORMATTING: '',
          LC_ALL: 'C.UTF-8',
        },
      });
      for (const command of allCommands(model)) {
        if (command.commands.length === 0)
          expect(stdout).toContain(command.words.slice(1).join(' '));
        for (const { flags } of optionsOf(command)) expect(stdout).toContain(flags.join(', '));
      }
    },
  );
});

describe('completion of bash', () => {
  async function complete(...words: readonly string[]): Promise<readonly string[]> {
    const [program = ''] = words;
    const script = `
      compopt() { :; }
      source ${share}/bash-completion/completions/${program}
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
      COMP_CWORD=${words.length - 1}
      _${program.replaceAll('-', '_')}
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await runWell('bash', ['--norc', '-c', script], { cwd: share });
    return stdout.split('\n').filter((word) => word !== '');
  }

  test.each([
    [['myftp-server', 'us'], ['user']],
    [['myftp-server', 'user', 'pas'], ['passwd']],
    [
      ['myftp-server', '--tls', ''],
      ['off', 'optional', 'required'],
    ],
    [['myftp-server', 'user', 'add', 'anna', '--pass'], ['--password-stdin']],
    [['myftp-server', '--config', 'ma'], ['man']],
    [['myftp-tui', 'mirror', '--che'], ['--checksum']],
    [['myftp-tui', '--theme', 'd'], ['dark']],
    [['myftp-tui', 'put', 'ma'], ['man']],
  ])('%j gives %j', async (words, expected) => {
    expect(await complete(...words)).toEqual(expected);
  });
});

describeClient('fish', isInstalled('fish'), () => {
  test.each([
    ['myftp-server', 'myftp-server us', ['user']],
    ['myftp-server', 'myftp-server --tls op', ['optional']],
    ['myftp-server', 'myftp-server user add --pass', ['--password-stdin']],
    ['myftp-tui', 'myftp-tui sites sh', ['show']],
  ])('completion of %s: "%s"', async (program, line, expected) => {
    const file = path.join(share, `fish/vendor_completions.d/${program}.fish`);
    const script = `source ${file}; complete -C '${line}'`;
    const { stdout } = await runWell('fish', ['--no-config', '-c', script], {
      env: { PATH: process.env.PATH, HOME: share },
    });
    expect(
      stdout
        .trim()
        .split('\n')
        .map((word) => word.replace(/\t.*/, '')),
    ).toEqual(expected);
  });
});

describeClient('zsh', isInstalled('zsh'), () => {
  test.each(['myftp-server', 'myftp-tui'])('takes the completion of %s', async (program) => {
    const file = path.join(share, `zsh/vendor-completions/_${program}`);
    expect(await run('zsh', ['-n', file])).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

test('docs/settings.md has the table of the definitions (npm run documents writes it)', async () => {
  const page = await readFile(new URL('../../docs/settings.md', import.meta.url), 'utf8');
  expect(withSettingsTable(page)).toBe(page);
});

describe('the settings file of the packages', () => {
  const file = () => path.join(share, 'myftp/myftp.toml');

  test('has every setting, commented out, and sets the data directory only', async () => {
    const text = await readFile(file(), 'utf8');
    for (const name of settingNames) expect(text).toMatch(new RegExp(`^(# )?${name} = `, 'm'));
    const { sources, settings } = readSettings({
      flags: { config: file() },
      environment: {},
      cwd: '/',
    });
    const set = [...sources].filter(([, { kind }]) => kind !== 'default').map(([name]) => name);
    expect(set).toEqual(['data']);
    expect(settings.dataDir).toBe('/var/lib/myftp');
  });

  test.each(settingNames)(
    '%s works as it stands there (else give its definition an example)',
    async (name) => {
      const needs: Record<string, string> = {
        'tls-key': 'tls-cert',
        'tls-cert': 'tls-key',
        group: 'user',
      };
      const other = needs[name] ?? name;
      const text = (await readFile(file(), 'utf8')).replaceAll(
        new RegExp(`^# (${name}|${other}) = `, 'gm'),
        '$1 = ',
      );
      const changed = path.join(share, 'changed.toml');
      await writeFile(changed, text);
      const { sources } = readSettings({ flags: { config: changed }, environment: {}, cwd: '/' });
      expect(sources.get(name)).toMatchObject({ kind: 'file' });
    },
  );
});
