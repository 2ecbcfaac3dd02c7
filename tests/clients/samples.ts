import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Files that every client must carry to the byte, by the names that they get. */
export const SIZES: readonly { readonly name: string; readonly sizeBytes: number }[] = [
  { name: 'empty.bin', sizeBytes: 0 },
  { name: 'one.bin', sizeBytes: 1 },
  { name: 'page.bin', sizeBytes: 4 * KIB },
  { name: 'large.bin', sizeBytes: 3 * MIB },
];

/** Octets that no line end or character set leaves as they are. */
export function octets(sizeBytes: number): Buffer {
  return randomBytes(sizeBytes);
}

/** Names that are hard to quote, to list or to send. */
export const AWKWARD_NAMES = [
  'two words',
  'two  blanks',
  `it's "quoted"`,
  'grüße 日本語 🙂',
  '.hidden',
  '-dash',
  'trailing  ',
  ' leading',
  'back\\slash',
  '100% #1;x',
  'star*[1]?',
] as const;

/** Everything below a directory: `dir`, or the digest of a file's octets, by path. */
export async function treeOf(directory: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(directory.length).replace(/^\//, '');
    tree[name] = entry.isDirectory() ? 'dir' : digestOf(await readFile(path));
  }
  return tree;
}

export function digestOf(content: Uint8Array, algorithm: 'md5' | 'sha256' = 'sha256'): string {
  return createHash(algorithm).update(content).digest('hex');
}
