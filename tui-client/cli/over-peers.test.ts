import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Outcome } from '../../tests/clients/program.ts';
import { PeerServer, WRITABLE } from '../remote/testing/peer-server.ts';
import { describePeers, type InstalledPeer, PEERS } from '../remote/testing/peers.ts';
import { ClientProgram, jsonLines } from './testing/client-program.ts';

await describePeers(PEERS, journeys);

function journeys({ kind, ...start }: InstalledPeer): void {
  let client: ClientProgram;
  let server: PeerServer;

  beforeAll(async () => {
    client = await ClientProgram.prepare();
    server = await PeerServer.start(kind, start);
  });
  afterAll(async () => {
    await server?.stop();
    await client?.dispose();
  });

  const url = (path: string) => `ftp://${server.user}@127.0.0.1:${server.port}/${WRITABLE}${path}`;

  async function runWell(args: readonly string[]): Promise<Outcome> {
    const all = [...args, '--plain', '--password-stdin'];
    const outcome = await client.run(all, { input: server.password });
    if (outcome.code !== 0) {
      throw new Error(`${args[0]} ended with ${outcome.code}: ${outcome.stderr}`);
    }
    return outcome;
  }

  test('files go up, are listed and hashed, and come back', async () => {
    const big = randomBytes(2_000_000);
    await client.write('big.bin', big);
    await client.write('notes.txt', 'hello');
    const up = await runWell(['put', '--json', 'big.bin', 'notes.txt', url('/')]);
    expect(jsonLines(up).at(-1)).toMatchObject({ done: 2, failed: 0, unverified: 2 });
    expect(big.equals(await readFile(join(server.rootPath, WRITABLE, 'big.bin')))).toBe(true);
    expect((await runWell(['ls', url('/')])).stdout).toBe('big.bin\nnotes.txt\n');
    const { stdout, stderr } = await runWell(['hash', '-a', 'MD5', url('/notes.txt')]);
    expect(stdout).toBe(`5d41402abc4b2a76b9719d911017c592  /${WRITABLE}/notes.txt\n`);
    expect(stderr).toContain('does not support MD5');
    await runWell(['get', url('/*.bin'), 'back/']);
    expect(big.equals(await client.read('back/big.bin'))).toBe(true);
  });

  test('what is not there ends with 5', async () => {
    const args = ['get', url('/none'), '--plain', '--password-stdin'];
    expect((await client.run(args, { input: server.password })).code).toBe(5);
  });
}
