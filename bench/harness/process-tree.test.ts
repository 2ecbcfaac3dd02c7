import { describe, expect, test } from '@jest/globals';
import { descendantsMemoryBytes, parseProcessStat, treeCpuSeconds } from './process-tree.ts';

describe('parseProcessStat', () => {
  test('CPU time is its own and that of the children it has waited for', () => {
    const text = '42 (server) S 7 42 42 0 -1 4194560 100 200 0 0 150 50 20 30 20 0 1 0 9 8 7';
    expect(parseProcessStat(text)).toEqual({ pid: 42, parentPid: 7, cpuSeconds: 2.5 });
  });

  test('a program may be called anything', () => {
    const text = '42 (a) S 1 (b) R 7 42 42 0 -1 4194560 100 200 0 0 1 1 1 1 20 0 1 0 9 8 7';
    expect(parseProcessStat(text)).toMatchObject({ pid: 42, parentPid: 7 });
  });
});

test('a process tree is found by its root', () => {
  expect(treeCpuSeconds(process.pid)).toBeGreaterThan(0);
  expect(descendantsMemoryBytes(process.ppid)).toBeGreaterThan(0);
});
