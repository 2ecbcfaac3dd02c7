import fs from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { errnoOf } from './disk-errors.ts';
import { HeldDirectories } from './held-directories.ts';
import { Jail } from './jail.ts';
import type { VirtualPath } from './virtual-path.ts';

const path = (text: string) => text as VirtualPath;

describe('Jail', () => {
  let top: string;
  let root: string;
  let jail: Jail;
  const descriptors: number[] = [];

  beforeAll(async () => {
    top = await realpath(await mkdtemp(join(tmpdir(), 'myftp-jail-')));
    root = join(top, 'root');
    await mkdir(join(root, 'inner', 'deep'), { recursive: true });
    await mkdir(join(top, 'root-of-others'));
    await writeFile(join(top, 'secret'), 'secret');
    await writeFile(join(top, 'root-of-others', 'secret'), 'secret');
    await writeFile(join(root, 'file'), 'inside');
    await writeFile(join(root, 'inner', 'file'), 'inner');
    jail = new Jail(root);
  });
  afterEach(() => {
    for (const descriptor of descriptors.splice(0)) fs.closeSync(descriptor);
  });
  afterAll(() => rm(top, { recursive: true }));

  const link = (target: string, name: string) => symlink(target, join(root, name));

  async function read(pathname: string): Promise<string> {
    const { descriptor } = await jail.openFile(path(pathname));
    descriptors.push(descriptor);
    return fs.readFileSync(descriptor, 'utf8');
  }

  async function hold(pathname: string) {
    const held = await jail.holdDirectory(path(pathname));
    descriptors.push(held.descriptor);
    return held;
  }

  test('of one directory of a tree has the paths of the tree, and nothing beside it', async () => {
    const scoped = new Jail(root, path('/inner'));
    const { descriptor } = await scoped.openFile(path('/inner/file'));
    descriptors.push(descriptor);
    const held = await scoped.holdDirectory(path('/inner/deep'));
    descriptors.push(held.descriptor);
    expect(scoped.nameOfHeld(held)).toBe('/inner/deep');
    await link('../file', 'inner/out');
    for (const outside of ['/', '/file', '/inner/../file', '/inner/out']) {
      await expect(scoped.hold(path(outside))).rejects.toMatchObject({ code: 'ENOENT' });
    }
    await rm(join(root, 'inner/out'));
  });

  async function outcomeOf(promise: Promise<unknown>): Promise<string> {
    return promise.then(
      () => 'done',
      (error: unknown) => errnoOf(error) || (error as Error).message,
    );
  }

  test('opens a file below the root', async () => {
    expect(await read('/file')).toBe('inside');
    expect(await read('/inner/file')).toBe('inner');
    expect((await jail.stat(path('/file'))).size).toBe(6);
  });

  test('the root is a directory like others', async () => {
    expect((await jail.stat(path('/'))).isDirectory()).toBe(true);
    expect((await hold('/')).diskPath).toBe(root);
  });

  describe('a symbolic link', () => {
    test.each([
      ['to a file', 'file', 'relative'],
      ['to a file of another directory', 'inner/file', 'relative-below'],
      ['up and down again', 'inner/../file', 'up-and-down'],
      ['out and in again', '../root/file', 'out-and-in'],
    ])('%s inside is followed', async (_what, target, name) => {
      await link(target, name);
      expect(await read(`/${name}`)).toMatch(/^in/);
      expect((await jail.stat(path(`/${name}`))).isFile()).toBe(true);
    });

    test('with an absolute target inside is followed', async () => {
      await link(join(root, 'inner'), 'absolute-inside');
      expect(await read('/absolute-inside/file')).toBe('inner');
      expect((await hold('/absolute-inside')).diskPath).toBe(join(root, 'inner'));
    });

    test('to another one is followed to its end', async () => {
      await link('file', 'chain-1');
      await link('chain-1', 'chain-2');
      await link('chain-2', 'chain-3');
      expect(await read('/chain-3')).toBe('inside');
    });

    test.each([
      ['to a file outside', '../secret', 'escape', ''],
      ['with an absolute target outside', '/etc/passwd', 'escape-absolute', ''],
      ['to a directory outside', '..', 'escape-directory', '/secret'],
      ['to the root of the disk', '/', 'escape-root', '/etc/passwd'],
      ['to a directory whose name begins like the root', '../root-of-others', 'alike', '/secret'],
    ])('%s leads nowhere', async (_what, target, name, below) => {
      await link(target, name);
      const there = path(`/${name}${below}`);
      expect(await outcomeOf(jail.openFile(there))).toBe('ENOENT');
      expect(await outcomeOf(jail.stat(there))).toBe('ENOENT');
      if (below !== '') {
        expect(await outcomeOf(jail.holdDirectory(path(`/${name}`)))).toBe('ENOENT');
      }
    });

    test('to another one that leads outside leads nowhere', async () => {
      await link('../secret', 'out');
      await link('out', 'to-out');
      expect(await outcomeOf(jail.openFile(path('/to-out')))).toBe('ENOENT');
    });

    test('that dangles, or goes round, leads nowhere', async () => {
      await link('nothing', 'dangling');
      await link('round-2', 'round-1');
      await link('round-1', 'round-2');
      expect(await outcomeOf(jail.openFile(path('/dangling')))).toBe('ENOENT');
      expect(['ENOENT', 'ELOOP']).toContain(await outcomeOf(jail.openFile(path('/round-1'))));
      expect(['ENOENT', 'ELOOP']).toContain(await outcomeOf(jail.stat(path('/round-1'))));
    });

    test('tells what it stands for, as far as that lies inside', async () => {
      await link('inner/file', 'to-file');
      await link('../secret', 'to-secret');
      const held = await hold('/');
      expect(await jail.followLink(path('/to-file'), held)).toBe('/inner/file');
      expect(await jail.followLink(path('/file'), held)).toBe('/file');
      expect(await jail.followLink(path('/nothing'), held)).toBe('/nothing');
      expect(await outcomeOf(jail.followLink(path('/to-secret'), held))).toBe('ENOENT');
    });
  });

  test('only plain files are opened, and no pipe makes anybody wait', async () => {
    const { execFileSync } = await import('node:child_process');
    execFileSync('mkfifo', [join(root, 'pipe')]);
    expect(await outcomeOf(jail.openFile(path('/pipe')))).toBe('/pipe: not a plain file.');
    expect(await outcomeOf(jail.openFile(path('/inner')))).toBe('/inner: not a plain file.');
  });

  describe('a directory that is held', () => {
    test('stays the same when another takes its name', async () => {
      await mkdir(join(root, 'busy'));
      await writeFile(join(root, 'busy', 'file'), 'the first');
      const held = await hold('/busy');
      expect(jail.isStill(held, path('/busy'))).toBe(true);
      await rename(join(root, 'busy'), join(root, 'moved'));
      await link('..', 'busy');
      expect(await readFile(`${held.entryPrefix}file`, 'utf8')).toBe('the first');
      expect(jail.isStill(held, path('/busy'))).toBe(false);
      expect(jail.isInside(held)).toBe(true);
    });

    test('is known to be outside once it was moved there', async () => {
      await mkdir(join(root, 'leaving'));
      const held = await hold('/leaving');
      await rename(join(root, 'leaving'), join(top, 'left'));
      expect(jail.isInside(held)).toBe(false);
    });
  });

  describe('HeldDirectories', () => {
    const isOpen = (descriptor: number) => fs.existsSync(`/proc/self/fd/${descriptor}`);

    test('the last directory stays open for what comes next', async () => {
      const directories = new HeldDirectories(jail);
      const first = await directories.hold(path('/inner'));
      first.release();
      const second = await directories.hold(path('/inner'));
      expect(second.held).toBe(first.held);
      second.release();
      directories.close();
      await closed(first.held.descriptor);
    });

    test('none stays open for what still works after the end', async () => {
      const directories = new HeldDirectories(jail);
      directories.close();
      const lease = await directories.hold(path('/inner'));
      expect(isOpen(lease.held.descriptor)).toBe(true);
      lease.release();
      await closed(lease.held.descriptor);
    });

    test('it is let go of when another takes its place', async () => {
      const directories = new HeldDirectories(jail);
      const first = await directories.hold(path('/inner'));
      first.release();
      (await directories.hold(path('/inner/deep'))).release();
      await closed(first.held.descriptor);
      directories.close();
    });

    test('one in use stays open until it is released', async () => {
      const directories = new HeldDirectories(jail);
      const lease = await directories.hold(path('/inner'));
      (await directories.hold(path('/inner/deep'))).release();
      directories.close();
      expect(fs.fstatSync(lease.held.descriptor).isDirectory()).toBe(true);
      lease.release();
      await closed(lease.held.descriptor);
    });

    test('one that was moved is opened anew under its name', async () => {
      await mkdir(join(root, 'swap'));
      const directories = new HeldDirectories(jail);
      const first = await directories.hold(path('/swap'));
      first.release();
      await rename(join(root, 'swap'), join(root, 'swapped'));
      await mkdir(join(root, 'swap'));
      const second = await directories.hold(path('/swap'));
      expect(second.held.diskPath).toBe(join(root, 'swap'));
      expect(second.held).not.toBe(first.held);
      second.release();
      directories.close();
    });

    test('one that is reached by a symbolic link is opened each time', async () => {
      await link('inner', 'linked');
      const directories = new HeldDirectories(jail);
      const first = await directories.hold(path('/linked'));
      first.release();
      const second = await directories.hold(path('/linked'));
      expect(second.held).not.toBe(first.held);
      second.release();
      directories.close();
    });

    /** Descriptors are closed in the background. */
    async function closed(descriptor: number): Promise<void> {
      while (isOpen(descriptor)) await new Promise((resolve) => setImmediate(resolve));
    }
  });
});
