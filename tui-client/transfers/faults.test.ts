import { readdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Failure } from '../errors/failure.ts';
import type { Job } from './queue/job.ts';
import type { TransferQueue } from './queue/transfer-queue.ts';
import { TestClock } from './testing/test-clock.ts';
import { TwoTrees } from './testing/two-trees.ts';

let trees: TwoTrees;
let clock: TestClock;
let queue: TransferQueue;

beforeEach(async () => {
  trees = await TwoTrees.make();
  clock = new TestClock();
  queue = trees.queue({ clock });
});

afterEach(() => trees.dispose());

function onlyJob(): Job {
  const [job] = queue.snapshot().jobs;
  if (job === undefined) throw new Error('There is no job.');
  return job;
}

test('a copy that differs fails, and is not put in place', async () => {
  await trees.writeThere('f', 5000);
  await trees.write('f', 'what was here');
  trees.server.faults.wrongDigests = 1;
  queue.add([trees.download('f')]);
  await queue.idle();
  expect(onlyJob()).toMatchObject({ state: 'failed', doneBytes: 0, error: { kind: 'checksum' } });
  expect((await trees.read('f')).toString()).toBe('what was here');
  expect(await readdir(trees.here)).toEqual(['f']);
});

test('a file that proves to be larger than it was said to be is fetched nevertheless', async () => {
  const octets = await trees.writeThere('f', 200_000);
  queue.add([trees.download('f', { sizeBytes: 10 })]);
  await queue.idle();
  expect(onlyJob()).toMatchObject({ state: 'done', verified: { algorithm: 'SHA-256' } });
  expect(octets.equals(await trees.read('f'))).toBe(true);
});

test('an upload that differs fails with a sentence, and stays there', async () => {
  const octets = await trees.write('f', 5000);
  trees.server.faults.wrongDigests = 1;
  queue.add([trees.upload('f')]);
  await queue.idle();
  expect(onlyJob().error).toMatchObject({
    kind: 'checksum',
    message: '/f: the copy differs from the source. It was left on the server for you to look at.',
  });
  expect(octets.equals(await trees.readThere('f'))).toBe(true);
});

test('without digests it is done, and says that it could not be compared', async () => {
  trees.server.algorithm = undefined;
  const octets = await trees.write('f', 200_000);
  trees.server.faults.cutAfterBytes = [70_000];
  trees.server.faults.loseConfirmations = 1;
  queue.add([trees.upload('f')]);
  await queue.idle();
  expect(onlyJob()).toMatchObject({ state: 'done', verified: 'unavailable', tries: 2 });
  expect(octets.equals(await trees.readThere('f'))).toBe(true);
  expect(trees.server.count('STOR')).toBe(2);
});

test('a server that tells other sizes than it sends is believed only if the digest is equal', async () => {
  await trees.writeThere('f', 5000);
  trees.server.faults.lieBytes = 100;
  trees.server.algorithm = undefined;
  queue.add([trees.download('f', { sizeBytes: 5100 })]);
  await queue.idle();
  expect(onlyJob().error).toMatchObject({
    kind: 'protocol',
    message: '/f: the server says it has 5100 bytes, and sent 5000.',
  });
  expect(await readdir(trees.here)).toEqual(['f.part']);

  trees.server.algorithm = 'CRC32';
  queue.retry('all');
  await queue.idle();
  expect(onlyJob()).toMatchObject({ state: 'done', note: 'The server says it has 5100 bytes.' });
});

test('a file that ends too early has failed, and its part is carried on by a retry', async () => {
  const octets = await trees.writeThere('f', 50_000);
  trees.server.algorithm = undefined;
  trees.server.faults.shortBytes = 20_000;
  queue.add([trees.download('f')]);
  await queue.idle();
  expect(onlyJob()).toMatchObject({ state: 'failed', error: { kind: 'protocol' } });
  trees.server.faults.shortBytes = Number.POSITIVE_INFINITY;
  queue.retry('all');
  await queue.idle();
  expect(octets.equals(await trees.read('f'))).toBe(true);
  // So little is compared from its beginning.
  expect(trees.server.log.filter((line) => line.startsWith('RETR'))).toEqual([
    'RETR /f 0',
    'RETR /f 0',
  ]);
});

