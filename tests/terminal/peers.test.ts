/** The screens with the servers of others. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PeerServer, WRITABLE } from '../../tui-client/remote/testing/peer-server.ts';
import { describePeers, PEERS } from '../../tui-client/remote/testing/peers.ts';
import { clientProgram } from './programs.ts';
import { Terminal } from './terminal.ts';

const COLUMNS = 120;
const PANE_BORDER = '│';

await describePeers(PEERS, ({ kind, ...start }) => {
  let home: string;
  let server: PeerServer;
  let terminal: Terminal;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'myftp-peers-'));
    await mkdir(join(home, 'work'));
    server = await PeerServer.start(kind, start);
  });
  afterEach(async () => {
    await terminal?.end();
    await server?.stop();
    await rm(home, { recursive: true, force: true });
  });

  test('log in, list, upload, download, mirror, quit', async () => {
    const [here, there] = [join(home, 'work'), join(server.rootPath, WRITABLE)];
    await writeFile(join(here, 'ours.txt'), 'ours');
    await writeFile(join(there, 'theirs.txt'), 'theirs');
    await logIn();

    terminal.press('tab', 'home', 'down', 'f5');
    await inPane('remote', 'ours.txt');
    expect(await readFile(join(there, 'ours.txt'), 'utf8')).toBe('ours');

    terminal.press('tab', 'end', 'f5');
    await inPane('local', 'theirs.txt');
    expect(await readFile(join(here, 'theirs.txt'), 'utf8')).toBe('theirs');

    await mkdir(join(here, 'sub'));
    await writeFile(join(here, 'sub', 'deep.txt'), 'deep');
    await writeFile(join(there, 'extra.txt'), 'only on the server');
    terminal.press('tab', 'ctrl-r');
    terminal.type('S');
    await terminal.until('copy, and delete');
    terminal.type('D');
    await terminal.until('Mirrored');
    await terminal.until((text) => !text.includes('extra.txt') && !text.includes('reading'));
    expect((await readdir(there)).sort()).toEqual(['ours.txt', 'sub', 'theirs.txt']);
    expect(await readFile(join(there, 'sub', 'deep.txt'), 'utf8')).toBe('deep');
    terminal.press('f10');
    expect(await terminal.exitCode).toBe(0);
  });

  async function logIn(): Promise<void> {
    const url = `ftp://${server.user}@127.0.0.1:${server.port}/${WRITABLE}`;
    terminal = new Terminal([...clientProgram, '--plain', url], {
      columns: COLUMNS,
      rows: 30,
      cwd: join(home, 'work'),
      env: { PATH: process.env.PATH, HOME: home },
    });
    const isAsked = (text: string) => text.includes('Password of');
    // Nobody is asked for the password of an anonymous login.
    await terminal.until((text) => isAsked(text) || text.includes('theirs.txt'));
    if (isAsked(terminal.text())) terminal.type(`${server.password}\r`);
    await terminal.until((text) => text.includes('theirs.txt') && text.includes('ours.txt'));
  }

  /** The local pane is the left one. */
  function inPane(side: 'local' | 'remote', name: string): Promise<unknown> {
    const [from, to] = side === 'local' ? [0, COLUMNS / 2] : [COLUMNS / 2, COLUMNS];
    const isShown = (line: string) => line.slice(from, to).includes(name);
    return terminal.until((text) =>
      text.split('\n').some((line) => line.startsWith(PANE_BORDER) && isShown(line)),
    );
  }
});
