import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../testing/control-client.ts';
import { TestServer } from '../../testing/test-server.ts';

const TIME = '20240229123456';

describe('SITE MODIFIED', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await server.signUp();
  });
  afterAll(() => server.dispose());

  const code = async (line: string) => (await client.command(line)).code;
  const store = async (command: string) => (await client.store(command, 'hello')).closing.code;
  const time = async (name: string) => (await client.command(`MDTM ${name}`)).lines[0];

  test.each(['STOR stored', 'APPE appended'])('is the time of a new file: %s', async (command) => {
    expect(await code(`SITE MODIFIED ${TIME}`)).toBe(200);
    expect(await store(command)).toBe(226);
    expect(await time(command.slice(5))).toBe(`213 ${TIME}`);
  });

  test('is the time of a file that is replaced, or resumed', async () => {
    await store('STOR again');
    await client.command(`SITE MODIFIED ${TIME}`);
    expect(await store('STOR again')).toBe(226);
    expect(await time('again')).toBe(`213 ${TIME}`);
    await client.command('REST 5');
    await client.command('SITE MODIFIED 20010909014640');
    expect(await store('STOR again')).toBe(226);
    expect(await time('again')).toBe('213 20010909014640');
  });

  test('does not hide that a file was appended to', async () => {
    await store('STOR longer');
    await client.command(`SITE MODIFIED ${TIME}`);
    expect(await store('APPE longer')).toBe(226);
    expect(await time('longer')).not.toBe(`213 ${TIME}`);
  });

  test('leaves the time of a file whose upload is refused', async () => {
    await store('STOR kept');
    const before = await time('kept');
    await client.command(`SITE MODIFIED ${TIME}`);
    await client.command('SITE EXPECT CRC32 00000000');
    expect(await store('STOR kept')).toBe(550);
    expect(await time('kept')).toBe(before);
  });

  test('is for one upload, sent with it or not', async () => {
    await client.command(`SITE MODIFIED ${TIME}`);
    await store('STOR first');
    await store('STOR second');
    expect(await time('second')).not.toBe(`213 ${TIME}`);
  });

  test.each(['RETR first', 'NLST', 'MLSD'])('is forgotten by %s', async (command) => {
    await client.command(`SITE MODIFIED ${TIME}`);
    await client.retrieve(command);
    await store('STOR later');
    expect(await time('later')).not.toBe(`213 ${TIME}`);
  });

  test.each(['yesterday', '2024', `${TIME} name`])('%s is no time: 501', async (argument) => {
    expect(await code(`SITE MODIFIED ${argument}`)).toBe(501);
  });
});
