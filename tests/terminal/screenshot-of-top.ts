/** Draws the picture of `myftp-server top`: a server with some transfers, and what the terminal shows of it. */
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { Terminal } from './terminal.ts';

const MIB = 1024 ** 2;
const PICTURE = fileURLToPath(new URL('../../docs/screenshots/top.svg', import.meta.url));

/** Time for the sparklines to get a shape. */
const RUNS_MS = 14_000;

const server = await TestServer.start({
  settings: { tls: 'optional', rateUpPerSession: MIB, rateDownPerSession: 2 * MIB },
});
const SERVER = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const program = [process.execPath, SERVER, 'top', '--data', server.settings.dataDir] as const;
const terminal = new Terminal(program, { columns: 116, rows: 14 });
try {
  await terminal.until('No sessions.');
  await showSessions();
  await delay(RUNS_MS);
  await writeFile(PICTURE, terminal.svg('The sessions of a server in myftp-server top'));
  process.stdout.write(`top.svg\n${terminal.text()}\n`);
} finally {
  await terminal.end();
  await server.dispose();
}

async function showSessions(): Promise<void> {
  const anna = await server.signUp('anna');
  await named(anna, 'FileZilla 3.67');
  upload(anna, { name: 'photos.zip', bytes: 40 * MIB });
  upload(await named(await server.signUp('bert'), 'lftp/4.9.2'), { name: 'backup.tar', bytes: 0 });
  await named(await server.signUp('carla'), 'Camera 1.0');
  const film = join(await server.makeHome('carla'), 'film.mkv');
  await writeFile(film, '');
  await truncate(film, 50 * MIB);
  await delay(2000);
  const watching = await named(await server.login('carla'), 'curl/8.5.0');
  void watching.retrieve('RETR film.mkv').catch(() => {});
  await server.connect();
}

async function named(client: ControlClient, name: string): Promise<ControlClient> {
  await client.command(`CLNT ${name}`);
  return client;
}

/** Sends octets until the end. @param file `bytes` 0 announces no size. */
function upload(client: ControlClient, { name, bytes }: { name: string; bytes: number }): void {
  const run = async () => {
    const data = await client.openData();
    data.on('error', () => {});
    if (bytes > 0) await client.command(`ALLO ${bytes}`);
    await client.command(`STOR ${name}`);
    const send = () => {
      while (data.write(Buffer.alloc(64 * 1024)));
      data.once('drain', send);
    };
    send();
  };
  run().catch(() => {});
}
