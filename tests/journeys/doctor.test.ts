import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { chown, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../server/doctor/finding.ts';
import { builtServer } from '../built-programs.ts';
import { isInstalled, type Outcome, run, succeeds } from '../clients/program.ts';
import { sourceEnvironment } from '../source-program.ts';
import { ServerProcess } from './server-process.ts';

const DOCTOR = [process.execPath, builtServer(), 'doctor'];
const NOBODY = 65_534;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'myftp-doctor-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** Runs doctor below another program, such as `prlimit`. */
function doctor(flags: readonly string[], under: readonly string[] = []): Promise<Outcome> {
  const [command = '', ...args] = [...under, ...DOCTOR, '--data', directory, ...flags];
  return run(command, args, { cwd: '/', env: sourceEnvironment() });
}

async function findings(
  flags: readonly string[],
  under: readonly string[] = [],
): Promise<{ readonly code: number | null; readonly findings: readonly Finding[] }> {
  const { code, stdout } = await doctor([...flags, '--json'], under);
  return { code, findings: JSON.parse(stdout).findings };
}

async function finding(
  id: Finding['id'],
  flags: readonly string[],
  under: readonly string[] = [],
): Promise<Finding | undefined> {
  return (await findings(flags, under)).findings.find((one) => one.id === id);
}

/** Every path with what would show a change; the running server writes to some files by itself. */
async function treeOf(root: string): Promise<readonly string[]> {
  const paths = await readdir(root, { recursive: true });
  const lines = [...paths, '.'].map(async (path) => {
    const { mtimeMs, size, mode, ino } = await stat(join(root, path));
    const written = /^(logs\/|myftp\.db-)/.test(path) ? [] : [mtimeMs, size];
    return [path, mode, ino, ...written].join(' ');
  });
  return (await Promise.all(lines)).sort();
}

describe('on a directory that has seen no server', () => {
  test('finds no problem and makes nothing', async () => {
    const data = join(directory, 'data');
    const { code, stdout } = await doctor(['--port', '0', '--data', data]);
    expect(stdout).toMatch(
      /^ok {7}data +--data \S+ does not exist yet; the first start makes it\.$/m,
    );
    expect(stdout).toMatch(/\n\n0 problems, \d warnings?\.\n$/);
    expect(code).toBe(0);
    expect(await readdir(directory)).toEqual([]);
  });

  test('a problem ends with 1 and says what to do', async () => {
    const { code, stdout } = await doctor(['--port', '0', '--host', '192.0.2.1']);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^PROBLEM {2}port +This host does not have the address 192\.0\.2\.1 \(EADDRNOTAVAIL\)\.\n +To do: Set --host /m,
    );
    expect(stdout).toMatch(/\n\n1 problem, /);
  });

  test('settings that cannot work are problems', async () => {
    const { code, findings: found } = await findings(['--port', 'abc', '--quota', 'big']);
    expect(code).toBe(1);
    expect(found.map(({ id, level }) => [id, level])).toEqual([
      ['settings', 'problem'],
      ['settings', 'problem'],
    ]);
  });

  test('an unknown flag is wrong usage', async () => {
    expect((await doctor(['--prot', '21'])).code).toBe(2);
  });
});

describe('beside a running server', () => {
  let server: ServerProcess;

  beforeEach(async () => {
    server = await ServerProcess.start(directory, '--host', '127.0.0.1', '--idle-timeout', '1h');
  });
  afterEach(() => server.dispose());

  test('recognises its port and its data, and changes nothing', async () => {
    const client = await server.signUp('anna', 'correct horse');
    await client.store('STOR before.txt', 'before');
    const before = await treeOf(directory);
    const { code, findings: found } = await findings(['--port', String(server.port)]);
    expect(found.filter(({ level }) => level === 'problem')).toEqual([]);
    expect(code).toBe(0);
    const text = (id: Finding['id']) => found.find((one) => one.id === id)?.text;
    expect(text('port')).toBe(
      `The running server listens on port ${server.port} (process ${server.child.pid}).`,
    );
    expect(text('database')).toBe('The database is sound and has 1 accounts.');
    expect(text('descriptors')).toMatch(/^The running server may open /);
    expect(await treeOf(directory)).toEqual(before);
    expect((await client.retrieve('RETR before.txt')).data.toString()).toBe('before');
  });
});

