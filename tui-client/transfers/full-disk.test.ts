import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { TwoTrees } from './testing/two-trees.ts';
import type { TransferPlan } from './transfer-plan.ts';

const disk = mkdtempSync(join(tmpdir(), 'myftp-full-disk-'));
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status === 0;

afterAll(() => {
  if (isMounted) spawnSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

let trees: TwoTrees | undefined;

afterEach(() => trees?.dispose());

const testOnSmallDisk = isMounted ? test : test.skip;

testOnSmallDisk(
  'a full disk stops downloads; when there is room, they are carried on (needs mount)',
  async () => {
    trees = await TwoTrees.make();
    const octets = await trees.writeThere('big', 900_000);
    for (let i = 0; i < 5; i++) await trees.writeThere(`small${i}`, 1000);
    await writeFile(join(disk, 'in the way'), Buffer.alloc(500_000));
    const queue = trees.queue({ workers: 1 });
    const names = ['big', ...Array.from({ length: 5 }, (_, i) => `small${i}`)];
    const plans = names.map((name) => ({
      ...trees?.download(name),
      to: join(disk, name),
    }));
    queue.add(plans as TransferPlan[]);
    await queue.idle();

    const { counts, notices, jobs } = queue.snapshot();
    expect(counts).toMatchObject({ failed: 1, paused: 5 });
    expect(notices).toMatchObject([{ direction: 'download', error: { kind: 'space' } }]);
    expect(jobs[0]?.error?.message).toBe(`${disk}/big: the local disk is full.`);
    expect((await readdir(disk)).sort()).toEqual(['big.part', 'in the way']);

    await unlink(join(disk, 'in the way'));
    queue.retry('all');
    queue.resume('all');
    await queue.idle();
    expect(queue.snapshot().counts).toMatchObject({ done: 6 });
    expect(octets.equals(await readFile(join(disk, 'big')))).toBe(true);
    const offsets = trees.server.log.filter((line) => line.startsWith('RETR /big'));
    expect(offsets).toHaveLength(2);
    expect(offsets[1]).not.toBe('RETR /big 0');
  },
);
