import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ScriptedControl } from '../remote/testing/scripted-server.ts';
import { FieldServer } from '../testing/field-server.ts';
import { SiteQueue } from './testing/site-queue.ts';

const FILES = ['a', 'b', 'sub/c', 'sub/d'];

let here: string;
let server: FieldServer;
let site: SiteQueue;

beforeEach(async () => {
  here = await mkdtemp(join(tmpdir(), 'myftp-one-connection-'));
  await mkdir(join(here, 'tree/sub'), { recursive: true });
  for (const path of FILES) await writeFile(join(here, 'tree', path), path);
});

afterEach(async () => {
  await site?.close();
  await server?.close();
  await rm(here, { recursive: true, force: true });
});

/** A server that lets in one connection of the account. */
async function startForOne(refusal: string): Promise<void> {
  let inside: ScriptedControl | undefined;
  const USER = (_: string, control: ScriptedControl) => {
    if (inside === undefined || inside.socket.destroyed) inside = control;
    if (inside === control) return undefined;
    control.say(refusal);
    return true;
  };
  server = await FieldServer.start({ answers: { USER } });
  site = await SiteQueue.open(server.port);
}

test.each(['530 Only one connection, please.', '421 Too many connections.'])(
  'transfers share the connection of the session with a server that says %s',
  async (refusal) => {
    await startForOne(refusal);
    const { queue } = site;
    const up = { direction: 'upload', from: join(here, 'tree'), to: '/tree' } as const;
    const down = { direction: 'download', from: '/tree', to: join(here, 'back') } as const;
    for (const paths of [up, down]) {
      queue.add([{ ...paths, kind: 'directory', policy: 'ask' }]);
      await queue.idle();
    }
    expect(queue.snapshot().counts).toMatchObject({ done: 2 * FILES.length, failed: 0 });
    for (const path of FILES)
      expect((await readFile(join(here, 'back', path))).toString()).toBe(path);
  },
);