describe('finds', () => {
  if (isInstalled('prlimit')) {
    test.each([
      [500, 'problem', 'too few for --max-sessions 1000'],
      [3000, 'warning', 'not for transfers in all of them'],
    ])('a limit of %i open files', async (limit, level, text) => {
      const flags = ['--port', '0', '--pasv-range', '40000-40099'];
      const found = await finding('descriptors', flags, ['prlimit', `--nofile=${limit}:${limit}`]);
      expect(found).toMatchObject({ level, text: expect.stringContaining(text) });
      expect(found?.remedy).toContain('LimitNOFILE=');
    });
  } else {
    test.skip('a low limit of open files was not tested: prlimit is not installed', () => {});
  }

  const isRoot = process.getuid?.() === 0;
  const asNobody = ['setpriv', `--reuid=${NOBODY}`, '--clear-groups'];
  const nobodyRuns = isRoot && succeeds('setpriv', [...asNobody.slice(1), ...DOCTOR, '--help']);

  if (nobodyRuns) {
    test('directories, files and ports that the user may not use', async () => {
      chmodSync(directory, 0o755);
      const pem = join(directory, 'pair.pem');
      writeFileSync(pem, '', { mode: 0o600 });
      const certificate = ['--tls-cert', pem, '--tls-key', pem];
      const refused = await findings(['--port', '990', ...certificate], asNobody);
      expect(refused.code).toBe(1);
      const { findings: found } = refused;
      const problems = found.filter(({ level }) => level === 'problem');
      expect(problems).toContainEqual(
        expect.objectContaining({ id: 'data', text: expect.stringContaining('(EACCES)') }),
      );
      expect(problems).toContainEqual(
        expect.objectContaining({ id: 'root', text: expect.stringContaining('(EACCES)') }),
      );
      expect(problems).toContainEqual(
        expect.objectContaining({
          id: 'certificate',
          text: expect.stringContaining('the system does not permit it to this user'),
        }),
      );
      const port = found.find(({ id }) => id === 'port');
      expect(port).toMatchObject({
        level: 'problem',
        text: 'This user may not open port 990 (EACCES).',
      });
    });

    test('that it runs as another user than the owner of the data', async () => {
      await chown(directory, NOBODY, NOBODY);
      const found = await finding('data', ['--port', '0']);
      expect(found).toMatchObject({
        level: 'warning',
        text: `--data ${directory} belongs to the user with the number ${NOBODY}, and doctor runs as number 0.`,
      });
    });
  } else {
    test.skip('missing rights were not tested: that needs root, setpriv, and a readable checkout', () => {});
  }

  const inMountNamespace = (script: string) => [
    ...['unshare', '--mount', 'sh', '-c', `${script} && exec "$@"`, 'sh'],
  ];

  if (isRoot && succeeds('unshare', ['--mount', 'true'])) {
    test('a /proc that is not mounted', async () => {
      const empty = join(directory, 'empty');
      mkdirSync(empty);
      const under = inMountNamespace(`mount --bind '${empty}' /proc`);
      expect(await finding('proc', ['--port', '0'], under)).toMatchObject({ level: 'problem' });
    });

    test('a koffi that cannot be loaded', async () => {
      const koffi = fileURLToPath(new URL('../../node_modules/koffi', import.meta.url));
      const under = inMountNamespace(
        `for module in $(find '${koffi}' '${koffi}'/../@koromix -name '*.node'); do mount --bind /dev/null "$module"; done`,
      );
      const found = await finding('koffi', ['--port', '0'], under);
      expect(found).toMatchObject({ level: 'warning' });
      expect(found?.remedy).toContain('Install MyFTP again');
    });
  } else {
    test.skip('a missing /proc and a broken koffi were not tested: that needs root', () => {});
  }
});
