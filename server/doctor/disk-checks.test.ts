import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { anonymousCheck } from './anonymous-check.ts';
import { directoryChecks } from './directory-checks.ts';
import type { CheckId } from './finding.ts';
import { spaceCheck } from './space-check.ts';
import { stagingCheck } from './staging-check.ts';
import { examine } from './testing/examine.ts';

let directory: string;
let mounts: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'myftp-disk-'));
  mounts = [];
});

afterEach(() => {
  for (const mount of mounts) spawnSync('umount', [mount]);
  rmSync(directory, { recursive: true, force: true });
});

function directoryCheck(id: CheckId) {
  const found = [...directoryChecks, anonymousCheck].find((check) => check.id === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return found;
}

describe('a directory', () => {
  test('that exists is fine, and one that the first start makes, too', async () => {
    const flags = { data: directory };
    expect(await examine(directoryCheck('data'), { flags })).toEqual([
      { level: 'ok', text: `--data ${directory} is writable.` },
    ]);
    expect(await examine(directoryCheck('root'), { flags })).toEqual([
      {
        level: 'ok',
        text: `--root ${directory}/files does not exist yet; the first start makes it.`,
      },
    ]);
  });

  test.each(['data', 'root', 'log-dir', 'anonymous'] as const)(
    '--%s that is a file is a problem',
    async (id) => {
      const file = join(directory, 'file');
      writeFileSync(file, '');
      const [verdict] = await examine(directoryCheck(id), { flags: { [id]: file } });
      expect(verdict).toMatchObject({
        level: 'problem',
        text: expect.stringContaining('(ENOTDIR)'),
      });
    },
  );

  test('below a file is a problem', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    const flags = { data: join(file, 'data') };
    const [verdict] = await examine(directoryCheck('data'), { flags });
    expect(verdict).toMatchObject({ level: 'problem', text: expect.stringContaining('(ENOTDIR)') });
  });

  test('that everybody can write to is a warning', async () => {
    chmodSync(directory, 0o777);
    const [verdict] = await examine(directoryCheck('data'), { flags: { data: directory } });
    expect(verdict).toMatchObject({ level: 'warning' });
    expect(verdict?.text).toContain('Every user of this host can write');
  });

  test('an anonymous directory that does not exist is a problem', async () => {
    const flags = { anonymous: join(directory, 'none') };
    const [verdict] = await examine(directoryCheck('anonymous'), { flags });
    expect(verdict).toMatchObject({ level: 'problem', text: expect.stringContaining('(ENOENT)') });
  });
});

test('homes on the file system of the staging directory are fine', async () => {
  mkdirSync(join(directory, 'files'));
  const [verdict] = await examine(stagingCheck, { flags: { data: directory } });
  expect(verdict).toMatchObject({ level: 'ok' });
});

test('unfinished uploads that the database does not know are a warning', async () => {
  const unknown = join(directory, 'files/.myftp-staging/unknown/7');
  mkdirSync(unknown, { recursive: true });
  writeFileSync(join(unknown, 'a'), Buffer.alloc(2048));
  writeFileSync(join(unknown, 'b'), Buffer.alloc(1024));
  const [, verdict] = await examine(stagingCheck, { flags: { data: directory } });
  expect(verdict?.level).toBe('warning');
  expect(verdict?.text).toMatch(/ has 2 unfinished uploads \(3 KiB\) that the database/);
});

const canMount = process.getuid?.() === 0 && mountsTmpfs();

function mountsTmpfs(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'myftp-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', place]).status === 0;
  if (mounted) spawnSync('umount', [place]);
  rmSync(place, { recursive: true });
  return mounted;
}

/** A file system of its own. */
function mountAt(place: string, options: string): void {
  mkdirSync(place, { recursive: true });
  spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', place]);
  mounts.push(place);
}

if (canMount) {
  describe('a file system', () => {
    test('with little space is a problem or a warning', async () => {
      mountAt(join(directory, 'small'), 'size=16m');
      mountAt(join(directory, 'medium'), 'size=512m');
      const flags = { data: join(directory, 'small'), root: join(directory, 'medium') };
      const verdicts = await examine(spaceCheck, { flags });
      expect(verdicts.map(({ level, text }) => [level, text])).toEqual([
        ['problem', `The file system of ${directory}/small has only 16 MiB free.`],
        ['warning', `The file system of ${directory}/medium has only 512 MiB free.`],
      ]);
    });

    test('with few inodes is a warning', async () => {
      mountAt(join(directory, 'full'), 'size=2g,nr_inodes=100');
      const flags = { data: join(directory, 'full') };
      const [verdict] = await examine(spaceCheck, { flags });
      expect(verdict).toMatchObject({
        level: 'warning',
        text: expect.stringContaining('(inodes)'),
      });
    });

    test('that is read-only is a problem', async () => {
      mountAt(join(directory, 'still'), 'size=1m,ro');
      const flags = { data: join(directory, 'still') };
      const [verdict] = await examine(directoryCheck('data'), { flags });
      expect(verdict).toMatchObject({
        level: 'problem',
        text: expect.stringContaining('(EROFS)'),
        remedy: 'Mount its file system writable.',
      });
    });

    test('that is mounted at a home or at the staging directory is named', async () => {
      const root = join(directory, 'a root');
      mountAt(join(root, 'anna'), 'size=1m');
      const flags = { data: join(directory, 'data'), root };
      const [home] = await examine(stagingCheck, { flags });
      expect(home).toMatchObject({ level: 'warning' });
      expect(home?.text).toContain(`at ${root}/anna.`);
      mountAt(join(root, '.myftp-staging'), 'size=1m');
      const [staging] = await examine(stagingCheck, { flags });
      expect(staging).toMatchObject({ level: 'problem' });
    });
  });
} else {
  test.skip('small and foreign file systems were not tested: mounting them needs root', () => {});
}
