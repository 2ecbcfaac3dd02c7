import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { ServerProcess, startLimited, until } from '../journeys/server-process.ts';

const PASSWORD = 'correct horse';

/** Enough for the start with so few sessions, and not for all that they can open. */
const OPEN_FILES = 160;
const MAX_SESSIONS = 48;

describe('a server that runs out of open files', () => {
  let directory: string;
  let server: ServerProcess;
  const clients: ControlClient[] = [];
  const connections: Socket[] = [];

  beforeAll(async () => {
    directory = await ServerProcess.makeDirectory();
    const flags = ['--max-sessions', String(MAX_SESSIONS), '--max-per-ip', '0', '--tls', 'off'];
    server = await ServerProcess.startWithFiles(OPEN_FILES, directory, flags);
    await (await server.signUp('anna', PASSWORD)).close();
    await writeFile(server.home('anna', 'big'), '');
    await truncate(server.home('anna', 'big'), 1024 ** 3);
  });
  afterAll(() => server.dispose());

  /** Begins a download that its client does not read. @returns the codes of the replies. */
  async function hold(client: ControlClient): Promise<number[]> {
    const codes: number[] = [];
    const { code, lines } = await client.command('EPSV');
    codes.push(code);
    const port = Number(/\|\|\|(\d+)\|/.exec(lines[0] ?? '')?.[1]);
    if (code !== 229) return codes;
    const data = connect(port, client.host).on('error', () => {});
    connections.push(data.pause());
    codes.push((await client.command('RETR big')).code);
    return codes;
  }

  /** What a new client sees; undefined while it is refused. */
  async function listedNames(): Promise<string | undefined> {
    try {
      const client = await server.login('anna', PASSWORD);
      const { data } = await client.retrieve('NLST');
      await client.close();
      return data.toString().trim();
    } catch {
      return undefined;
    }
  }

  /** The first reply to a new client. */
  async function greeting(): Promise<string> {
    const socket = connect(server.port, '127.0.0.1').setEncoding('utf8');
    const [text] = await socket.take(1).toArray();
    return String(text);
  }

  test('refuses in words, and works on once files are closed', async () => {
    for (let count = 0; count < MAX_SESSIONS - 1; count += 1) {
      clients.push(await server.login('anna', PASSWORD));
    }
    const seen = new Set<number>();
    for (const client of clients) for (const code of await hold(client)) seen.add(code);
    expect([...seen].filter((code) => ![150, 229, 425, 451].includes(code))).toEqual([]);
    expect([425, 451].some((code) => seen.has(code))).toBe(true);
    await closeAll();

    await until(async () => (await listedNames()) === 'big');
    await expectNoFault();
  });

  test('accepts no more clients while those that are there need the last files', async () => {
    let text = await greeting();
    while (text.startsWith('220')) {
      // The greeting may have been the last one that there were files for.
      const client = await server.login('anna', PASSWORD).catch(() => undefined);
      if (client !== undefined) {
        clients.push(client);
        expect(await hold(client)).toEqual([229, 150]);
      }
      text = await greeting();
    }
    expect(text).toBe('421 The server has too many files open; try again later.\r\n');
    expect(clients.length).toBeLessThan(MAX_SESSIONS);
    await closeAll();
    await expectNoFault();
  });

  async function closeAll(): Promise<void> {
    for (const data of connections.splice(0)) data.destroy();
    await Promise.all(clients.splice(0).map((client) => client.close()));
  }

  async function expectNoFault(): Promise<void> {
    const log = await readFile(join(directory, 'logs', 'server.log'), 'utf8');
    expect(log).not.toContain('"stack"');
    expect(log).not.toContain('"level":"error"');
  }
});

test('a server that may open too few files does not start, and says what to do', async () => {
  const directory = await ServerProcess.makeDirectory();
  const { code, stderr } = await startLimited(256, directory).ended;
  await rm(directory, { recursive: true });
  expect(code).toBe(78);
  expect(stderr.trim().split('\n')).toEqual([
    expect.stringMatching(
      /^myftp-server: --max-sessions 1000 needs 1096 open files at least, and .* 256: /,
    ),
  ]);
});
