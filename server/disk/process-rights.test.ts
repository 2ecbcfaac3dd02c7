import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { canGiveTo, rightsOfProcess } from './process-rights.ts';

const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;

test('a process without capabilities gives files to itself only, with one of its groups', () => {
  const rights = { uid: 7, gid: 8, groups: [9], isCapable: false };
  for (const gid of [undefined, 8, 9]) expect(canGiveTo(rights, { uid: 7, gid })).toBe(true);
  expect(canGiveTo(rights, { uid: 7, gid: 10 })).toBe(false);
  expect(canGiveTo(rights, { uid: 8, gid: 8 })).toBe(false);
  expect(canGiveTo({ ...rights, isCapable: true }, { uid: 1, gid: 2 })).toBe(true);
});

test('the own rights are those that Node tells', () => {
  expect(rightsOfProcess('self')).toMatchObject({
    uid: process.geteuid?.(),
    gid: process.getegid?.(),
  });
  expect(rightsOfProcess(process.pid)).toEqual(rightsOfProcess('self'));
});

(isRoot ? test : test.skip)('a process of another user has its rights (needs root)', async () => {
  const sleep = spawn('sleep', ['60'], { uid: NOBODY, gid: NOBODY });
  await once(sleep, 'spawn');
  try {
    expect(rightsOfProcess(sleep.pid ?? -1)).toMatchObject({
      uid: NOBODY,
      gid: NOBODY,
      isCapable: false,
    });
  } finally {
    sleep.kill();
    await once(sleep, 'exit');
  }
});
