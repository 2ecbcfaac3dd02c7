import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';

/** The bytes of all plain files below a directory. */
async function bytesBelow(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true }).catch(
    () => [],
  );
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await lstat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

export async function usedBytes(client: ControlClient): Promise<number> {
  const { lines } = await client.command('SITE QUOTA');
  return Number(/^200 (\d+) of /.exec(lines[0] ?? '')?.[1]);
}

/** What the account is charged for is what lies on the disk, partial uploads included. */
export async function expectExactQuota(client: ControlClient, rootDir: string): Promise<void> {
  expect(await usedBytes(client)).toBe(await bytesBelow(rootDir));
}

export async function shownSize(client: ControlClient, name: string): Promise<number | undefined> {
  const { code, lines } = await client.command(`SIZE ${name}`);
  return code === 213 ? Number(lines[0]?.slice(4)) : undefined;
}
