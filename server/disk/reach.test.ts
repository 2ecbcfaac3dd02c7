import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

const PATH_MAX = 4096;

describe('a name whose path would be too long', () => {
  let server: TestServer;
  let client: ControlClient;
  let maxBytes: number;

  beforeEach(async () => {
    server = await TestServer.start();
    client = await server.signUp();
    maxBytes = PATH_MAX - 1 - Buffer.byteLength(join(server.rootDir, 'anna'));
  });
  afterEach(() => server.dispose());

  const home = (name = '') => join(server.rootDir, 'anna', name);
  const answer = async (line: string) => (await client.command(line)).lines.join('\n');

  async function rename(from: string, to: string): Promise<string> {
    await client.command(`RNFR ${from}`);
    return answer(`RNTO ${to}`);
  }

  /** Directories below each other, with a path of that length. */
  function chain(first: string, bytes: number): string {
    let path = `/${first}`;
    while (bytes - path.length > 201) path += `/${'x'.repeat(200)}`;
    path += `/${'y'.repeat(bytes - path.length - 1)}`;
    mkdirSync(home(path), { recursive: true });
    return path;
  }

  test('is refused by MKD, STOR, STOU, APPE and RNTO, and the longest one works', async () => {
    const deep = chain('d', maxBytes - 10);
    await client.store('STOR a.bin', 'octets');
    await client.command(`CWD ${deep}`);
    expect(await answer(`MKD ${'n'.repeat(10)}`)).toBe(
      `553 Its path would have ${maxBytes + 1} bytes (maximum ${maxBytes}); use shorter names or fewer levels.`,
    );
    expect(await answer(`MKD ${'n'.repeat(9)}`)).toMatch(/^257 /);
    expect(await answer(`STOR ${'n'.repeat(10)}`)).toMatch(/^553 /);
    expect(await answer(`APPE ${'n'.repeat(10)}`)).toMatch(/^553 /);
    expect(await rename('/a.bin', 'n'.repeat(10))).toMatch(/^553 /);
    expect(await rename('/a.bin', 'm'.repeat(9))).toMatch(/^250 /);
    expect((await client.retrieve(`RETR ${'m'.repeat(9)}`)).data.toString()).toBe('octets');
  });

  test('is refused by RNTO of a directory that holds it', async () => {
    chain('d', maxBytes - 10);
    expect(await rename('d', `d${'n'.repeat(11)}`)).toBe(
      `553 The longest path in it would have ${maxBytes + 1} bytes (maximum ${maxBytes}); use shorter names or fewer levels.`,
    );
    expect(await rename('d', `d${'n'.repeat(10)}`)).toMatch(/^250 /);
    expect(await rename(`d${'n'.repeat(10)}`, 'd')).toMatch(/^250 /);
  });

  test('counts a file in the directory, too', async () => {
    const deep = chain('d', maxBytes - 20);
    writeFileSync(home(`${deep}/${'f'.repeat(15)}`), '');
    expect(await rename('d', `d${'n'.repeat(5)}`)).toMatch(/^553 /);
    expect(await rename('d', `d${'n'.repeat(4)}`)).toMatch(/^250 /);
  });
});

test('RNTO of a directory into itself is refused, by whatever way', async () => {
  const server = await TestServer.start();
  try {
    const client = await server.signUp();
    for (const name of ['d', 'd/e', 'f']) await client.command(`MKD ${name}`);
    for (const [from, to] of [
      ['d', 'd/x'],
      ['d', 'd/e/x'],
      ['d', 'f/../d/x'],
    ]) {
      await client.command(`RNFR ${from}`);
      const { lines } = await client.command(`RNTO ${to}`);
      expect(lines).toEqual(['550 /d: cannot be moved into itself.']);
    }
  } finally {
    await server.dispose();
  }
});
