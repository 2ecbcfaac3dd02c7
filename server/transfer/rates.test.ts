import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

const KIB = 1024;
const DATA = Buffer.alloc(512 * KIB, 'x');

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({ settings: { tls: 'optional' } });
  const anna = await server.signUp();
  await anna.store('STOR big.bin', DATA);
});
afterAll(() => server.dispose());
beforeEach(() => rate('--up default --down default'));

/** Changes the rates of the account. A login that follows has them at once. */
async function rate(flags: string): Promise<string> {
  const { dataDir } = server.settings;
  const args = ['user', 'rate', 'anna', ...flags.split(' '), '--data', dataDir];
  const { code, stdout } = await runCommand(args);
  expect(code).toBe(0);
  return stdout;
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) / 1000;
}

const upload = (client: ControlClient, name = 'up.bin') => client.store(`STOR ${name}`, DATA);
const download = (client: ControlClient) => client.retrieve('RETR big.bin');

/** After a short pause up to a quarter of a second is made up for; the upper bound leaves room for a busy machine. */
function expectSeconds(measured: number, expected: number): void {
  expect(measured).toBeGreaterThan(expected * 0.7);
  expect(measured).toBeLessThan(expected * 1.1 + 2);
}

test('uploads and downloads of an account keep to its rates, in clear and under TLS', async () => {
  expect(await rate('--up 512K --down 1M')).toMatch(/^anna: up 512 KiB\/s, down 1 MiB\/s\./);
  for (const client of [await server.login(), await server.loginWithTls()]) {
    await client.command('TYPE I');
    expectSeconds(await secondsOf(() => upload(client)), 1);
    expectSeconds(await secondsOf(() => download(client)), 0.5);
  }
});

test('small files, and text, keep to the rate as well', async () => {
  await rate('--down 512K');
  const client = await server.login();
  await client.store('STOR small.bin', DATA.subarray(0, 32 * KIB));
  const small = async () => {
    for (let file = 0; file < 16; file += 1) await client.retrieve('RETR small.bin');
  };
  expectSeconds(await secondsOf(small), 1);
  await client.command('TYPE A');
  expectSeconds(await secondsOf(() => download(client)), 1);
});

test('sessions of an account share its rate', async () => {
  await rate('--up 1M');
  const clients = await Promise.all([server.login(), server.login()]);
  const seconds = await Promise.all(
    clients.map((client, at) => secondsOf(() => upload(client, `${at}.bin`))),
  );
  for (const one of seconds) expectSeconds(one, 1);
});

test('a rate that changes is in force on transfers that run', async () => {
  await rate('--down 32K');
  const client = await server.login();
  const running = secondsOf(() => download(client));
  await rate('--down off');
  // 16 s at the rate before.
  expect(await running).toBeLessThan(8);
  const quick = secondsOf(() => download(client));
  expect(await quick).toBeLessThan(2);
});

test('ABOR does not wait for the rate', async () => {
  await rate('--down 1K');
  const client = await server.login();
  const data = await client.openData();
  await client.command('RETR big.bin');
  data.resume();
  const aborted = secondsOf(async () => {
    client.send('ABOR\r\n');
    expect((await client.reply()).code).toBe(426);
  });
  expect(await aborted).toBeLessThan(2);
});
