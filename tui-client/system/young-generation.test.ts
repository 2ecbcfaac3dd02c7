import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { limitYoungGeneration } from './young-generation.ts';

const run = promisify(execFile);
const MIB = 1024 ** 2;

/** Makes objects of which enough survive to let V8 enlarge the space for new ones, and prints its bytes. */
const PROGRAM = `
import { getHeapSpaceStatistics } from 'node:v8';
import { limitYoungGeneration } from ${JSON.stringify(new URL('./young-generation.ts', import.meta.url))};
if (process.argv[1] === 'limited') limitYoungGeneration();
const kept = [];
for (let i = 0; i < 3_000_000; i++) kept[i % 100_000] = { name: String(i) };
console.log(getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size);
`;

async function newSpaceBytes(mode: string): Promise<number> {
  const args = ['--no-warnings', '--input-type=module', '-e', PROGRAM, mode];
  const { stdout, stderr } = await run(process.execPath, args);
  expect(stderr).toBe('');
  return Number(stdout);
}

test('the space for new objects stays small, which it does not by itself', async () => {
  expect(await newSpaceBytes('limited')).toBeLessThanOrEqual(4 * MIB);
  expect(await newSpaceBytes('as it is')).toBeGreaterThan(8 * MIB);
});

test('V8 is left alone by a release of Node that was not tested', () => {
  expect(limitYoungGeneration('27.0.0')).toBe(false);
});
