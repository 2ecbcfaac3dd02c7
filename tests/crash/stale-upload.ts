import type { Socket } from 'node:net';
import { ControlClient } from '../../server/testing/control-client.ts';
import { type Content, continued, EMPTY } from './content.ts';
import { type CrashClient, PASSWORD, ReplyLostError } from './crash-client.ts';
import { fileAt, type Tree, withPartial } from './tree.ts';

const ANNOUNCED_FROM_BYTES = 1024 * 1024;

/** An upload that has sent what it has, and waits, while other sessions work on its name. */
export interface StaleUpload {
  readonly path: string;
  readonly content: Content;
  readonly sizeBytes: number;
  readonly control: ControlClient;
  readonly data: Socket;
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
  await lost(control.login(client.account, PASSWORD));
  const data = await lost(control.openData());
  const opening = await lost(control.command(`STOR ${path}`));
  if (opening.code !== 150) return client.complain(`STOR ${path}`, opening);
  client.stale = { path, content, sizeBytes, control, data, name: 'untouched' };
  data.write(octets.of(content));
  client.tally.add('stale uploads begun');
  for (let code = 211, text = ''; !text.includes(`: ${sizeBytes} bytes`); ) {
    ({ code, text } = await status(control));
    if (code === 552) return refused(client, client.stale);
  }
}

async function status(control: ControlClient): Promise<{ code: number; text: string }> {
  const { code, lines } = await lost(control.command('STAT'));
  return { code, text: lines.join() };
}

/** The account is full: what was kept makes way at any time, so it goes now. */
async function refused(client: CrashClient, stale: StaleUpload): Promise<void> {
  client.stale = undefined;
  await stale.control.close();
  const { lines } = await client.command('SITE PARTIALS');
  const shown = lines.find(
    (line) => line.includes('X.shown=1;') && line.endsWith(`; ${stale.path}`),
  );
  const id = /X\.id=([^;]+);/.exec(shown ?? '')?.[1];
  if (id !== undefined) await client.command(`SITE PARTIALS DROP ${id}`);
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
  const isAnnounced = stale.sizeBytes >= ANNOUNCED_FROM_BYTES;
  model.begin(isAnnounced && stale.name !== 'changed' ? optional(stale) : (tree) => [tree]);
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
