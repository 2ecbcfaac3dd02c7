import { closeSync, mkdtempSync, openSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ROOT } from '../disk/virtual-path.ts';
import { HeldNames, NamesBudget } from './held-names.ts';
import type { ListingRequest } from './listing-request.ts';
import { OpenDirectory } from './open-directory.ts';

describe('HeldNames', () => {
  let path: string;
  let descriptor: number;

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'myftp-names-'));
    descriptor = openSync(path, 'r');
  });
  afterEach(() => {
    closeSync(descriptor);
    rmSync(path, { recursive: true });
  });

  const put = (...names: string[]) => {
    for (const name of names) writeFileSync(join(path, name), '');
  };

  function listing(budget: NamesBudget): HeldNames {
    const request: ListingRequest = {
      descriptor,
      rootPath: path,
      format: 'LIST',
      showHidden: false,
      rights: { place: ROOT, rules: [] },
      nowMs: 0,
    };
    return new HeldNames({ directory: new OpenDirectory(request), request, budget });
  }

  function next(names: HeldNames, count = 2): readonly string[] {
    const work = names.next(count);
    for (;;) {
      const step = work.next();
      if (step.done) return step.value.names;
    }
  }

  test('come in blocks, sorted', () => {
    put('c', 'a', 'e', 'b', 'd');
    const names = listing(new NamesBudget());
    expect([next(names), next(names), next(names), next(names)]).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e'],
      [],
    ]);
  });

  test('of two listings that find no room for both are read again where each has been', () => {
    put('c', 'a', 'e', 'b', 'd');
    const budget = new NamesBudget(1);
    const [one, other] = [listing(budget), listing(budget)];
    expect([next(one), next(other)]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    // Only what is read again shows what has changed since.
    unlinkSync(join(path, 'c'));
    put('a2', 'cc');
    expect([next(one), next(other)]).toEqual([
      ['cc', 'd'],
      ['cc', 'd'],
    ]);
    expect([next(one), next(one), next(other)]).toEqual([['e'], [], ['e']]);
  });

  test('of a listing that is alone are kept, however many', () => {
    put('a', 'b', 'c');
    const names = listing(new NamesBudget(1));
    next(names);
    put('d');
    expect([next(names), next(names)]).toEqual([['c'], []]);
  });

  test('a listing that has ended leaves its room to others', () => {
    put('a', 'b', 'c');
    const budget = new NamesBudget(200);
    const [one, other] = [listing(budget), listing(budget)];
    next(one);
    one.close();
    next(other);
    put('d');
    expect(next(other)).toEqual(['c']);
  });
});
