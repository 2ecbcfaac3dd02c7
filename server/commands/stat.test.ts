import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

const ENTRIES = 12_000;

describe('STAT of a large directory', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await server.signUp();
    const directory = join(server.rootDir, 'anna', 'many');
    await mkdir(directory);
    for (let index = 0; index < ENTRIES; index += 1)
      writeFileSync(join(directory, `e${index}`), '');
  });
  afterAll(() => server.dispose());

  test('is one reply of at most 10,000 lines', async () => {
    const { code, lines } = await client.command('STAT many');
    expect([code, lines.length]).toEqual([213, 10_002]);
    expect(lines[0]).toBe('213-Status of /many:');
    expect(lines.at(-1)).toBe('213 Truncated; send LIST for the complete listing.');
    expect(lines.slice(1, -1).every((line) => line.startsWith(' -rw'))).toBe(true);
  });

  test('whose client reads nothing keeps no listing in memory', async () => {
    const readers = await Promise.all(Array.from({ length: 8 }, () => server.login()));
    for (const { socket } of readers) socket.pause();
    const before = process.memoryUsage();
    for (const reader of readers) reader.send('STAT many\r\n'.repeat(50));
    for (let round = 0; round < 300; round += 1) await client.command('NOOP');
    const after = process.memoryUsage();
    expect(after.external - before.external).toBeLessThan(32 * 1024 * 1024);
    for (const reader of readers) await reader.close();
  });

  test('stays one whole reply when ABOR comes, and the session goes on', async () => {
    const other = await server.login();
    other.socket.pause();
    // More than the system keeps for a reader, so that the last one is under way.
    other.send(`${'STAT many\r\n'.repeat(30)}`);
    for (let round = 0; round < 50; round += 1) await client.command('NOOP');
    other.send('ABOR\r\n');
    other.socket.resume();
    const codes: number[] = [];
    while (codes.at(-1) !== 226) codes.push((await other.reply()).code);
    // One that had sent nothing yet is 426; one under way has to end with the code that it began with.
    expect(codes.filter((code) => ![213, 426, 226].includes(code))).toEqual([]);
    expect((await other.command('NOOP')).code).toBe(200);
  });
});
