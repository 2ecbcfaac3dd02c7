/**
 * How quickly does the client answer? From a key to the screen while transfers run, from the start to the first
 * frame, and in a directory of 100,000. `npm run bench:screen`; it takes a minute.
 */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Server } from './client-screen/server.ts';
import { SlowRelay } from './client-screen/slow-relay.ts';
import { WatchedClient } from './client-screen/watched-client.ts';
import { formatNumber, GIB, MIB } from './harness/format.ts';

const USERNAME = 'anna';
const PASSWORD = 'correct horse';

const STARTS = 7;
const KEYS = 200;
const TRANSFERS = 3;
const UPLOAD_RATE = 2 * MIB;
const ENTRIES = 100_000;
const MANY = 'many';
const TREE = 'tree';
const TREE_DIRECTORIES = 1000;
const TREE_FILES_EACH = 100;

/** How the row under the cursor begins: only a key moves it. */
const CURSOR_ROW = '\x1b[0;7m';
const FRAME_CORNER = '╭';

/** Between keys, as somebody types. */
const TYPING_MS = 30;

const size = { columns: 120, rows: 40 };

process.exitCode = await main();

async function main(): Promise<number> {
  if (!WatchedClient.isBuilt()) {
    process.stderr.write('The client is not built: npm run build:client.\n');
    return 2;
  }
  const home = mkdtempSync(join(tmpdir(), 'myftp-bench-screen-'));
  const server = await Server.start();
  const relay = await SlowRelay.start({ port: server.port, bytesPerSecond: UPLOAD_RATE });
  try {
    await furnish(server, home);
    await measureStarts(home);
    await measureKeys(relay, home);
    await measureManyEntries(server, home);
    await measureTree(server, home);
    return 0;
  } finally {
    relay.close();
    await server.dispose();
    rmSync(home, { recursive: true, force: true });
  }
}

async function furnish(server: Server, home: string): Promise<void> {
  const client = await server.signUp(USERNAME, PASSWORD);
  await client.command(`MKD ${MANY}`);
  await client.close();
  for (let index = 0; index < ENTRIES; index++) {
    writeFileSync(server.home(USERNAME, `${MANY}/file-${String(index).padStart(6, '0')}.txt`), '');
  }
  for (let index = 0; index < TRANSFERS; index++) {
    writeFileSync(join(home, `big-${index}.bin`), '');
    truncateSync(join(home, `big-${index}.bin`), GIB / 4);
  }
  for (let index = 0; index < 300; index++) writeFileSync(join(home, `small-${index}.txt`), 'x');
}

async function measureStarts(home: string): Promise<void> {
  const values: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const client = new WatchedClient({ args: [], home, ...size });
    values.push(await client.msUntilWritten(FRAME_CORNER));
    await client.terminal.end();
  }
  report(`Start to first frame (${STARTS} starts)`, values);
}

async function measureKeys(relay: SlowRelay, home: string): Promise<void> {
  const client = await logIn(relay.port, home);
  const { terminal } = client;
  terminal.press('tab');
  await terminal.until('big-0.bin');
  terminal.press('home', 'down');
  for (let index = 0; index < TRANSFERS; index++) terminal.press('insert');
  terminal.press('f5');
  await terminal.until(`${TRANSFERS} running`);
  await terminal.until(/ [1-9] %/);
  const values = await pressKeys(client);
  report(`Key to screen, ${describe()}, ${TRANSFERS} transfers running (${KEYS} keys)`, values);
  await reportIdleBytes(client);
  await terminal.end();
}

/** Milliseconds from each key to the screen. */
async function pressKeys(client: WatchedClient): Promise<readonly number[]> {
  const values: number[] = [];
  client.terminal.takeWritten();
  for (let key = 0; key < KEYS; key++) {
    client.terminal.press(key % 60 < 30 ? 'down' : 'up');
    values.push(await client.msUntilWritten(CURSOR_ROW));
    await delay(TYPING_MS);
  }
  return values;
}

