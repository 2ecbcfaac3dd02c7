import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { optimizeEarly } from './early-optimization.ts';

const run = promisify(execFile);

/** Calls a function fewer times than V8 usually wants, and prints whether its best compiler has compiled it. */
const PROGRAM = `
import { setTimeout as delay } from 'node:timers/promises';
import { optimizeEarly } from ${JSON.stringify(new URL('./early-optimization.ts', import.meta.url))};
if (process.argv[1] === 'early') optimizeEarly();
const work = (text) => text.length + text.charCodeAt(0);
for (let i = 0; i < 1500; i++) {
  work('abc');
  if (i % 150 === 0) await delay(50);
}
console.log(%ActiveTierIsTurbofan(work));
`;

async function isOptimized(mode: string): Promise<string> {
  const args = ['--no-warnings', '--allow-natives-syntax', '--input-type=module', '-e', PROGRAM];
  const { stdout, stderr } = await run(process.execPath, [...args, mode]);
  expect(stderr).toBe('');
  return stdout.trim();
}

test('a function is optimized after some hundred calls, which it is not by itself', async () => {
  expect(await isOptimized('early')).toBe('true');
  expect(await isOptimized('as it is')).toBe('false');
});

test('V8 is left alone by a release of Node that was not tested', () => {
  expect(optimizeEarly('27.0.0')).toBe(false);
});
