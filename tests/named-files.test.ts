/** The files and folders that the documents for contributors name exist. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const ROOT = new URL('../', import.meta.url);
/** Folders that a path in a document may start from. */
const STARTS = ['', 'server/', 'tui-client/'];
/** A path in code quotes, without placeholders. */
const PATH = /`((?:[\w.-]+\/)*(?:[\w-]+\.(?:test\.)?(?:tsx?|md)|[\w-]+\/))`/g;

const exists = (path: string) => STARTS.some((start) => existsSync(new URL(start + path, ROOT)));

test.each(['CONTRIBUTING.md', 'docs/architecture.md'])('%s names files that exist', (document) => {
  const text = readFileSync(new URL(document, ROOT), 'utf8');
  const paths = [...text.matchAll(PATH)].map(([, path = '']) => path);
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => !exists(path))).toEqual([]);
});
