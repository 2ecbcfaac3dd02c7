import {
  closeSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { contentOf } from '../disk/name-content.ts';
import { ROOT, type VirtualPath } from '../disk/virtual-path.ts';
import { byteName } from '../system/byte-name.ts';
import { fileFacts } from '../system/file-facts.ts';
import { WorkerPool } from '../workers/worker-pool.ts';
import { DirectoryLister } from './directory-lister.ts';
import type { ListingRequest } from './listing-request.ts';
import { encodePartials, type PartialEntries } from './partial-entries.ts';

const workers = new WorkerPool();
const lister = new DirectoryLister({ workers });

let rootPath: string;
let directoryPath: string;
let descriptor: number;

afterAll(() => workers.close());

beforeEach(() => {
  rootPath = realpathSync(mkdtempSync(join(tmpdir(), 'myftp-listing-')));
  directoryPath = join(rootPath, 'home');
  mkdirSync(directoryPath);
  descriptor = openSync(directoryPath, 'r');
});

afterEach(() => {
  closeSync(descriptor);
  rmSync(rootPath, { recursive: true });
});

function request(changes: Partial<ListingRequest>): ListingRequest {
  return {
    descriptor,
    rootPath: directoryPath,
    format: 'NLST',
    showHidden: false,
    rights: { place: ROOT, rules: [] },
    nowMs: Date.now(),
    ...changes,
  };
}

async function listBytes(changes: Partial<ListingRequest> = {}): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of lister.list(request(changes))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function listLines(changes: Partial<ListingRequest> = {}): Promise<string[]> {
  const lines = (await listBytes(changes)).toString().split('\r\n');
  expect(lines.pop()).toBe('');
  return lines;
}

function put(...names: (string | Buffer)[]): void {
  for (const name of names) {
    writeFileSync(Buffer.concat([Buffer.from(`${directoryPath}/`), Buffer.from(name)]), 'abc');
  }
}

/** Partial uploads of 77 bytes, each over what its name holds now. */
async function partials(...names: string[]): Promise<PartialEntries> {
  const stagingPath = join(rootPath, 'staging');
  mkdirSync(stagingPath);
  const entries = names.map((name, index) => {
    writeFileSync(join(stagingPath, String(index)), Buffer.alloc(77));
    const held = contentOf(lstatSync(join(directoryPath, name), { throwIfNoEntry: false }));
    return { path: `/d/${name}` as VirtualPath, id: String(index), held };
  });
  return { stagingPaths: [stagingPath], encoded: await encodePartials(entries) };
}

describe('names', () => {
  test('are sorted by their bytes', async () => {
    put('b', 'a', 'B', 'ä', '\u{10000}', '\uffee');
    expect(await listLines()).toEqual(['B', 'a', 'b', 'ä', '\uffee', '\u{10000}']);
  });

  test('an empty directory produces no bytes', async () => {
    expect(await listBytes()).toHaveLength(0);
    expect(await listBytes({ format: 'LIST' })).toHaveLength(0);
  });

  test('hidden ones are shown on request, and always by MLSD', async () => {
    put('.hidden', 'shown');
    expect(await listLines()).toEqual(['shown']);
    expect(await listLines({ showHidden: true })).toEqual(['.hidden', 'shown']);
    expect(await listLines({ format: 'MLSD', facts: ['type'] })).toEqual([
      'type=cdir; .',
      'type=file; .hidden',
      'type=file; shown',
    ]);
  });

  test('a pattern selects among them', async () => {
    put('a.txt', 'b.txt', 'ü.txt', 'c.bin');
    expect(await listLines({ glob: '?.txt' })).toEqual(['a.txt', 'b.txt', 'ü.txt']);
    expect(await listLines({ glob: '*.none' })).toEqual([]);
  });

  test('those of NLST carry the prefix', async () => {
    put('a', 'ü');
    expect(await listLines({ namePrefix: 'süb/' })).toEqual(['süb/a', 'süb/ü']);
  });

  test('bytes that are not UTF-8 are sent as they are', async () => {
    put(Buffer.from([0x66, 0xfc, 0x72]));
    expect(await listBytes()).toEqual(Buffer.from([0x66, 0xfc, 0x72, 0x0d, 0x0a]));
    const line = await listBytes({ format: 'LIST' });
    expect(line.subarray(-5)).toEqual(Buffer.from([0x66, 0xfc, 0x72, 0x0d, 0x0a]));
  });

  test('line ends in them become question marks', async () => {
    put('a\r\nb');
    expect(await listLines()).toEqual(['a??b']);
  });
});

describe('facts', () => {
  test('LIST tells kind and size', async () => {
    put('file');
    mkdirSync(join(directoryPath, 'sub'));
    const lines = await listLines({ format: 'LIST' });
    expect(lines[0]).toMatch(/^-rw.* 3 \w{3} [ \d]\d \d\d:\d\d file$/);
    expect(lines[1]).toMatch(/^drwx.* sub$/);
  });

  test('entries are hidden, replaced and added', async () => {
    put('.myftp-staging', 'partial', 'plain', 'of another file');
    const changes = {
      rights: { place: ROOT, rules: [{ prefix: '/secret' as VirtualPath, rights: 0 }] },
      partials: await partials('partial', 'äußeres', 'of another file', 'of no file'),
      facts: ['size'] as const,
    };
    put('of no file');
    rmSync(join(directoryPath, 'of another file'));
    const lines = await listLines({ ...changes, format: 'MLSD' });
    expect(lines).toEqual([
      'size=3; of no file',
      'size=77; partial',
      'size=3; plain',
      'size=77; äußeres',
    ]);
    const names = ['of no file', 'partial', 'plain', 'äußeres'];
    expect(await listLines(changes)).toEqual(names);
  });

  test('a link shows what it leads to inside the root, and nothing otherwise', async () => {
    mkdirSync(join(directoryPath, 'sub'));
    writeFileSync(join(rootPath, 'outside'), 'x');
    mkdirSync(join(rootPath, 'home-of-another'));
    symlinkSync('sub', join(directoryPath, 'to-directory'));
    symlinkSync('../outside', join(directoryPath, 'to-outside'));
    symlinkSync('../home-of-another', join(directoryPath, 'to-sibling'));
    symlinkSync('missing', join(directoryPath, 'to-nothing'));
    symlinkSync('to-itself', join(directoryPath, 'to-itself'));
    symlinkSync('.', join(directoryPath, 'to-root'));
    const lines = await listLines({ format: 'MLSD', facts: ['type'] });
    expect(lines.slice(1)).toEqual([
      'type=dir; sub',
      'type=dir; to-directory',
      'type=dir; to-root',
    ]);
    expect(await listLines()).toEqual(['sub', 'to-directory', 'to-root']);
  });

  test('a directory that was moved is still the one that is listed', async () => {
    put('mine');
    renameSync(directoryPath, join(rootPath, 'moved'));
    mkdirSync(directoryPath);
    put('not-mine');
    const lines = await listLines({ format: 'MLSD', facts: ['size'] });
    expect(lines).toEqual(['size=3; mine']);
  });
});

describe('large directories', () => {
  const names = Array.from({ length: 9000 }, (_, index) => `file-${`${index}`.padStart(5, '0')}`);
  let large: { readonly path: string; readonly descriptor: number };

  beforeAll(() => {
    const path = realpathSync(mkdtempSync(join(tmpdir(), 'myftp-listing-')));
    // Links to one file are made faster than files.
    writeFileSync(join(path, names[0] ?? ''), '');
    for (const name of names.slice(1)) linkSync(join(path, names[0] ?? ''), join(path, name));
    large = { path, descriptor: openSync(path, 'r') };
  });

  afterAll(() => {
    closeSync(large.descriptor);
    rmSync(large.path, { recursive: true });
  });

  test.each(['LIST', 'NLST', 'MLSD'] as const)('%s keeps the order', async (format) => {
    const lines = await listLines({ descriptor: large.descriptor, format });
    const listed = lines.map((line) => line.slice(line.lastIndexOf(' ') + 1));
    expect(listed).toEqual(format === 'MLSD' ? ['.', ...names] : names);
  });

  test.each(['LIST', 'NLST', 'MLSD'] as const)(
    '%s has shared folders in their places',
    async (format) => {
      const [, hidden = '', taken = ''] = names;
      const facts = (name: string) => fileFacts(name, fstatSync(descriptor));
      const folders = [
        { name: taken, facts: facts(taken), permissions: 'el' },
        { name: 'é', facts: facts('Ã©'), permissions: 'el' },
        { name: hidden, facts: undefined, permissions: 'el' },
      ].map((folder) => ({ ...folder, name: byteName(folder.name) }));
      const lines = await listLines({ descriptor: large.descriptor, format, folders });
      const listed = lines.map((line) => line.slice(line.lastIndexOf(' ') + 1));
      const expected = [...names.filter((name) => name !== hidden), 'é'];
      expect(listed).toEqual(format === 'MLSD' ? ['.', ...expected] : expected);
      const folderLines = lines.filter((line) => line.endsWith(taken) || line.endsWith('é'));
      const start = { LIST: /^d/, NLST: /^/, MLSD: /^type=dir;.*perm=el;/ }[format];
      expect(folderLines).toEqual([expect.stringMatching(start), expect.stringMatching(start)]);
    },
  );

  test('a consumer may stop early', async () => {
    for await (const chunk of lister.list(
      request({ descriptor: large.descriptor, format: 'LIST' }),
    )) {
      expect(chunk.toString()).toContain('file-00000\r\n');
      break;
    }
    expect(await listLines({ descriptor: large.descriptor, glob: 'file-0000?' })).toHaveLength(10);
  });

  test('an abort ends the listing with its reason', async () => {
    const controller = new AbortController();
    const options = {
      ...request({ descriptor: large.descriptor, format: 'LIST' }),
      signal: controller.signal,
    };
    const list = lister.list(options);
    await list.next();
    controller.abort(new Error('enough'));
    await expect(list.next()).rejects.toThrow('enough');
  });
});

test('a descriptor that is not a directory fails with the code of the system', async () => {
  put('file');
  const file = openSync(join(directoryPath, 'file'), 'r');
  await expect(listLines({ descriptor: file })).rejects.toMatchObject({ code: 'ENOTDIR' });
  closeSync(file);
});
