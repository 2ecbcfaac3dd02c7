import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

let nowMs: number;
let server: TestServer;

beforeEach(async () => {
  nowMs = Date.now();
  server = await TestServer.start({ settings: { host: '0.0.0.0' }, now: () => nowMs });
});
afterEach(() => server.dispose());

function run(args: readonly string[]) {
  return runCommand(['ban', ...args, '--data', server.settings.dataDir]);
}

/** What the server says to a client of 127.0.0.2 that leaves at once. */
async function greeting(): Promise<string> {
  const socket = connect({ port: server.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  socket.once('data', () => socket.end());
  return text(socket);
}

async function untilGreeting(expected: string): Promise<void> {
  while ((await greeting()) !== expected);
}

const WELCOME = '220 MyFTP ready.\r\n';
const REFUSAL = '421 Your address is banned.\r\n';

test('a ban refuses the clients of a network, and of no other', async () => {
  expect(await greeting()).toBe(WELCOME);
  expect(await run(['add', '127.0.0.2/31', '--reason', 'guesses'])).toEqual({
    code: 0,
    stdout: '127.0.0.2/31 is banned for ever. A running server ends its sessions.\n',
    stderr: '',
  });
  await untilGreeting(REFUSAL);
  await server.signUp();
  await run(['remove', '127.0.0.3/31']);
  await untilGreeting(WELCOME);
});

test('a ban ends the sessions of the network', async () => {
  const anna = await server.signUp();
  await run(['add', '127.0.0.1']);
  expect((await anna.reply()).lines).toEqual(['421 Your address is banned.']);
  await run(['remove', '127.0.0.1']);
});

test('a ban ends at its time', async () => {
  await run(['add', '127.0.0.2', '--for', '1h']);
  await untilGreeting(REFUSAL);
  // The command has taken the time of day a little later.
  nowMs += 3_700_000;
  expect(await greeting()).toBe(WELCOME);
});

test('a ban outlives a restart', async () => {
  await run(['add', '127.0.0.2']);
  await server.stop();
  server = await TestServer.start({ directory: server.directory });
  expect(await greeting()).toBe(REFUSAL);
});

test('list shows the bans in force', async () => {
  expect((await run(['list'])).stdout).toBe('There are no bans.\n');
  await run(['add', '203.0.113.9/24', '--for', '12h', '--reason', 'scans\u001b[2J']);
  await run(['add', '2001:db8::/32']);
  const { stdout } = await run(['list']);
  expect(stdout).toMatch(
    / +NETWORK +SINCE +EXPIRES +BY +REASON\n203\.0\.113\.0\/24 .* scans\\u001b\[2J\n +2001:db8::\/32 .* never +admin\n$/,
  );
  expect(JSON.parse((await run(['list', '--json'])).stdout)).toEqual([
    expect.objectContaining({ network: '203.0.113.0/24', expiresAt: expect.any(String) }),
    expect.objectContaining({ network: '2001:db8::/32', reason: '', expiresAt: null }),
  ]);
});

describe('bad input changes nothing', () => {
  test.each([
    [['add', 'anna'], 2, '"anna" is not a network.'],
    [['add', '203.0.113.7', '--for', 'soon'], 2, 'soon'],
    [['add', '203.0.113.7', '--for', '0'], 2, '--for'],
    [['remove', '203.0.113.7'], 1, '203.0.113.7 is not banned.'],
  ])('%j', async (args, code, message) => {
    const outcome = await run(args);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toContain(message);
    expect((await run(['list'])).stdout).toBe('There are no bans.\n');
  });
});
