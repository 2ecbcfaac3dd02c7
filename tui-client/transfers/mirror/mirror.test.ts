import { symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Failure } from '../../errors/failure.ts';
import { compareFacts } from '../same-file.ts';
import { TwoTrees } from '../testing/two-trees.ts';
import { planMirror } from './mirror.ts';
import type { MirrorOptions } from './mirror-options.ts';
import { runMirror } from './run-mirror.ts';

let trees: TwoTrees;

beforeEach(async () => {
  trees = await TwoTrees.make();
});

afterEach(() => trees.dispose());

function options(direction: 'upload' | 'download', more: Partial<MirrorOptions> = {}) {
  const [here, there] = [trees.here, '/'];
  return {
    direction,
    source: direction === 'upload' ? trees.local : trees.server.place,
    target: direction === 'upload' ? trees.server.place : trees.local,
    from: direction === 'upload' ? here : there,
    to: direction === 'upload' ? there : here,
    compareBy: 'size-and-time',
    extras: 'delete',
    ...more,
  } satisfies MirrorOptions;
}

describe.each(['upload', 'download'] as const)('a mirror by %s', (direction) => {
  async function makeTrees(): Promise<void> {
    await trees.writeSource(direction, 'new/deep/file', 100);
    await trees.writeSource(direction, 'changed', 200);
    await trees.writeCopy(direction, 'changed', 150);
    const same = await trees.writeSource(direction, 'same', 300);
    await trees.writeCopy(direction, 'same', same);
    for (const root of [trees.here, trees.server.root]) {
      await utimes(join(root, 'same'), 1_600_000_000, 1_600_000_000);
    }
    await trees.writeCopy(direction, 'extra/file', 50);
    await trees.writeSource(direction, 'skipped.log', 1);
    await trees.writeCopy(direction, 'kept.log', 1);
    await symlink('/etc', join(direction === 'upload' ? trees.here : trees.server.root, 'link'));
  }

  test('plans what is new, changed and gone, and changes nothing', async () => {
    await makeTrees();
    const plan = await planMirror(options(direction, { excludes: ['*.log'] }));
    const [from, to] = [options(direction).from, options(direction).to];
    expect(plan.makes).toEqual([join(to, 'new'), join(to, 'new/deep')]);
    expect(plan.copies.map((copy) => copy.from)).toEqual([join(from, 'new/deep/file')]);
    expect(plan.replacements.map((copy) => copy.to)).toEqual([join(to, 'changed')]);
    expect(plan.deletions).toMatchObject([{ path: join(to, 'extra'), kind: 'directory' }]);
    expect(plan).toMatchObject({ unchangedFiles: 1, moveBytes: 300, growthBytes: 150 });
    expect(plan.notes).toEqual([{ path: join(from, 'link'), text: 'Links are not followed.' }]);
    expect(trees.server.log.filter((line) => !/^(MLSD|MLST)/.test(line))).toEqual([]);
  });

  test('done twice, it has nothing left to do', async () => {
    await makeTrees();
    const target = direction === 'upload' ? trees.server.place : trees.local;
    const plan = await planMirror(options(direction));
    const result = await runMirror(plan, { queue: trees.queue(), target });
    expect(result).toMatchObject({ failedFiles: 0, deleted: 2 });
    const again = await planMirror(options(direction));
    expect(again).toMatchObject({
      makes: [],
      copies: [],
      replacements: [],
      deletions: [],
      unchangedFiles: 4,
    });
  });

  test('compares by digest where that is wanted', async () => {
    const octets = await trees.writeSource(direction, 'equal', 100);
    await trees.writeCopy(direction, 'equal', octets);
    await trees.writeSource(direction, 'other', 100);
    await trees.writeCopy(direction, 'other', 100);
    const plan = await planMirror(options(direction, { compareBy: { digest: 'MD5' } }));
    expect(plan.unchangedFiles).toBe(1);
    expect(plan.replacements.map(({ to }) => to.endsWith('other'))).toEqual([true]);
  });

  test('does not take sizes and times for a digest that the server does not compute', async () => {
    const octets = await trees.writeSource(direction, 'equal', 100);
    await trees.writeCopy(direction, 'equal', octets);
    trees.server.place.digest = async () => undefined;
    const attempt = planMirror(options(direction, { compareBy: { digest: 'MD5' } }));
    await expect(attempt).rejects.toMatchObject({
      kind: 'protocol',
      message: 'The server computes no MD5 of /equal.',
    });
  });

  test('deletes around what is excluded, however deep it lies', async () => {
    await trees.writeCopy(direction, 'extra/deep/kept.log', 1);
    await trees.writeCopy(direction, 'extra/deep/gone', 1);
    await trees.writeCopy(direction, 'extra/other/gone', 1);
    await trees.writeCopy(direction, 'old/.git/config', 1);
    await trees.writeCopy(direction, 'old/gone', 1);
    const to = options(direction).to;
    const plan = await planMirror(options(direction, { excludes: ['*.log', '.git/'] }));
    const gone = ['extra/deep/gone', 'extra/other', 'old/gone'];
    expect(plan.deletions.map(({ path }) => path).sort()).toEqual(
      gone.map((path) => join(to, path)),
    );
    const target = direction === 'upload' ? trees.server.place : trees.local;
    await runMirror(plan, { queue: trees.queue(), target });
    expect(await target.stat(join(to, 'extra/deep/kept.log'))).toBeDefined();
    expect(await target.stat(join(to, 'old/.git/config'))).toBeDefined();
    expect(await target.stat(join(to, 'extra/other'))).toBeUndefined();
  });

  test('deletes nothing if not all files came over', async () => {
    await trees.writeSource(direction, 'file', 5000);
    await trees.writeCopy(direction, 'extra', 5);
    trees.server.faults.wrongDigests = 1;
    const target = direction === 'upload' ? trees.server.place : trees.local;
    const plan = await planMirror(options(direction));
    const result = await runMirror(plan, { queue: trees.queue(), target });
    expect(result).toMatchObject({ failedFiles: 1, deleted: 0 });
    expect(await target.stat(join(options(direction).to, 'extra'))).toBeDefined();
  });
});

