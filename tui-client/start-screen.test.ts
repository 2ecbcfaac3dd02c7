import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startScreen } from './start-screen.tsx';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'myftp-keys-'));
  await mkdir(join(home, '.config', 'myftp'), { recursive: true });
});
afterEach(() => rm(home, { recursive: true }));

test.each([
  ['coppy = ["z"]', /settings\.toml, keys:\n {2}Unknown action "coppy"\./],
  ['copy = ["d"]', /In files, d is both "copy" and "delete"\./],
])('keys that cannot be are refused before the screen opens: %s', async (line, reason) => {
  await writeFile(join(home, '.config', 'myftp', 'settings.toml'), `[keys]\n${line}\n`);
  await expect(startScreen({ environment: { HOME: home } })).rejects.toThrow(reason);
});
