import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { joinPath } from '../files/place.ts';
import { planMirror } from './mirror/mirror.ts';
import { runMirror } from './mirror/run-mirror.ts';
import { TwoTrees } from './testing/two-trees.ts';

/** In the order of a walk. */
const NAMES = ['b', 'k', 'a/x', 'a/z', 'a/m/c', 'a/m/d', 'a/n/a', 'c/1', 'c/2', 'c/d/e/f', 'd/1'];

let trees: TwoTrees;

beforeEach(async () => {
  trees = await TwoTrees.make();
});
afterEach(() => trees.dispose());

describe.each(['upload', 'download'] as const)('by %s', (direction) => {
  beforeEach(async () => {
    for (const name of NAMES.toReversed()) await trees.writeSource(direction, `tree/${name}`, 10);
  });

  test.each([1, 3])('a directory is copied in the order of names with %d jobs', async (workers) => {
    const started: string[] = [];
    const queue = trees.queue({
      workers,
      journal: {
        added() {},
        removed() {},
        changed: (_, { kind, state, from }) => {
          if (kind === 'file' && state === 'running' && !started.includes(from)) started.push(from);
        },
      },
    });
    queue.add([{ ...trees[direction]('tree'), kind: 'directory' }]);
    await queue.idle();
    const root = trees[direction]('tree').from;
    expect(started).toEqual(NAMES.map((name) => joinPath(root, name)));
  });

  test('a mirror copies what is new and what has changed in one order', async () => {
    for (const name of ['k', 'a/z', 'c/1']) await trees.writeCopy(direction, `tree/${name}`, 5);
    await trees.writeCopy(direction, 'tree/e/extra', 1);
    await trees.writeCopy(direction, 'tree/a/extra', 1);
    const isUpload = direction === 'upload';
    const [source, target] = isUpload
      ? [trees.local, trees.server.place]
      : [trees.server.place, trees.local];
    const { from, to } = trees[direction]('tree');
    const how = { compareBy: 'size-and-time', extras: 'delete' } as const;
    const plan = await planMirror({ direction, source, target, from, to, ...how });
    expect(plan.deletions.map(({ path }) => path)).toEqual([`${to}/e`, `${to}/a/extra`]);
    const queue = trees.queue();
    await runMirror(plan, { queue, target });
    expect(queue.snapshot().jobs.map((job) => job.from.slice(from.length + 1))).toEqual(NAMES);
  });
});
