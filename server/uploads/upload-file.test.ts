import { fstatSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Durability } from '../disk/durability.ts';
import { Jail } from '../disk/jail.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import {
  DiskFailureError,
  FileUnavailableError,
  QuotaExceededError,
  TransferAbortedError,
} from '../errors/errors.ts';
import { UserFileSystem } from '../files/user-file-system.ts';
import type { QuotaLedger } from '../quota/quota-ledger.ts';
import { ENDLESS_TRANSFER } from '../testing/endless-transfer.ts';
import { noTrash } from '../testing/no-trash.ts';
import { stagedFiles } from '../testing/staged-files.ts';
import { PartialUploads } from './partial-uploads.ts';
import type { UploadStart } from './upload-base.ts';
import type { UploadFile } from './upload-file.ts';
import { WritableStorage } from './user-storage.ts';
import { WritableSpace } from './writable-space.ts';

const LIMIT_BYTES = 100;

/** A ledger that counts, without a database. */
class CountingLedger {
  usedBytes = 0;
  usedEntries = 0;
  /** Room comes free right after the next refusal. */
  refusesOnce = false;

  spend(_accountId: number, bytes: number, entries = 0): Promise<void> | undefined {
    this.usedEntries += entries;
    if (bytes > 0 && (this.refusesOnce || this.usedBytes + bytes > LIMIT_BYTES)) {
      this.refusesOnce = false;
      return Promise.reject(new QuotaExceededError('Full.'));
    }
    this.usedBytes += bytes;
    return undefined;
  }

  change<Result>(_accountId: number, task: () => Promise<Result>): Promise<Result> {
    return task();
  }

  refund(_accountId: number, bytes: number, entries = 0): void {
    this.usedBytes -= bytes;
    this.usedEntries -= entries;
  }

  async usage() {
    return { limitBytes: LIMIT_BYTES, usedBytes: this.usedBytes };
  }
}

/** A disk that tells what it is asked to keep, and may fail. */
class WatchedDisk implements Durability {
  readonly kept: unknown[] = [];
  failsAt: 'file' | 'directory' | undefined;

  async file(descriptor: number): Promise<void> {
    this.kept.push(`a file of ${fstatSync(descriptor).size} bytes`);
    if (this.failsAt === 'file') throw Object.assign(new Error('no'), { code: 'EIO' });
  }

  async directory(descriptor: number): Promise<void> {
    this.kept.push(await readdir(`/proc/self/fd/${descriptor}`));
    if (this.failsAt === 'directory') throw Object.assign(new Error('no'), { code: 'EIO' });
  }
}

