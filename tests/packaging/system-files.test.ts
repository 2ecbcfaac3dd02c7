/** The files that the packages bring for systemd, fail2ban and logrotate, checked by those programs. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openLogs } from '../../server/logging/logging.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { describeClient, isInstalled, run } from '../clients/program.ts';

const packaging = (file: string) =>
  fileURLToPath(new URL(`../../packaging/${file}`, import.meta.url));
const UNIT = packaging('systemd/myftp.service');
const HIGHEST_EXPOSURE = 2;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'myftp-system-files-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

describeClient('systemd-analyze', isInstalled('systemd-analyze'), () => {
  test('verify finds nothing in the unit', async () => {
    // It looks for the program and the man page, which are not on this machine.
    const unit = (await readFile(UNIT, 'utf8'))
      .replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true')
      .replace(/^Documentation=.*\n/m, '');
    const file = path.join(directory, 'myftp.service');
    await writeFile(file, unit);
    expect(await run('systemd-analyze', ['verify', '--man=no', file])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  test(`security finds an exposure below ${HIGHEST_EXPOSURE}`, async () => {
    const { stdout } = await run('systemd-analyze', [
      'security',
      '--offline=true',
      '--no-pager',
      UNIT,
    ]);
    const [, level] = /Overall exposure level for myftp\.service: ([\d.]+)/.exec(stdout) ?? [];
    expect(Number(level)).toBeLessThan(HIGHEST_EXPOSURE);
  });
});

test('the unit leaves the server more time to stop than the default of "grace", and 2 and 78 alone', async () => {
  const unit = await readFile(UNIT, 'utf8');
  expect(unit).toMatch(/^Type=notify$/m);
  expect(unit).toMatch(/^RestartSec=5$/m);
  expect(unit).toMatch(/^Restart=on-failure$/m);
  expect(unit).toMatch(/^RestartPreventExitStatus=2 78$/m);
  expect(unit).toMatch(/^TimeoutStopSec=30s$/m);
});

describeClient('fail2ban-regex', isInstalled('fail2ban-regex'), () => {
  test('finds refused logins and their addresses in logins.log, and nothing that a name makes up', async () => {
    const logs = openLogs({
      dir: path.join(directory, 'logs'),
      level: 'info',
      terminal: undefined,
    });
    const server = await TestServer.start({ logs, directory: path.join(directory, 'data') });
    await server.signUp('anna');
    const names = ['anna', 'nobody', '","peer":"6.6.6.6","msg":"login refused"}', 'x"}\\'];
    for (const name of names) {
      const client = await server.connect();
      await client.command(`USER ${name}`);
      await client.command('PASS wrong horse');
    }
    await (await server.connect('::ffff:127.0.0.1')).login('anna', 'correct horse');
    await server.dispose();
    await logs.close();
    const { stdout } = await run('fail2ban-regex', [
      '--verbose',
      path.join(directory, 'logs/logins.log'),
      packaging('fail2ban/filter.d/myftp.conf'),
    ]);
    expect(stdout).toContain(`Failregex: ${names.length} total`);
    expect(stdout).toMatch(/^\| +127\.0\.0\.1 +\w{3} \w{3} /m);
    expect(stdout).not.toContain('6.6.6.6  ');
  });

  test('finds every offence and every ban in connections.log', async () => {
    const dir = path.join(directory, 'guard-logs');
    const logs = openLogs({ dir, level: 'info', terminal: undefined });
    const server = await TestServer.start({
      logs,
      settings: { banAfter: 5, neverBan: [], maxSessionsPerIp: 1 },
      directory: path.join(directory, 'guard-data'),
    });
    const client = await server.connect();
    for (let time = 0; time < 3; time += 1) await client.command('","peer":"6.6.6.6');
    const refused = connect({ port: server.port, host: '127.0.0.1' });
    expect(await text(refused)).toContain('Too many connections from your address');
    await client.command('HELO x');
    await server.dispose();
    await logs.close();
    const file = path.join(dir, 'connections.log');
    const { stdout } = await run('fail2ban-regex', [
      '--verbose',
      file,
      packaging('fail2ban/filter.d/myftp.conf'),
    ]);
    expect(stdout).toContain('Failregex: 6 total');
    expect(await readFile(file, 'utf8')).toMatch(/"peer":"127.0.0.1".*"msg":"origin banned"}\n/);
    expect(stdout).not.toContain('6.6.6.6  ');
  });
});

describeClient('logrotate', isInstalled('logrotate'), () => {
  test('accepts the configuration', async () => {
    const text = await readFile(packaging('logrotate/myftp'), 'utf8');
    const file = path.join(directory, 'myftp');
    await writeFile(file, text.replace('su myftp myftp', 'su root root'), { mode: 0o644 });
    const { code, stderr } = await run('logrotate', ['--debug', file]);
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/error/i);
  });
});
