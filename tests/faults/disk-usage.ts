import { expect } from '@jest/globals';
import { bytesOnDisk } from '../../server/testing/bytes-on-disk.ts';
import type { ControlClient } from '../../server/testing/control-client.ts';

export async function usedBytes(client: ControlClient): Promise<number> {
  const { lines } = await client.command('SITE QUOTA');
  return Number(/^200 (\d+) of /.exec(lines[0] ?? '')?.[1]);
}

/** What the account is charged for is what lies on the disk, partial uploads included. */
export async function expectExactQuota(client: ControlClient, rootDir: string): Promise<void> {
  expect(await usedBytes(client)).toBe(await bytesOnDisk(rootDir));
}

export async function shownSize(client: ControlClient, name: string): Promise<number | undefined> {
  const { code, lines } = await client.command(`SIZE ${name}`);
  return code === 213 ? Number(lines[0]?.slice(4)) : undefined;
}
