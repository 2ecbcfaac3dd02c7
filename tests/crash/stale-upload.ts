import { readdir, readFile, stat } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { ControlClient } from '../../server/testing/control-client.ts';
import { type Content, continued, EMPTY, sizeOf } from './content.ts';
import { type CrashClient, ReplyLostError } from './crash-client.ts';
import { dropForRoom } from './own-uploads.ts';
import { fileAt, type Tree, withPartial } from './tree.ts';

const ANNOUNCED_FROM_BYTES = 1024 * 1024;

/** An upload that has sent what it has, and waits, while other sessions work on its name. */
export interface StaleUpload {
  readonly path: string;
  readonly content: Content;
  readonly sizeBytes: number;
  readonly control: ControlClient;
  readonly data: Socket;
  /** Whether all octets are on the disk: before, the quota may still end it. */
  isWritten: boolean;
  /** What the other sessions have made of the name since it began. */
  name: 'untouched' | 'unclear' | 'changed';
}

/** Begins one, or cuts the one that there is. */
export async function workOnStale(client: CrashClient, path: string): Promise<void> {
  if (client.stale === undefined) await begin(client, path);
  else await cut(client, client.stale);
}

async function begin(client: CrashClient, path: string): Promise<void> {
  const { model, random, octets } = client;
  if (model.trees.some((tree) => fileAt(tree, path).partial !== undefined)) return;
  const sizeBytes = 1 + random.below(random.chance(0.5) ? 60_000 : 1_500_000);
  const content = continued(EMPTY, { offsetBytes: 0, stream: client.newStream(), sizeBytes });
  const control = await lost(ControlClient.open(client.port));
  await lost(client.login(control));
  const data = await lost(control.openData());
  const opening = await lost(control.command(`STOR ${path}`));
  if (opening.code !== 150) return client.complain(`STOR ${path}`, opening);
  const stale: StaleUpload = {
    ...{ path, content, sizeBytes, control, data },
    ...{ isWritten: false, name: 'untouched' },
  };
  client.stale = stale;
  data.write(octets.of(content));
  client.tally.add('stale uploads begun');
  // Octets that have arrived may still have to wait for room, and be refused it.
  while (!(await isWritten(client, content))) {
    if ((await lost(control.command('STAT'))).code === 552) return refused(client, stale);
  }
  stale.isWritten = true;
}

/** Whether a staging file holds all of a content, looked at beside the server. */
async function isWritten({ stagingDirectory, octets }: CrashClient, content: Content) {
  const entries = await readdir(stagingDirectory, { withFileTypes: true, recursive: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const diskPath = join(entry.parentPath, entry.name);
    const size = await stat(diskPath).then(
      (stats) => stats.size,
      () => 0,
    );
    if (size !== sizeOf(content)) continue;
    const found = await readFile(diskPath).catch(() => Buffer.alloc(0));
    if (octets.are(found, content)) return true;
  }
  return false;
}

/** The account is full: what was kept makes way at any time, so it goes now. */
async function refused(client: CrashClient, stale: StaleUpload): Promise<void> {
  await stale.control.close();
  await dropForRoom(client, stale.path);
  client.stale = undefined;
}

async function cut(client: CrashClient, stale: StaleUpload): Promise<void> {
  const { path, control, data } = stale;
  client.model.begin(stale.name === 'changed' ? (tree) => [tree] : optional(stale));
  try {
    if (client.random.chance(0.5)) data.resetAndDestroy();
    else control.send('ABOR\r\n');
    const { code } = await lost(control.reply());
    if (code !== 426) client.tally.find(`${client.account}: ${path}, stale, was cut with ${code}`);
    client.stale = undefined;
    await control.close();
    const shown = await client.retrieve(path);
    client.tally.add(`stale uploads cut, name ${stale.name}`);
    const isRight = stale.name !== 'untouched' || shown?.length === stale.sizeBytes;
    if (client.model.observe(path, shown) && isRight) return;
    client.tally.find(`${client.account}: ${path} shows a stale upload, its name is ${stale.name}`);
  } catch (error) {
    if (error instanceof ReplyLostError) client.model.lose(path);
    client.stale = undefined;
    throw error;
  }
}

/** The server is gone. */
export function loseStale(client: CrashClient): void {
  const { stale, model } = client;
  client.stale = undefined;
  if (stale === undefined) return;
  // One that was not written may have been cut by the quota, and then it is kept whatever its size.
  const mayBeKept = stale.sizeBytes >= ANNOUNCED_FROM_BYTES || !stale.isWritten;
  model.begin(mayBeKept && stale.name !== 'changed' ? optional(stale) : (tree) => [tree]);
  model.lose(stale.path);
}

function optional({ path, content, sizeBytes }: StaleUpload): (tree: Tree) => readonly Tree[] {
  const partial = { content, minBytes: 1, maxBytes: sizeBytes };
  return (tree) => [tree, withPartial(tree, path, partial)];
}

async function lost<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw new ReplyLostError('the server is gone', { cause: error });
  }
}