function makeTree(home: string): void {
  for (let directory = 0; directory < TREE_DIRECTORIES; directory++) {
    const path = join(home, TREE, `directory-${directory}`);
    mkdirSync(path, { recursive: true });
    for (let file = 0; file < TREE_FILES_EACH; file++) writeFileSync(join(path, `${file}`), 'x');
  }
}

async function measureTree(server: Server, home: string): Promise<void> {
  makeTree(home);
  const client = await logIn(server.port, home);
  const { terminal } = client;
  terminal.press('tab');
  await terminal.until(`${TREE}/`);
  // Directories come first.
  terminal.press('home', 'down');
  await terminal.still();
  await client.longestBlockMs();
  terminal.press('f5');
  await terminal.until(/\d+ running/);
  const values = await pressKeys(client);
  const count = TREE_DIRECTORIES * TREE_FILES_EACH;
  report(
    `Key to screen, ${describe()}, a tree of ${formatNumber(count, 0)} files going up`,
    values,
  );
  const blockMs = await client.longestBlockMs();
  print(`Longest block of the event loop meanwhile: ${formatNumber(blockMs, 0)} ms`);
  await terminal.end();
}

async function reportIdleBytes({ terminal }: WatchedClient): Promise<void> {
  const seconds = 5;
  const before = terminal.writtenBytes;
  await delay(seconds * 1000);
  const rate = (terminal.writtenBytes - before) / seconds;
  print(`Progress only, ${describe()}: ${formatNumber(rate, 0)} bytes/s`);
}

async function measureManyEntries(server: Server, home: string): Promise<void> {
  let octetsAtMs = 0;
  const relay = await SlowRelay.start({
    port: server.port,
    bytesPerSecond: UPLOAD_RATE,
    onFirstOctets: () => {
      octetsAtMs = performance.now();
    },
  });
  const client = await logIn(relay.port, home);
  const { terminal } = client;
  terminal.press('home');
  await terminal.still();
  await client.longestBlockMs();
  terminal.takeWritten();
  terminal.press('enter');
  const startMs = performance.now();
  const first = await client.msUntilWritten('file-');
  const sinceOctets = startMs + first - octetsAtMs;
  await terminal.until(/100,000 ╮/);
  await terminal.until((text) => !text.includes('reading'));
  const allMs = performance.now() - startMs;
  const blockMs = await client.longestBlockMs();
  const ms = (value: number) => `${formatNumber(value, 0)} ms`;
  print(
    `A directory of ${formatNumber(ENTRIES, 0)}: first rows ${ms(sinceOctets)} after the first octets, ${ms(first)} after the key; all after ${ms(allMs)}, longest block of the event loop ${ms(blockMs)}`,
  );
  await measureLongList(client);
  await terminal.end();
  relay.close();
}

async function measureLongList(client: WatchedClient): Promise<void> {
  const values: number[] = [];
  for (let key = 0; key < KEYS; key++) {
    client.terminal.press('down');
    values.push(await client.msUntilWritten(CURSOR_ROW));
  }
  report(`Key to screen, ${describe()}, among them (${KEYS} keys)`, values);
}

async function logIn(port: number, home: string): Promise<WatchedClient> {
  const args = ['--plain', `ftp://${USERNAME}@127.0.0.1:${port}`];
  const client = new WatchedClient({ args, home, ...size });
  await client.terminal.until('Password of');
  client.terminal.type(`${PASSWORD}\r`);
  await client.terminal.until(`${MANY}/`);
  return client;
}

function describe(): string {
  return `${size.columns}×${size.rows}`;
}

function report(title: string, values: readonly number[]): void {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  const shown = (value: number) => formatNumber(value, 1);
  print(
    `${title}: median ${shown(at(0.5))} ms, p95 ${shown(at(0.95))} ms, most ${shown(at(1))} ms`,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