test.each(['upload', 'download'] as const)(
  'a directory that cannot be read here does not stop it (%s)',
  async (direction) => {
    for (const path of ['closed/x', 'open/y']) await trees.writeSource(direction, path, 10);
    for (const path of ['closed/x', 'extra']) await trees.writeCopy(direction, path, 10);
    const closed = join(trees.here, 'closed');
    const denied = new Failure('denied', `${closed}: permission denied.`);
    const list = trees.local.list.bind(trees.local);
    trees.local.list = async function* (path, signal) {
      if (path === closed) throw denied;
      yield* list(path, signal);
    };
    const plan = await planMirror(options(direction));
    expect(plan.problems).toEqual([denied]);
    expect(plan.deletions).toEqual([]);
    const { to } = options(direction);
    expect(plan.copies.map((copy) => copy.to)).toEqual([join(to, 'open/y')]);
  },
);

test('a file in the place of a directory is told of and left', async () => {
  await trees.write('x/file');
  await trees.writeThere('x', 'a file');
  const plan = await planMirror(options('upload'));
  expect(plan.notes).toEqual([
    { path: join(trees.here, 'x'), text: 'At the target there is a file of this name.' },
  ]);
  expect([plan.makes, plan.copies, plan.deletions]).toEqual([[], [], []]);
});

test.each([
  ['*.log', ['a.log', 'deep/b.log']],
  ['/a.log', ['a.log']],
  ['deep/', ['deep/b.log', 'deep/c']],
  ['deep/*.log', ['deep/b.log']],
  ['.*', ['.hidden']],
])('%s leaves out %j', async (glob, left) => {
  const all = ['a.log', 'deep/b.log', 'deep/c', '.hidden'];
  for (const path of all) await trees.write(path);
  const plan = await planMirror(options('upload', { excludes: [glob] }));
  const planned = plan.copies.map(({ to }) => to.slice(1)).sort();
  expect(planned).toEqual(all.filter((path) => !left.includes(path)).sort());
});

const AT = Date.UTC(2026, 2, 1, 12, 30, 45, 678);

test.each([
  ['whole seconds', AT - 678, 'same'],
  ['the other whole second', AT + 1000, 'same'],
  ['another time', AT + 5000, 'different'],
  ['whole minutes', Date.UTC(2026, 2, 1, 12, 30), 'unknown'],
  ['another minute', Date.UTC(2026, 2, 1, 12, 29), 'different'],
  ['the day only', Date.UTC(2026, 2, 1), 'unknown'],
  ['another day', Date.UTC(2026, 1, 28), 'different'],
])('a server that tells %s', (_, modifiedMs, sameness) => {
  const file = { sizeBytes: 1, modifiedMs: AT };
  expect(compareFacts(file, { sizeBytes: 1, modifiedMs })).toBe(sameness);
  expect(compareFacts(file, { sizeBytes: 2, modifiedMs })).toBe('different');
});
