import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { ServerProcess, until } from '../journeys/server-process.ts';
import { sourceProgram } from '../source-program.ts';

const HOME = fileURLToPath(new URL('../..', import.meta.url));
const CONTENT = randomBytes(100_000);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

/** The server's sources beside packages of which koffi is another one, or none. */
async function copyOfServer(koffi: string | undefined): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'myftp-koffi-'));
  for (const part of ['server', 'db', 'migrations', 'package.json']) {
    await cp(join(HOME, part), join(directory, part), { recursive: true });
  }
  const packages = join(directory, 'node_modules');
  await mkdir(packages);
  for (const name of await readdir(join(HOME, 'node_modules'))) {
    if (name !== 'koffi') await symlink(join(HOME, 'node_modules', name), join(packages, name));
  }
  if (koffi === undefined) return directory;
  await mkdir(join(packages, 'koffi'));
  await writeFile(join(packages, 'koffi', 'index.js'), koffi);
  return directory;
}

const FAULTS = [
  { fault: 'is not installed', koffi: undefined, reason: 'ERR_MODULE_NOT_FOUND' },
  {
    fault: 'has no binary for the machine',
    koffi: "throw new Error('Cannot find the native Koffi module');",
    reason: 'Cannot find the native Koffi module',
  },
  {
    fault: 'calls a statx that the system refuses',
    koffi: 'module.exports = { load: () => ({ func: () => () => -1 }) };',
    reason: 'statx does not give the facts that lstat gives',
  },
];

describe.each(FAULTS)('where koffi $fault', ({ koffi, reason }) => {
  let copy: string;
  let server: ServerProcess;
  let client: ControlClient;

  beforeAll(async () => {
    copy = await copyOfServer(koffi);
    const program = sourceProgram(pathToFileURL(join(copy, 'server/main.ts')));
    server = await ServerProcess.startProgram(program, await ServerProcess.makeDirectory());
    client = await server.signUp('anna', 'correct horse');
    await client.store('STOR größe.bin', CONTENT);
    await client.command('MKD folder');
    await symlink('folder', server.home('anna', 'link'));
  });
  afterAll(async () => {
    await client?.close();
    await server?.dispose();
    await rm(copy, { recursive: true });
  });

  test('one line of the log says so', async () => {
    // The thread that lists is started by the first listing.
    await client.retrieve('LIST');
    const log = join(server.directory, 'logs/server.log');
    const lines = async () =>
      (await readFile(log, 'utf8')).split('\n').filter((line) => line.includes('koffi'));
    await until(async () => (await lines()).length > 0);
    expect(await lines()).toHaveLength(1);
    expect(JSON.parse((await lines())[0] ?? '')).toMatchObject({ level: 'warn', reason });
  });

  test('LIST, MLSD and NLST work', async () => {
    const text = async (command: string) => (await client.retrieve(command)).data.toString();
    expect(await text('LIST')).toMatch(/^-rw\S+ .* 100000 .* größe\.bin\r$/m);
    expect(await text('LIST')).toMatch(/^drwx\S+ .* link\r$/m);
    expect(await text('MLSD')).toMatch(/^type=file;size=100000;\S+ größe\.bin\r$/m);
    expect(await text('MLSD')).toMatch(/^type=dir;\S+ folder\r$/m);
    expect((await text('NLST')).split('\r\n').sort()).toEqual(['', 'folder', 'größe.bin', 'link']);
  });

  test('HASH works', async () => {
    await client.command('OPTS HASH SHA-256');
    const { code, lines } = await client.command('HASH größe.bin');
    expect(code).toBe(213);
    expect(lines[0]).toContain(SHA256);
  });
});

test('where listings cannot be loaded at all, HASH works', async () => {
  const copy = await copyOfServer(undefined);
  await rm(join(copy, 'server/listing/block-formatter.ts'));
  const program = sourceProgram(pathToFileURL(join(copy, 'server/main.ts')));
  const server = await ServerProcess.startProgram(program, await ServerProcess.makeDirectory());
  const client = await server.signUp('anna', 'correct horse');
  await client.store('STOR file', CONTENT);
  expect((await client.retrieve('LIST')).closing.code).toBe(451);
  expect((await client.command('XSHA256 file')).lines[0]?.toLowerCase()).toContain(SHA256);
  const log = join(server.directory, 'logs/server.log');
  await until(async () => (await readFile(log, 'utf8')).includes('listing: Cannot find module'));
  await client.close();
  await server.dispose();
  await rm(copy, { recursive: true });
});
