import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ServerProcess } from './server-process.ts';

describe('an administrator changes accounts of a running server', () => {
  let server: ServerProcess;

  beforeAll(async () => {
    server = await ServerProcess.start(await ServerProcess.makeDirectory());
  });
  afterAll(() => server.dispose());

  test('a quota holds for sessions that are open', async () => {
    const client = await server.signUp('anna', 'correct horse');
    await client.store('STOR a.bin', Buffer.alloc(600_000));
    const { code } = await server.administer(['user', 'quota', 'anna', '1MB']);
    expect(code).toBe(0);
    const quota = await client.command('SITE QUOTA');
    expect(quota.lines[0]).toMatch(/^200 600000 of 1000000 bytes/);
    const { closing } = await client.store('STOR b.bin', Buffer.alloc(600_000));
    expect(closing.code).toBe(552);
  });

  test('a new password holds at once, the old one no more', async () => {
    const client = await server.signUp('berta', 'correct horse');
    const change = ['user', 'passwd', 'berta', '--password-stdin'];
    expect(await server.administer(change, 'battery staple\n')).toMatchObject({ code: 0 });
    await expect(server.login('berta', 'correct horse')).rejects.toThrow('530');
    await server.login('berta', 'battery staple');
    expect((await client.command('PWD')).code).toBe(257);
  });

  test('disabling an account ends its sessions with 421 and leaves others alone', async () => {
    const [client, other] = await Promise.all([
      server.signUp('carla', 'correct horse'),
      server.signUp('doris', 'correct horse'),
    ]);
    expect(await server.administer(['user', 'disable', 'carla'])).toMatchObject({ code: 0 });
    expect((await client.reply()).code).toBe(421);
    expect(await client.replyOrEnd()).toBeUndefined();
    await expect(server.login('carla', 'correct horse')).rejects.toThrow('530');
    expect((await other.command('PWD')).code).toBe(257);
    await server.administer(['user', 'enable', 'carla']);
    await server.login('carla', 'correct horse');
  });
});
