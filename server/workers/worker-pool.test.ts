import { existsSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startWorker } from './start-worker.ts';
import { WorkerPool } from './worker-pool.ts';

const SHORT = { algorithm: 'MD5', startBytes: 0, endBytes: 3 } as const;
const LONG = { algorithm: 'MD5', startBytes: 0, endBytes: 2 ** 40 } as const;

let directory: string;
let shortFile: number;
let longFile: number;
let pool: WorkerPool;
let workers: Worker[];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'myftp-pool-'));
  writeFileSync(join(directory, 'short'), 'abc');
  writeFileSync(join(directory, 'long'), '');
  truncateSync(join(directory, 'long'), 2 ** 40);
  shortFile = openSync(join(directory, 'short'), 'r');
  longFile = openSync(join(directory, 'long'), 'r');
});

afterAll(() => rmSync(directory, { recursive: true }));

afterEach(() => pool.close());

function createPool(threads: number): void {
  workers = [];
  pool = new WorkerPool({
    threads,
    startWorker: () => {
      const worker = startWorker();
      workers.push(worker);
      return worker;
    },
  });
}

async function hashShortFile(): Promise<string | undefined> {
  const job = pool.start('checksum', { descriptor: shortFile, ...SHORT });
  const result = await job.take();
  return result?.digest;
}

test('a short job does not wait for a long one in the same thread', async () => {
  createPool(1);
  const long = pool.start('checksum', { descriptor: longFile, ...LONG });
  expect(await hashShortFile()).toBe('900150983cd24fb0d6963f7d28e17f72');
  await long.cancel();
  expect(await long.take()).toBeUndefined();
});

test('an aborted job fails with the reason of the signal', async () => {
  createPool(1);
  const controller = new AbortController();
  const input = { descriptor: longFile, ...LONG };
  const job = pool.start('checksum', input, { signal: controller.signal });
  const part = job.take();
  controller.abort(new Error('enough'));
  await expect(part).rejects.toThrow('enough');
  expect(() => pool.start('checksum', input, { signal: controller.signal })).toThrow('enough');
});

test('a job fails with its thread, and the next one gets a new thread', async () => {
  createPool(1);
  await hashShortFile();
  const part = pool.start('checksum', { descriptor: longFile, ...LONG }).take();
  await Promise.all([
    expect(part).rejects.toThrow('a worker thread has ended'),
    workers[0]?.terminate(),
  ]);
  expect(await hashShortFile()).toBe('900150983cd24fb0d6963f7d28e17f72');
  expect(workers).toHaveLength(2);
});

test('closing fails what is running and what comes later', async () => {
  createPool(2);
  const part = pool.start('checksum', { descriptor: longFile, ...LONG }).take();
  await Promise.all([expect(part).rejects.toThrow('a worker thread has ended'), pool.close()]);
  expect(() => pool.start('checksum', { descriptor: shortFile, ...SHORT })).toThrow('ended');
});

test('a thread that is still loading is ended when it has loaded', async () => {
  const path = join(directory, 'loaded');
  const script = `
    require('node:timers').setTimeout(() => {
      require('node:fs').writeFileSync(${JSON.stringify(path)}, '');
      require('node:worker_threads').parentPort.postMessage({ kind: 'ready' });
      setInterval(() => {}, 1000);
    }, 100);`;
  pool = new WorkerPool({ threads: 1, startWorker: () => new Worker(script, { eval: true }) });
  const part = pool.start('checksum', { descriptor: shortFile, ...SHORT }).take();
  await Promise.all([expect(part).rejects.toThrow('has ended'), pool.close()]);
  expect(existsSync(path)).toBe(true);
});

test('a thread is started when the others have jobs', async () => {
  createPool(2);
  expect(workers).toHaveLength(0);
  await hashShortFile();
  await hashShortFile();
  expect(workers).toHaveLength(1);
  const input = { descriptor: longFile, ...LONG };
  const long = [pool.start('checksum', input), pool.start('checksum', input)];
  expect(workers).toHaveLength(2);
  await hashShortFile();
  expect(workers).toHaveLength(2);
  await Promise.all(long.map((job) => job.cancel()));
});

test.each(['ERR_WORKER_INIT_FAILED: EMFILE', 'Cannot read package.json: too many open files.'])(
  'a job fails with EMFILE, and the next one succeeds, where a thread ends with "%s"',
  async (message) => {
    const starts = [`throw new Error(${JSON.stringify(message)})`];
    const start = () => {
      const script = starts.pop();
      return script === undefined ? startWorker() : new Worker(script, { eval: true });
    };
    pool = new WorkerPool({ threads: 1, startWorker: start });
    const job = pool.start('checksum', { descriptor: shortFile, ...SHORT });
    await expect(job.take()).rejects.toMatchObject({ code: 'EMFILE' });
    expect(await hashShortFile()).toBe('900150983cd24fb0d6963f7d28e17f72');
  },
);

test('a thread that is being ended keeps the process alive, though its last job ends', async () => {
  const script = `
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', ({ id }) => {
      parentPort.postMessage({ kind: 'end', id });
      parentPort.postMessage({ kind: 'ready' });
    });`;
  const worker = new Worker(script, { eval: true });
  pool = new WorkerPool({ threads: 1, startWorker: () => worker });
  void pool.start('checksum', { descriptor: shortFile, ...SHORT });
  const closed = pool.close();
  let unrefs = 0;
  worker.unref = () => {
    unrefs += 1;
  };
  await closed;
  expect(unrefs).toBe(0);
});

test('a thread that cannot load is ended, too', async () => {
  const startBroken = () => new Worker('process.exit(3)', { eval: true });
  pool = new WorkerPool({ threads: 1, startWorker: startBroken });
  const part = pool.start('checksum', { descriptor: shortFile, ...SHORT }).take();
  await expect(part).rejects.toThrow('has ended');
  await pool.close();
  expect(() => pool.start('checksum', { descriptor: shortFile, ...SHORT })).toThrow('ended');
});

test('a failure carries the code of the system', async () => {
  createPool(1);
  const job = pool.start('checksum', { descriptor: 9999, ...SHORT });
  await expect(job.take()).rejects.toMatchObject({ code: 'EBADF' });
});
