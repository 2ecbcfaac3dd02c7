import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

describe('STOR', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await server.signUp();
  });
  afterAll(() => server.dispose());

  const onDisk = (name: string) => readFile(join(server.rootDir, 'anna', name), 'utf8');

  test('without a data connection answers 425', async () => {
    expect((await client.command('STOR e.txt')).code).toBe(425);
  });

  test('226 means that the file is in place', async () => {
    const { closing } = await client.store('STOR a.txt', 'hello');
    expect(closing.code).toBe(226);
    expect(await onDisk('a.txt')).toBe('hello');
  });

  test('an empty file is a file', async () => {
    const { closing } = await client.store('STOR empty', '');
    expect(closing.code).toBe(226);
    expect(await onDisk('empty')).toBe('');
  });

  test('replaces a file in one step', async () => {
    await client.store('STOR b.txt', 'a long first version');
    await client.store('STOR b.txt', 'short');
    expect(await onDisk('b.txt')).toBe('short');
  });

  test('a restart marker keeps what precedes it and replaces what follows', async () => {
    await client.store('STOR c.txt', '0123456789');
    await client.command('REST 4');
    const { closing } = await client.store('STOR c.txt', 'abc');
    expect(closing.code).toBe(226);
    expect(await onDisk('c.txt')).toBe('0123abc');
  });

  test('a restart marker beyond the end answers 554 and changes nothing', async () => {
    await client.store('STOR d.txt', '0123');
    await client.command('REST 5');
    const { opening } = await client.store('STOR d.txt', 'abc');
    expect(opening.code).toBe(554);
    expect(await onDisk('d.txt')).toBe('0123');
  });

  test('a directory that does not exist answers 550 before 150', async () => {
    const { opening } = await client.store('STOR nowhere/a.txt', 'x');
    expect(opening.code).toBe(550);
  });
});
