import { describe, expect, test } from '@jest/globals';
import { SITE } from '../testing/example-site.ts';
import type { ImportedSite } from './imported-site.ts';
import { planImport } from './plan-import.ts';

const ENTRY: ImportedSite = {
  labels: ['Customers', 'My shöp'],
  host: 'shop.example.org',
  port: undefined,
  tls: 'implicit',
  username: 'anna',
  remotePath: undefined,
  localPath: undefined,
};

const named = (...labels: string[]): ImportedSite => ({ ...ENTRY, labels });

describe('the names of imported sites', () => {
  const namesOf = (entries: readonly ImportedSite[]) =>
    planImport(entries, { existing: [SITE], onClash: 'rename' }).map(({ site }) => site?.id);

  test('have the letters that a bookmark can have, and the port that goes with TLS', () => {
    expect(planImport([ENTRY], { existing: [], onClash: 'rename' })).toEqual([
      {
        action: 'add',
        label: 'Customers/My shöp',
        site: expect.objectContaining({ id: 'My-shop', name: 'My-shop', port: 990 }),
      },
    ]);
  });

  test('are those of folder or host if they are taken, then numbered', () => {
    const hosts = ['a.example', 'a.example', 'b.example', 'c.example'];
    const entries = hosts.map((host, index) => ({
      ...named(index === 1 ? 'Folder' : 'Old', 'work'),
      host,
    }));
    expect(namesOf(entries)).toEqual(['Old-work', 'Folder-work', 'b.example', 'c.example']);
    const same = ['a', 'b', 'c'].map((username) => ({ ...named('work'), username }));
    expect(namesOf(same)).toEqual(['shop.example.org', 'work-2', 'work-3']);
  });

  test('are never empty', () => {
    expect(namesOf([{ ...named('日本'), host: '日本.jp' }])).toEqual(['jp']);
    expect(namesOf([{ ...named('日本'), host: '日本' }])).toEqual(['site']);
  });
});

test('a site that exists is kept, also when the file is imported again', () => {
  const [first] = planImport([ENTRY], { existing: [], onClash: 'rename' });
  const existing = first?.site === undefined ? [] : [first.site];
  for (const onClash of ['rename', 'replace'] as const) {
    expect(planImport([ENTRY], { existing, onClash })).toEqual([
      expect.objectContaining({ action: 'keep', note: 'already saved as "My-shop".' }),
    ]);
  }
});

test('a different site of the same name is replaced on demand, once', () => {
  const entries = [named('work'), { ...named('work'), username: 'ben' }];
  const steps = planImport(entries, { existing: [SITE], onClash: 'replace' });
  expect(steps.map(({ action, site }) => [action, site?.id, site?.username])).toEqual([
    ['replace', 'work', 'anna'],
    ['add', 'shop.example.org', 'ben'],
  ]);
});
