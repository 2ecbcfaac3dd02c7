import type { Socket } from 'node:net';
import { outcomesOf, published, type UploadUnderWay } from './client-model.ts';
import { type Content, continued, EMPTY, sizeOf } from './content.ts';
import { type CrashClient, type DataEnd, ReplyLostError } from './crash-client.ts';
import { noteTrashed } from './own-trash.ts';
import { fileAt, type Tree, visibleAt, withPartial } from './tree.ts';

type Verb = UploadUnderWay['verb'];

const KIB = 1024;

/** Uploads to a name of the client's own: new, over a file, resumed or appended, whole or cut. */
export async function uploadOwn(client: CrashClient, verb: Verb, path: string): Promise<void> {
  const base = visibleAt(client.model.tree, path) ?? EMPTY;
  const offsetBytes = offsetFor(client, verb, base);
  const sizeBytes = offsetBytes + uploadSize(client);
  const content = continued(base, { offsetBytes, stream: client.newStream(), sizeBytes });
  const end = client.random.chance(0.2) ? client.random.pick(CUTS) : 'whole';
  // One octet more than will ever come.
  if (end === 'short of ALLO' && !(await declare(client, sizeBytes + 1))) return;
  const data = await client.openData();
  try {
    if (verb === 'STOR' && offsetBytes > 0) await client.command(`REST ${offsetBytes}`);
    const opening = await client.command(`${verb} ${path}`);
    client.tally.add('uploads begun');
    if (opening.code !== 150) return refused(client, `${verb} ${path} at ${offsetBytes}`, opening);
    const name = verb === 'STOU' ? nameIn(opening.lines[0] ?? '') : path;
    await send(
      client,
      { path: name, content, offsetBytes, verb, sentBytes: 0, isEnded: false },
      {
        data,
        end,
      },
    );
  } finally {
    data.destroy();
  }
}

/** Sends the data and hears what has become of them. */
async function send(
  client: CrashClient,
  upload: UploadUnderWay,
  { data, end }: { data: Socket; end: DataEnd },
): Promise<void> {
  const { model, octets } = client;
  model.begin(outcomesOf(upload));
  client.touch(upload.path, 'unclear');
  if (upload.offsetBytes > 0) client.passed('resume begun');
  try {
    await client.sendData(data, octets.of(upload.content, upload.offsetBytes), {
      end,
      onSent: (bytes) => {
        upload.sentBytes = bytes;
      },
    });
    if (end === 'whole') await finish(client, upload, data);
    else await cut(client, upload, { data, end });
  } catch (error) {
    if (error instanceof ReplyLostError) model.lose(upload.path);
    throw error;
  }
}

async function finish(client: CrashClient, upload: UploadUnderWay, data: Socket): Promise<void> {
  upload.isEnded = true;
  client.passed('data ended');
  data.end();
  const closing = await client.reply();
  if (closing.code === 226) {
    client.tally.add('uploads completed');
    client.touch(upload.path, 'changed');
    noteReplaced(client, upload);
    client.model.settle((before) => published(before, upload.path, upload.content));
    return;
  }
  if (closing.code !== 552) client.complain(`${upload.verb} ${upload.path}`, closing);
  client.tally.add('uploads over the quota');
  await lookAtWhatIsLeft(client, upload, '552');
  await dropForRoom(client, upload.path);
}

/** An append changes the file itself. */
function noteReplaced(client: CrashClient, { path, verb }: UploadUnderWay): void {
  const { file: content, partial } = fileAt(client.model.tree, path);
  if (verb === 'STOR' && partial === undefined && client.model.isSettled(path)) {
    noteTrashed(client, { path, content });
  }
}

