import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parseHooks } from '../hooks/hook.ts';
import type { HookEvent } from '../hooks/hook-event.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

let server: TestServer;
let events: string;

beforeEach(async () => {
  const directory = await TestServer.newDirectory();
  events = join(directory, 'events');
  const hook = join(directory, 'hook');
  writeFileSync(hook, `#!/bin/sh\ncat >> ${events}\n`);
  chmodSync(hook, 0o755);
  const hooks = parseHooks(`ban+unban=${hook}`);
  // Hooks have a low priority, and the tests a busy machine.
  const settings = { hooks, hookTimeoutMs: 30_000 };
  server = await TestServer.start({ directory, settings });
});
afterEach(() => server.dispose());

const run = (...args: string[]) => runCommand([...args, '--data', server.settings.dataDir]);

/** What the hook has got, once it is that number of lines. */
async function told(count: number): Promise<readonly HookEvent[]> {
  for (;;) {
    const text = existsSync(events) ? readFileSync(events, 'utf8') : '';
    const lines = text.split('\n').slice(0, -1);
    if (lines.length >= count) return lines.map((line) => JSON.parse(line));
    await delay(20);
  }
}

test('the hooks of a server are told of the bans of the administrator and of their end', async () => {
  await run('ban', 'add', '203.0.113.9/24', '--for', '1h', '--reason', 'scans');
  const [ban] = await told(1);
  const [listed] = JSON.parse((await run('ban', 'list', '--json')).stdout);
  expect(ban).toMatchObject({
    ...{ event: 'ban', address: '203.0.113.0/24', username: '', session: '' },
    ...{ reason: 'scans', until: listed.expiresAt },
  });
  await run('ban', 'remove', '203.0.113.0/24');
  const reason = 'by the administrator';
  expect((await told(2))[1]).toMatchObject({ event: 'unban', address: '203.0.113.0/24', reason });
  await run('ban', 'add', '203.0.113.7');
  const [, , forEver] = await told(3);
  expect(forEver).toMatchObject({ event: 'ban', reason });
  expect(forEver).not.toHaveProperty('until');
  expect((await run('ban', 'remove', '192.0.2.1')).code).toBe(1);
  expect((await told(3)).length).toBe(3);
});

test('without a server, the hooks of the settings get them when it runs', async () => {
  await server.stop();
  const config = join(server.directory, 'myftp.toml');
  writeFileSync(config, `hook = ["ban=${join(server.directory, 'hook')}"]\n`);
  await run('ban', 'add', '203.0.113.7', '--config', config);
  await run('ban', 'remove', '203.0.113.7', '--config', config);
  const waiting = JSON.parse((await run('hooks', 'list', '--json')).stdout);
  expect(waiting).toMatchObject([
    { hook: `ban=${join(server.directory, 'hook')}`, event: { event: 'ban' }, attempts: 0 },
  ]);
});
