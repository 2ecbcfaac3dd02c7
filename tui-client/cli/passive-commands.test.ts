import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../server/testing/free-range.ts';
import type { Outcome } from '../../tests/clients/program.ts';
import { FieldServer } from '../testing/field-server.ts';
import { extendedPortAt } from '../testing/moods.ts';
import { ClientProgram } from './testing/client-program.ts';

let client: ClientProgram;
let server: FieldServer;

beforeAll(async () => {
  client = await ClientProgram.prepare();
});
afterAll(() => client?.dispose());
afterEach(() => server?.close());

async function start(): Promise<void> {
  server = await FieldServer.start(extendedPortAt(await freePort()));
  server.tree.put('/file', 'content');
}

function run(...args: readonly string[]): Promise<Outcome> {
  return client.run([...args, '--plain', '--password-stdin'], { input: 'secret' });
}

test('commands work where the port of EPSV refuses', async () => {
  await start();
  expect(await run('cat', server.url('/file'))).toMatchObject({ code: 0, stdout: 'content' });
  expect(server.lines).toContain('EPSV');
});

test('--pasv keeps EPSV from being tried', async () => {
  await start();
  const outcome = await run('cat', '--pasv', server.url('/file'));
  expect(outcome).toMatchObject({ code: 0, stdout: 'content' });
  expect(server.lines).not.toContain('EPSV');
});

test('sites add --pasv keeps it for the site', async () => {
  await start();
  const added = await client.run(['sites', 'add', 'old', server.url('/'), '--plain', '--pasv']);
  expect(added).toMatchObject({ code: 0 });
  const toml = await readFile(`${client.home}/.config/myftp/sites.toml`, 'utf8');
  expect(toml).toContain('pasv = true');
  const shown = await client.run(['sites', 'show', 'old']);
  expect(shown.stdout).toContain('Data      PASV');
  expect(await run('ls', 'old:')).toMatchObject({ code: 0, stdout: 'file\n' });
  expect(server.lines).not.toContain('EPSV');
});