describe('UploadFile', () => {
  let top: string;
  let home: string;
  let staging: string;
  let ledger: CountingLedger;
  let partials: PartialUploads;
  let disk: WatchedDisk;
  let files: UserFileSystem;
  let chargeKnown: Promise<void> | undefined;

  beforeEach(async () => {
    top = await realpath(await mkdtemp(join(tmpdir(), 'myftp-upload-')));
    home = join(top, 'home');
    staging = join(top, 'staging');
    await mkdir(home);
    chargeKnown = undefined;
    ledger = new CountingLedger();
    disk = new WatchedDisk();
    const none = async () => {};
    const repository = { save: async () => true, remove: none, rename: none, loseNames: none };
    partials = new PartialUploads({ accountId: 7, repository, known: [], onError: () => {} });
    const storage = new WritableStorage({
      jail: new Jail(home),
      space: new WritableSpace({
        accountId: 7,
        ledger: ledger as unknown as QuotaLedger,
        partials,
        trash: noTrash(),
        stagingPath: staging,
        memberId: 'one',
        durability: disk,
        recovery: { measured: () => undefined, chargeKnown: () => chargeKnown },
      }),
    });
    files = new UserFileSystem(storage, { now: () => 0 });
  });
  afterEach(async () => {
    files.close();
    expect(ledger.usedBytes).toBe(await bytesOnDisk());
    expect(ledger.usedEntries).toBe((await readdir(home, { recursive: true })).length);
    await rm(top, { recursive: true });
  });

  test('of an account that may be charged for too little takes nothing before that is known', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    chargeKnown = promise;
    const waiting = [stored('a', 'text'), files.mkdir('d')];
    await new Promise((done) => setTimeout(done, 20));
    expect([await readdir(home), ledger.usedEntries]).toEqual([[], 0]);
    resolve();
    await Promise.all(waiting);
    expect((await readdir(home)).sort()).toEqual(['a', 'd']);
  });

  const fromStart: UploadStart = { kind: 'offset', offsetBytes: 0 };
  const append: UploadStart = { kind: 'append' };
  const at = (offsetBytes: number): UploadStart => ({ kind: 'offset', offsetBytes });
  const content = (name: string) => readFile(join(home, name), 'utf8');
  const partialAt = (name: string) => partials.find(`/${name}` as VirtualPath);

  async function bytesOnDisk(): Promise<number> {
    let bytes = 0;
    for (const directory of [home, staging]) {
      const names = await readdir(directory, { recursive: true }).catch(() => []);
      for (const name of names) {
        bytes += (await readFile(join(directory, name)).catch(() => '')).length;
      }
    }
    return bytes;
  }

  async function begun(name: string, start: UploadStart = fromStart): Promise<UploadFile> {
    const file = await files.write(name, { start });
    await file.begin(ENDLESS_TRANSFER);
    return file;
  }

  async function stored(name: string, text: string, start: UploadStart = fromStart): Promise<void> {
    const file = await begun(name, start);
    await file.write(Buffer.from(text));
    await file.publish();
  }

  async function cut(name: string, text: string, start: UploadStart = fromStart): Promise<number> {
    const file = await begun(name, start);
    await file.write(Buffer.from(text));
    return file.keep();
  }

  test('publishing puts the file in place, and leaves nothing in the staging area', async () => {
    await stored('a', 'hello');
    expect(await content('a')).toBe('hello');
    expect(await stagedFiles(staging)).toEqual([]);
    expect(ledger.usedBytes).toBe(5);
  });

  test('is on the disk before it has its name, and its name before it is published', async () => {
    await stored('a', 'hello');
    expect(disk.kept).toEqual(['a file of 5 bytes', ['a']]);
  });

  test('what the disk could not keep is not published, and stays as a partial', async () => {
    await stored('a', 'old');
    disk.failsAt = 'file';
    await expect(stored('a', 'hello')).rejects.toThrow(DiskFailureError);
    expect(await content('a')).toBe('old');
    disk.failsAt = undefined;
    await stored('a', '!', append);
    expect(await content('a')).toBe('hello!');
  });

  test('a name that the disk could not keep is told; the file is there', async () => {
    disk.failsAt = 'directory';
    await expect(stored('a', 'hello')).rejects.toThrow(DiskFailureError);
    expect(await content('a')).toBe('hello');
    expect(partialAt('a')).toBeUndefined();
  });

  test('until then, what is there stays', async () => {
    await stored('a', 'old');
    const file = await begun('a');
    await file.write(Buffer.from('new one'));
    expect(await content('a')).toBe('old');
    expect(ledger.usedBytes).toBe(10);
    await file.publish();
    expect(await content('a')).toBe('new one');
    expect(ledger.usedBytes).toBe(7);
  });

  test('keeping leaves a partial that reads and sizes show', async () => {
    await stored('a', 'old');
    expect(await cut('a', 'newer')).toBe(5);
    expect((await files.get('a')).sizeBytes).toBe(5);
    expect(await content('a')).toBe('old');
    expect(ledger.usedBytes).toBe(8);
  });

  test('keeping nothing leaves nothing', async () => {
    const file = await files.write('a', { start: fromStart });
    expect(await file.keep()).toBe(0);
    expect(await cut('b', '')).toBe(0);
    expect(await stagedFiles(staging)).toEqual([]);
  });

  test('what cannot be moved to the partials is kept all the same, and can be resumed', async () => {
    const file = await begun('a');
    await file.write(Buffer.from('0123'));
    await mkdir(join(staging, file.id));
    expect(await file.keep()).toBe(4);
    expect(partialAt('a')?.diskPath).toBe(join(staging, 'member-one', file.id));
    await stored('a', '4567', at(4));
    expect(await content('a')).toBe('01234567');
  });

  test('a partial is among the running uploads while it is resumed, and not before or after', async () => {
    await cut('a', '0123');
    const path = () => partialAt('a')?.diskPath.slice(staging.length);
    const id = partialAt('a')?.id;
    expect(path()).toBe(`/${id}`);
    const file = await begun('a', at(4));
    expect(path()).toBe(`/member-one/${id}`);
    await file.keep();
    expect(path()).toBe(`/${id}`);
    expect(await readdir(join(staging, 'member-one'))).toEqual([]);
  });

  test('a resume keeps what precedes the marker', async () => {
    await stored('a', '0123456789');
    await stored('a', 'x', at(4));
    expect(await content('a')).toBe('0123x');
  });

  test('a resume that adds nothing leaves no partial', async () => {
    await stored('a', '0123456789');
    expect(await cut('a', '', at(4))).toBe(0);
    expect(partialAt('a')).toBeUndefined();
    expect(await content('a')).toBe('0123456789');
  });

  test('a partial is carried on in place', async () => {
    await cut('a', '0123456789');
    const id = partialAt('a')?.id;
    await cut('a', 'x', at(4));
    expect(partialAt('a')?.id).toBe(id);
    await stored('a', 'y', append);
    expect(await content('a')).toBe('0123xy');
    expect(partialAt('a')).toBeUndefined();
  });

  test('a partial is carried on by one at a time', async () => {
    await cut('a', '0123');
    const first = await files.write('a', { start: append });
    await expect(files.write('a', { start: append })).rejects.toThrow('being uploaded');
    await first.keep();
    await (await files.write('a', { start: append })).keep();
  });

  test('a marker beyond the end changes nothing, and leaves the partial free', async () => {
    await cut('a', '0123');
    await expect(files.write('a', { start: at(5) })).rejects.toThrow('beyond the end');
    await stored('a', '4', append);
    expect(await content('a')).toBe('01234');
  });

  test('over the quota, what fits is written', async () => {
    const file = await begun('a');
    await file.write(Buffer.alloc(60));
    await expect(file.write(Buffer.alloc(60))).rejects.toThrow(QuotaExceededError);
    expect(ledger.usedBytes).toBe(100);
    expect(await file.keep()).toBe(100);
  });

  test.each([
    { failure: new QuotaExceededError('Quota exceeded.'), makesWay: true },
    { failure: new TransferAbortedError('Aborted.'), makesWay: false },
  ])(
    'over the quota, what fits makes way only if that is what the client hears: $makesWay',
    async ({ failure, makesWay }) => {
      const file = await begun('a');
      await expect(file.write(Buffer.alloc(120))).rejects.toThrow(QuotaExceededError);
      await file.keep(failure);
      expect(partialAt('a')?.makesWay).toBe(makesWay);
    },
  );

  test('a refusal is none if there is room for all when what fits is written', async () => {
    ledger.refusesOnce = true;
    await stored('a', 'hello');
    expect(await content('a')).toBe('hello');
    expect(ledger.usedBytes).toBe(5);
  });

  test('a copy for a resume takes its space before', async () => {
    await stored('a', 'x'.repeat(60));
    await expect(files.write('a', { start: at(50) })).rejects.toThrow(QuotaExceededError);
    expect(ledger.usedBytes).toBe(60);
    expect(await stagedFiles(staging)).toEqual([]);
  });

  test('one that must be new replaces nothing, even what comes meanwhile', async () => {
    const file = await begun('a', { kind: 'new' });
    await file.write(Buffer.from('mine'));
    await writeFile(join(home, 'a'), '');
    await expect(file.publish()).rejects.toThrow(FileUnavailableError);
    expect(await content('a')).toBe('');
    expect(ledger.usedEntries).toBe(0);
    await rm(join(home, 'a'));
  });

  test('of two for one name the last one stays, and both are paid once', async () => {
    const [first, second] = [await begun('a'), await begun('a')];
    await first.write(Buffer.from('the first'));
    await second.write(Buffer.from('second'));
    await first.publish();
    await second.publish();
    expect(await content('a')).toBe('second');
    expect(ledger.usedBytes).toBe(6);
  });

  test('a directory that has left the tree takes no file', async () => {
    await mkdir(join(home, 'directory'));
    const file = await begun('directory/a');
    await file.write(Buffer.from('hello'));
    await rename(join(home, 'directory'), join(top, 'outside'));
    await expect(file.publish()).rejects.toThrow(FileUnavailableError);
    expect(await readdir(join(top, 'outside'))).toEqual([]);
    expect(ledger.usedBytes).toBe(5);
  });

  test('an aborted copy leaves the file as it was', async () => {
    await stored('a', '0123456789');
    const file = await files.write('a', { start: at(5) });
    const throwIfAborted = () => {
      throw new TransferAbortedError('Aborted.');
    };
    await file.begin({ ...ENDLESS_TRANSFER, throwIfAborted }).catch(() => {});
    await file.keep();
    expect(await content('a')).toBe('0123456789');
  });
});
