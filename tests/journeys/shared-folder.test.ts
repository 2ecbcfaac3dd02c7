import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCommand } from '../../server/testing/run-command.ts';
import { ClientSite, PASSWORD, USERNAME } from '../clients/client-site.ts';
import { describeClient, isInstalled, type Outcome } from '../clients/program.ts';
import { digestOf, octets } from '../clients/samples.ts';

const OTHER = 'ben';
const LARGE = octets(300_000);

let site: ClientSite;

/** Both accounts see one folder under different names. */
beforeAll(async () => {
  site = await ClientSite.open();
  await site.server.signUp(OTHER, PASSWORD);
  for (const line of [
    'folder add projects --quota 1MB',
    `folder share projects ${USERNAME} --at /team`,
    `folder share projects ${OTHER} --at /from-anna`,
  ]) {
    const data = ['--data', site.server.settings.dataDir];
    expect(await runCommand([...line.split(' '), ...data])).toMatchObject({ code: 0, stderr: '' });
  }
  await mkdir(site.local('tree/deep/er'), { recursive: true });
  await site.writeLocal('tree/large', LARGE);
  await site.writeLocal('tree/deep/er/small', octets(10));
});
afterAll(() => site.close());

function lftp(username: string, command: string): Promise<Outcome> {
  const lines = [
    ...['set ftp:ssl-allow no', 'set net:max-retries 1', 'set net:timeout 20'],
    `open -u ${username},"${PASSWORD}" -p ${site.port} ${site.host}`,
    command,
  ];
  return site.attempt('lftp', ['--norc', '-c', lines.join('\n')]);
}

describeClient('lftp', isInstalled('lftp'), () => {
  test('mirrors a tree into a folder, and another account mirrors its whole tree out of it', async () => {
    expect(await lftp(USERNAME, 'mirror -R tree team/tree')).toMatchObject({ code: 0, stderr: '' });
    expect((await lftp(OTHER, 'find .')).stdout.split('\n').toSorted()).toEqual([
      '',
      './',
      './from-anna/',
      ...['./from-anna/tree/', './from-anna/tree/deep/', './from-anna/tree/deep/er/'],
      ...['./from-anna/tree/deep/er/small', './from-anna/tree/large'],
    ]);
    expect(await lftp(OTHER, 'mirror . copy')).toMatchObject({ code: 0, stderr: '' });
    const copied = await site.localDigest('copy/from-anna/tree/large');
    expect(copied).toBe(digestOf(LARGE));
    expect(await readdir(site.local('copy/from-anna/tree/deep/er'))).toEqual(['small']);
  });

  test('is told that a file does not move out of a folder', async () => {
    const { code, stderr } = await lftp(OTHER, 'mv from-anna/tree/large large');
    expect([code, stderr]).toEqual([1, expect.stringContaining('553 /large: shared folders')]);
  });
});

describeClient('curl', isInstalled('curl'), () => {
  const curl = (...args: readonly string[]): Promise<Outcome> =>
    site.attempt('curl', ['--silent', '--show-error', ...args]);

  test('uploads into a folder until its quota is used up, and the file is in its directory', async () => {
    await writeFile(site.local('plan'), LARGE);
    expect((await curl('-T', site.local('plan'), site.url('/team/plan'))).code).toBe(0);
    const directory = join(site.server.rootDir, 'folder:projects');
    expect(await readdir(directory)).toContain('plan');
    await writeFile(site.local('excess'), Buffer.alloc(1_000_000));
    const refused = await curl('-T', site.local('excess'), site.url('/team/excess'));
    expect(refused.code).not.toBe(0);
    expect((await curl('-l', site.url('/team/'))).stdout).toMatch(/^plan\r?$/m);
  });
});