test('one that ends too early and differs therefore is carried on by itself', async () => {
  const octets = await trees.writeThere('f', 50_000);
  trees.server.faults.shortBytes = 20_000;
  queue.on('change', () => {
    if (onlyJob().tries > 0) trees.server.faults.shortBytes = Number.POSITIVE_INFINITY;
  });
  queue.add([trees.download('f')]);
  await queue.idle();
  expect(onlyJob()).toMatchObject({ state: 'done', tries: 1 });
  expect(octets.equals(await trees.read('f'))).toBe(true);
  expect(trees.server.log).toContain('RETR /f 20000');
});

test.each([
  ['grows', 400_000, 'grew from 100000 to 400000 bytes'],
  ['shrinks', 10, 'shrank from 100000 to'],
])('a source that %s while it is sent is told of', async (_, newBytes, words) => {
  await trees.write('f', 100_000);
  trees.server.onTransfer = async () => {
    await trees.write('f', newBytes);
  };
  queue.add([trees.upload('f')]);
  await queue.idle();
  expect(onlyJob()).toMatchObject({ state: 'failed', error: { kind: 'local' } });
  expect(onlyJob().error?.message).toContain(words);
});

test('what is not transient is not tried again', async () => {
  queue.add([trees.download('none'), trees.upload('none')]);
  await queue.idle();
  expect(queue.snapshot().jobs).toMatchObject([
    { state: 'failed', tries: 1, error: { kind: 'missing' } },
    { state: 'failed', tries: 1, error: { kind: 'missing' } },
  ]);
  expect(clock.backOffsMs).toEqual([]);
});

test('a directory that is missing at the server is made', async () => {
  await trees.write('f');
  queue.add([trees.upload('f', { to: '/new/deep/f' })]);
  await queue.idle();
  expect(onlyJob().state).toBe('done');
  expect((await trees.readThere('new/deep/f')).toString()).toBe('content');
});

test('a name that is not UTF-8 is not sent under another one', async () => {
  await trees.local.makeDirectory(`${trees.here}/tree`);
  await writeFile(Buffer.concat([Buffer.from(`${trees.here}/tree/caf`), Buffer.of(0xe9)]), 'x');
  queue.add([trees.upload('tree', { kind: 'directory' })]);
  await queue.idle();
  const [, job] = queue.snapshot().jobs;
  expect(job).toMatchObject({ state: 'failed', error: { kind: 'local' } });
  expect(trees.server.count('STOR')).toBe(0);
});

test('a full quota stops the uploads at once, and downloads go on', async () => {
  for (let i = 0; i < 20; i++) await trees.write(`up${i}`, 1000);
  for (let i = 0; i < 5; i++) await trees.writeThere(`down${i}`, 1000);
  trees.server.faults.roomBytes = 2500;
  queue = trees.queue({ clock, workers: 1 });
  queue.add(Array.from({ length: 20 }, (_, i) => trees.upload(`up${i}`)));
  queue.add(Array.from({ length: 5 }, (_, i) => trees.download(`down${i}`)));
  await queue.idle();
  const { counts, notices } = queue.snapshot();
  expect(counts).toMatchObject({ done: 7, failed: 1, paused: 17 });
  expect(notices).toEqual([
    { direction: 'upload', error: { kind: 'space', message: '552 Quota exceeded.', code: 552 } },
  ]);
  expect(trees.server.count('STOR')).toBe(3);

  trees.server.faults.roomBytes = Number.POSITIVE_INFINITY;
  queue.retry('all');
  queue.resume('all');
  await queue.idle();
  expect(queue.snapshot().counts).toMatchObject({ done: 25, failed: 0, paused: 0 });
  expect(queue.snapshot().notices).toEqual([]);
});

test('while nobody gets through, tries are few and far between, and then the rest waits', async () => {
  for (let i = 0; i < 20; i++) await trees.write(`f${i}`);
  let attempts = 0;
  const refusal = new Failure('network', 'Connection refused.', { isTransient: true });
  const use = () => {
    attempts++;
    return Promise.reject(refusal);
  };
  const connections = { limit: 4, use, close: async () => {} };
  queue = trees.queue({ clock, workers: 1, connections });
  queue.add(Array.from({ length: 20 }, (_, i) => trees.upload(`f${i}`)));
  await queue.idle();
  const { counts, notices } = queue.snapshot();
  expect(counts).toMatchObject({ failed: 1, paused: 19 });
  expect(attempts).toBe(8);
  expect(notices[0]?.error).toMatchObject({ kind: 'network', message: 'Connection refused.' });
});