/** What the quota has cut goes when room is needed, at any time: it goes now, so that it is known. */
export async function dropForRoom(client: CrashClient, path: string): Promise<void> {
  const withoutPartial = (tree: Tree) => withPartial(tree, path, undefined);
  client.model.begin((tree) => [tree, withoutPartial(tree)]);
  const { lines } = await client.command('SITE PARTIALS');
  const shown = lines.find((line) => line.includes('X.shown=1;') && line.endsWith(`; ${path}`));
  const id = /X\.id=([^;]+);/.exec(shown ?? '')?.[1];
  if (id !== undefined) {
    const answer = await client.command(`SITE PARTIALS DROP ${id}`);
    // Another upload may have needed its room.
    if (![250, 550].includes(answer.code)) client.complain(`SITE PARTIALS DROP ${id}`, answer);
  }
  client.model.settle(withoutPartial);
}

const CUT_CODES = [426, 451, 552];

async function cut(
  client: CrashClient,
  upload: UploadUnderWay,
  { data, end }: { data: Socket; end: DataEnd },
): Promise<void> {
  client.passed('data cut');
  client.tally.add('uploads cut');
  if (end === 'control reset') {
    client.control.socket.resetAndDestroy();
    data.resetAndDestroy();
    throw new ReplyLostError('cut by the client itself');
  }
  if (end === 'ABOR') client.control.send('ABOR\r\n');
  else if (end === 'reset') data.resetAndDestroy();
  else data.end();
  const closing = await client.reply();
  if (!CUT_CODES.includes(closing.code)) client.complain(`${upload.path}, cut by ${end}`, closing);
  if (end === 'ABOR') await client.reply();
  await lookAtWhatIsLeft(client, upload, `${end}, ${closing.code}`);
  if (closing.code === 552) await dropForRoom(client, upload.path);
}

async function declare(client: CrashClient, sizeBytes: number): Promise<boolean> {
  const answer = await client.command(`ALLO ${sizeBytes}`);
  if (![200, 552].includes(answer.code)) client.complain(`ALLO ${sizeBytes}`, answer);
  return answer.code === 200;
}

/** A failed upload leaves what had the name, or what has come: never anything else. */
async function lookAtWhatIsLeft(
  client: CrashClient,
  { path, verb, offsetBytes, sentBytes }: UploadUnderWay,
  how: string,
): Promise<void> {
  const shown = await client.retrieve(path);
  client.tally.add('cut uploads looked at');
  const before = client.model.trees.map((tree) => fileAt(tree, path));
  if (client.model.observe(path, shown)) return;
  const bytes = shown === undefined ? 'nothing' : `${shown.length} other bytes`;
  client.tally.find(
    `${client.account}: ${path} shows ${bytes} after ${verb} of ${sentBytes} at ${offsetBytes} failed (${how}); ${JSON.stringify(before)}`,
  );
}

const CUTS = ['reset', 'ABOR', 'short of ALLO', 'control reset'] as const;

/** Small ones, those below the megabyte from which an upload outlives a crash, and those above. */
export function uploadSize({ random }: CrashClient): number {
  const kind = random.weighted({ tiny: 2, small: 4, medium: 3, large: 3 });
  if (kind === 'tiny') return random.below(3);
  if (kind === 'small') return random.below(64 * KIB);
  return kind === 'medium' ? random.below(1024 * KIB) : 1024 * KIB + random.below(3072 * KIB);
}

function offsetFor({ random }: CrashClient, verb: Verb, base: Content): number {
  if (verb === 'APPE') return sizeOf(base);
  if (verb === 'STOU' || random.chance(0.5)) return 0;
  return random.chance(0.5) ? sizeOf(base) : random.below(sizeOf(base) + 1);
}

function refused(
  client: CrashClient,
  what: string,
  opening: Parameters<CrashClient['complain']>[1],
): void {
  client.tally.add('uploads over the quota');
  if (opening.code !== 552) client.complain(what, opening);
}

/** STOU names the file in reply 150, as `FILE: name`. */
function nameIn(line: string): string {
  return line.replace(/^150 FILE: /, '');
}
