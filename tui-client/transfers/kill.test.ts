import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import { CuttingProxy } from './testing/cutting-proxy.ts';
import type { TransferPlan } from './transfer-plan.ts';

const PROGRAM = join(import.meta.dirname, 'testing/queue-process.ts');

let server: TestServer;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'myftp-kill-'));
  server = await TestServer.start();
  await server.signUp();
});

afterAll(async () => {
  await server.dispose();
  await rm(directory, { recursive: true, force: true });
});

function start(port: number, journal: string, plans: readonly TransferPlan[]): ChildProcess {
  const args = [PROGRAM, String(port), journal, JSON.stringify(plans)];
  return spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
}

/** When the journal knows that octets of the large file have moved. */
async function journalled(path: string): Promise<void> {
  for (;;) {
    if (/"doneBytes":\d{5}/.test(await readFile(path, 'utf8').catch(() => ''))) return;
    await delay(20);
  }
}

test.each(['upload', 'download'] as const)(
  'a program that is killed in the middle carries on where it was (%s)',
  async (direction) => {
    const here = join(directory, direction);
    const there = join(server.rootDir, 'anna', direction);
    const journal = join(directory, `${direction}.jsonl`);
    await mkdir(here);
    await mkdir(there, { recursive: true });
    const source = direction === 'upload' ? here : there;
    const big = randomBytes(12_000_000);
    await writeFile(join(source, 'big'), big);
    const names = ['big', ...Array.from({ length: 20 }, (_, i) => `small${i}`)];
    for (const name of names.slice(1)) await writeFile(join(source, name), randomBytes(4096));
    const plans = names.map((name): TransferPlan => {
      const [local, remote] = [join(here, name), `/${direction}/${name}`];
      const [from, to] = direction === 'upload' ? [local, remote] : [remote, local];
      return { direction, kind: 'file', policy: 'ask', from, to };
    });
    const proxy = await CuttingProxy.start({
      serverPort: server.port,
      cutsAfterBytes: [6_000_000],
      kills: 'none',
    });
    const victim = start(proxy.port, journal, plans);
    await proxy.held;
    await journalled(journal);
    const died = once(victim, 'exit');
    victim.kill('SIGKILL');
    await died;
    await proxy.close();

    const heir = start(server.port, journal, []);
    const said = await text(heir.stdout as NonNullable<typeof heir.stdout>);
    expect(said).toMatch(/REST [1-9]\d{5}/);
    const { counts, verified } = JSON.parse(said.trim().split('\n').at(-1) ?? '');
    expect(counts).toMatchObject({ failed: 0, waiting: 0, paused: 0, skipped: 0 });
    expect(verified).toBe(counts.done);
    for (const name of names) {
      const [ours, theirs] = await Promise.all([
        readFile(join(here, name)),
        readFile(join(there, name)),
      ]);
      expect(ours.equals(theirs)).toBe(true);
    }
  },
  60_000,
);
