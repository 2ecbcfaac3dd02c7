import { describe, expect, test } from '@jest/globals';
import { type NameContent, NOTHING } from '../disk/name-content.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { PartialIndex } from './partial-index.ts';
import type { PartialUpload } from './partial-upload.ts';

const path = (text: string) => text as VirtualPath;

function partial(id: string, at: string, changes: Partial<PartialUpload> = {}): PartialUpload {
  return {
    ...{ id, path: path(at), diskPath: `/staging/${id}`, createdAtMs: 1, cutAtMs: 2 },
    ...{ held: NOTHING, beginNumber: 1, makesWay: false, ...changes },
  };
}

function indexOf(...partials: PartialUpload[]): PartialIndex {
  const index = new PartialIndex();
  for (const one of partials) index.set(one);
  return index;
}

const ids = (partials: Iterable<PartialUpload>) => [...partials].map(({ id }) => id).sort();

/** Counts the partials that a look-up reads, by the ids that are asked for. */
function watched(one: PartialUpload, onRead: () => void): PartialUpload {
  const { id } = one;
  return Object.defineProperty({ ...one }, 'id', {
    enumerable: true,
    get() {
      onRead();
      return id;
    },
  });
}

describe('PartialIndex', () => {
  test('finds claims by name and below a directory, and what has lost its name only below it', () => {
    const lost = { held: undefined };
    const index = indexOf(partial('1', '/d/a'), partial('2', '/d/e/b'), partial('3', '/d/c', lost));
    index.set(partial('4', '/de'));
    expect(index.claimOn(path('/d/e/b'))?.id).toBe('2');
    expect(index.claimOn(path('/d/c'))).toBeUndefined();
    expect(ids(index.claimsBelow(path('/d')))).toEqual(['1', '2']);
    expect(ids(index.below(path('/d')))).toEqual(['1', '2', '3']);
    expect(ids(index.below(path('/')))).toEqual(['1', '2', '3', '4']);
    expect(ids(index.nameless())).toEqual(['3']);
  });

  test('finds those over one file, and those that make way', () => {
    const held = 'file:1' as NameContent;
    const index = indexOf(partial('1', '/a', { held }), partial('2', '/b', { makesWay: true }));
    expect(ids(index.holding(held))).toEqual(['1']);
    expect(ids(index.makingWay())).toEqual(['2']);
    index.set(partial('1', '/a', { held: undefined }));
    index.set(partial('2', '/b', { makesWay: true, held: undefined }));
    expect(ids(index.holding(held))).toEqual([]);
    expect(ids(index.makingWay())).toEqual([]);
    expect(ids(index.nameless())).toEqual(['1', '2']);
  });

  test('names the directories in which a name is claimed that held nothing', () => {
    const held = 'file:1' as NameContent;
    const index = indexOf(
      partial('1', '/a/b/c'),
      partial('2', '/a/b/d'),
      partial('3', '/e/f', { held }),
    );
    expect([...index.directoriesOfNewNames()]).toEqual(['/a/b']);
  });

  test('forgets directories with the last partial below them', () => {
    const index = indexOf(partial('1', '/a/b/c'));
    index.delete('1');
    expect([index.size, ids(index.below(path('/')))]).toEqual([0, []]);
    expect([...index.directoriesOfNewNames()]).toEqual([]);
  });

  test('encodes a directory once, until a claim in it changes', async () => {
    const index = indexOf(partial('1', '/d/a'), partial('2', '/e/a'));
    let encodings = 0;
    const encode = async () => {
      encodings += 1;
      return new SharedArrayBuffer(1);
    };
    const encoded = () => index.encodedClaimsIn(path('/d'), encode);
    expect(await encoded()).toBe(await encoded());
    index.set(partial('3', '/e/b'));
    await encoded();
    expect(encodings).toBe(1);
    index.set(partial('4', '/d/b'));
    await encoded();
    expect(encodings).toBe(2);
    expect(index.encodedClaimsIn(path('/f'), encode)).toBeUndefined();
  });

  test('a look-up reads none of the partials that it does not find', () => {
    let reads = 0;
    const onRead = () => {
      reads += 1;
    };
    const index = new PartialIndex();
    for (let count = 0; count < 10_000; count += 1) {
      index.set(watched(partial(`${count}`, `/other/${count}`), onRead));
    }
    index.set(partial('one', '/d/a', { held: 'file:1' as NameContent }));
    reads = 0;
    index.claimOn(path('/d/a'));
    index.holding('file:1' as NameContent);
    ids(index.claimsBelow(path('/d')));
    ids(index.nameless());
    index.set(partial('one', '/d/b', { held: undefined }));
    index.delete('one');
    expect(reads).toBe(0);
  });
});
