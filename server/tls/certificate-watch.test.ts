import { EventEmitter, once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { watchCertificate } from './certificate-watch.ts';

const INTERVAL_MS = 20;

interface Pair {
  readonly cert: string;
  readonly private: string;
}

let pairs: readonly Pair[];
let cwd: string;
let certFile: string;
let keyFile: string;
let changes: EventEmitter;
let calls: number;
let watch: { stop(): void };

beforeAll(async () => {
  pairs = await Promise.all(
    [1, 2].map(() => generate([{ name: 'commonName', value: 'x' }], { keyType: 'ec' })),
  );
});

/** As certbot lays it out: the files are links to those of one issue. */
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'myftp-watch-'));
  for (const [index, pair] of pairs.entries()) {
    mkdirSync(path.join(cwd, `${index}`));
    writeFileSync(path.join(cwd, `${index}/c.pem`), pair.cert);
    writeFileSync(path.join(cwd, `${index}/k.pem`), pair.private);
  }
  [certFile, keyFile] = [path.join(cwd, 'c.pem'), path.join(cwd, 'k.pem')];
  pointTo(0, certFile);
  pointTo(0, keyFile);
  changes = new EventEmitter();
  calls = 0;
  watch = watchCertificate({
    certFile,
    keyFile,
    intervalMs: INTERVAL_MS,
    onChange: () => {
      calls += 1;
      changes.emit('change');
    },
  });
});

afterEach(() => {
  watch.stop();
  rmSync(cwd, { recursive: true, force: true });
});

function pointTo(index: number, link: string): void {
  symlinkSync(path.join(cwd, `${index}`, path.basename(link)), `${link}.new`);
  renameSync(`${link}.new`, link);
}

test('links that point to another pair are noticed, once', async () => {
  pointTo(1, certFile);
  pointTo(1, keyFile);
  await once(changes, 'change');
  await delay(5 * INTERVAL_MS);
  expect(calls).toBe(1);
});

test('files that are written to are noticed', async () => {
  utimesSync(path.join(cwd, '0/c.pem'), 1, 1);
  await once(changes, 'change');
  expect(calls).toBe(1);
});

test('a pair that is half replaced is waited for', async () => {
  pointTo(1, certFile);
  await delay(2 * INTERVAL_MS);
  expect(calls).toBe(0);
  pointTo(1, keyFile);
  await once(changes, 'change');
  expect(calls).toBe(1);
});

test('a pair that stays wrong is told, once, and then watched further', async () => {
  rmSync(keyFile);
  await once(changes, 'change');
  await delay(8 * INTERVAL_MS);
  expect(calls).toBe(1);
  pointTo(0, keyFile);
  await once(changes, 'change');
  expect(calls).toBe(2);
});

test('nothing is called without a change or after the stop', async () => {
  await delay(4 * INTERVAL_MS);
  watch.stop();
  pointTo(1, certFile);
  pointTo(1, keyFile);
  await delay(4 * INTERVAL_MS);
  expect(calls).toBe(0);
});
