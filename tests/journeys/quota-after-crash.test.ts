import { execFileSync } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { forgetBoot } from '../../server/testing/forget-boot.ts';
import { untilMeasured } from '../../server/testing/until-measured.ts';
import { builtServer } from '../built-programs.ts';
import { octets } from '../clients/samples.ts';
import { ServerProcess } from './server-process.ts';

const PASSWORD = 'correct horse';
const NOBODY = 65_534;
const MAIN = builtServer();

/** Permissions do not bind root. */
const AS_NOBODY = [
  '--import',
  `data:text/javascript,process.setgroups([]);process.setgid(${NOBODY});process.setuid(${NOBODY})`,
];
const isRoot = process.getuid?.() === 0;

describe('the quota after a crash', () => {
  let server: ServerProcess;
  let client: ControlClient;

  beforeEach(async () => {
    const directory = await ServerProcess.makeDirectory();
    if (isRoot) await chown(directory, NOBODY, NOBODY);
    server = await start(directory);
    client = await server.signUp('anna', PASSWORD);
  });
  afterEach(async () => {
    // Unlike Node, it goes as deep as there is anything.
    execFileSync('chmod', ['-R', 'u+rwx', server.home('anna')]);
    execFileSync('rm', ['-rf', server.home('anna')]);
    await server.dispose();
  });

  const start = (directory: string) =>
    ServerProcess.startProgram([...(isRoot ? AS_NOBODY : []), MAIN], directory);

  async function crash(): Promise<void> {
    await server.end('SIGKILL');
    // The account may be at rest, so that a crash of the process alone would not have it measured.
    await forgetBoot(server.directory);
    server = await start(server.directory);
    await untilMeasured(server.directory);
    client = await server.login('anna', PASSWORD);
  }

  async function used(): Promise<number> {
    const { lines } = await client.command('SITE QUOTA');
    return Number(/^200 (\d+) of /.exec(lines[0] ?? '')?.[1]);
  }

  test('is exact when the client has taken all rights to a directory from everybody', async () => {
    await client.command('MKD d');
    await client.store('STOR d/a.bin', octets(101_000));
    expect((await client.command('SITE CHMOD 000 d')).code).toBe(200);
    await crash();
    expect(await used()).toBe(101_000);
    expect((await client.command('DELE d/a.bin')).code).toBe(250);
    expect(await used()).toBe(0);
  });

  test('counts what can be read when somebody else has locked a directory', async () => {
    await client.command('MKD d');
    await client.store('STOR a.bin', octets(101_000));
    await client.store('STOR d/b.bin', octets(5000));
    execFileSync('chmod', ['000', server.home('anna', 'd')]);
    await crash();
    expect(await used()).toBe(101_000);
  });

  test('is exact with a tree that is deeper than the longest path', async () => {
    await client.store('STOR a.bin', octets(101_000));
    const deep = `
      process.chdir(${JSON.stringify(server.home('anna'))});
      for (let depth = 0; depth < 60; depth += 1) {
        fs.mkdirSync('d'.repeat(200));
        process.chdir('d'.repeat(200));
        fs.writeFileSync('f', 'x'.repeat(100));
      }`;
    execFileSync(process.execPath, ['-e', deep]);
    await crash();
    expect(await used()).toBe(107_000);
  });

  test('lets nobody lock the account out', async () => {
    await client.store('STOR a.bin', octets(101_000));
    expect((await client.command('SITE CHMOD 000 /')).code).toBe(200);
    await crash();
    expect((await client.command('SIZE a.bin')).lines).toEqual(['213 101000']);
    expect((await client.store('STOR b.bin', octets(100))).closing.code).toBe(226);
  });
});
