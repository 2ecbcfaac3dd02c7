import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { TestServer } from '../testing/test-server.ts';

test('a sign-up gets neither what lies below the root nor what a link there leads to', async () => {
  const server = await TestServer.start();
  try {
    await mkdir(join(server.rootDir, 'backup'));
    await writeFile(join(server.rootDir, 'backup/secret'), 'of the administrator');
    await symlink('/etc', join(server.rootDir, 'links'));
    const client = await server.connect();
    expect((await client.command('SITE SIGNUP backup')).code).toBe(550);
    expect((await client.command('SITE SIGNUP links')).code).toBe(550);
  } finally {
    await server.dispose();
  }
});

test('files of an account that the database has lost stay out of reach', async () => {
  const server = await TestServer.start();
  const anna = await server.signUp();
  await anna.store('STOR private', 'hers');
  await server.stop();
  const again = await TestServer.start({
    directory: server.directory,
    settings: { dataDir: join(server.directory, 'without-database') },
  });
  try {
    const stranger = await again.connect();
    expect((await stranger.command('SITE SIGNUP anna')).code).toBe(550);
  } finally {
    await again.dispose();
  }
});

test('the rate of sign-ups is limited for each origin', async () => {
  const server = await TestServer.start({ settings: { signupsPerHour: 2 } });
  try {
    await server.signUp('anna');
    await server.signUp('berta');
    const client = await server.connect();
    const refusal = await client.command('SITE SIGNUP carla');
    expect(refusal.code).toBe(550);
    expect(refusal.lines.join()).toContain('Too many sign-ups from your address');
  } finally {
    await server.dispose();
  }
});

test('a home that was removed from the disk is created again at the next login', async () => {
  const server = await TestServer.start();
  try {
    await (await server.signUp()).close();
    await rm(join(server.rootDir, 'anna'), { recursive: true });
    const client = await server.login();
    expect((await client.store('STOR file', 'content')).closing.code).toBe(226);
  } finally {
    await server.dispose();
  }
});
