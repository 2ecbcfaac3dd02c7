import type { Socket } from 'node:net';
import { inBlocks } from '../../server/testing/blocks.ts';
import { continued, EMPTY } from './content.ts';
import type { CrashClient } from './crash-client.ts';
import { uploadSize } from './own-uploads.ts';

export const SHARED_DIRECTORY = '/shared';

const NAMES = 4;

/** The replies that say that a file is in place. */
const COMPLETE = { S: 226, B: 250 } as const;

/** STOR, DELE or RETR of a name that other clients of the account change at the same time. */
export async function workOnShared(client: CrashClient): Promise<void> {
  const path = `${SHARED_DIRECTORY}/s${client.random.below(NAMES)}`;
  const verb = client.random.weighted({ STOR: 6, DELE: 2, RETR: 2 });
  if (verb === 'STOR') await store(client, path);
  else if (verb === 'DELE') await remove(client, path);
  else await download(client, path);
}

/** In MODE B every third time. */
async function store(client: CrashClient, path: string): Promise<void> {
  const mode = client.random.chance(0.3) ? 'B' : 'S';
  await client.command(`MODE ${mode}`);
  await storeIn(mode, client, path);
  await client.command('MODE S');
}

async function storeIn(mode: 'S' | 'B', client: CrashClient, path: string): Promise<void> {
  const { shared, tally, octets, random } = client;
  const sizeBytes = uploadSize(client);
  const content = continued(EMPTY, { offsetBytes: 0, stream: client.newStream(), sizeBytes });
  const end = random.chance(0.15) ? 'reset' : 'whole';
  const data = await client.openData();
  const change = shared.begin(path, content);
  try {
    const { code } = await client.command(`STOR ${path}`);
    tally.add('uploads begun');
    if (code !== 150) return shared.end(change, 'refused');
    const sent = octets.of(content);
    await client.sendData(data, mode === 'B' ? inBlocks(sent) : sent, { end, onSent: () => {} });
    endData(data, mode, end);
    client.passed(end === 'reset' ? 'data cut' : 'data ended');
    const closing = await client.reply();
    const isComplete = closing.code === COMPLETE[mode];
    shared.end(change, isComplete ? 'done' : 'refused');
    if (isComplete) tally.add(mode === 'B' ? 'uploads completed in blocks' : 'uploads completed');
    else tally.add(end === 'reset' ? 'uploads cut' : 'uploads over the quota');
    const isForeseen = isComplete || closing.code === 426 || closing.code === 552;
    if (!isForeseen) client.complain(`STOR ${path}`, closing);
  } finally {
    if (change.state === 'under way') shared.end(change, 'lost');
    data.destroy();
  }
}

/** In blocks, an end in good order is no end of the file, and the file has told its own. */
function endData(data: Socket, mode: 'S' | 'B', end: 'whole' | 'reset'): void {
  if (end === 'whole' && mode === 'S') data.end();
  if (end === 'reset' && mode === 'S') data.resetAndDestroy();
  if (end === 'reset' && mode === 'B') data.end();
}

async function remove(client: CrashClient, path: string): Promise<void> {
  const change = client.shared.begin(path, undefined);
  client.passed('delete sent');
  try {
    const answer = await client.command(`DELE ${path}`);
    client.tally.add('deletes');
    client.shared.end(change, answer.code === 250 ? 'done' : 'refused');
    if (![250, 550, 450].includes(answer.code)) client.complain(`DELE ${path}`, answer);
  } finally {
    if (change.state === 'under way') client.shared.end(change, 'lost');
  }
}

async function download(client: CrashClient, path: string): Promise<void> {
  const shown = await client.retrieve(path);
  if (shown === undefined) return;
  client.tally.add('downloads compared');
  if (!client.shared.mayShow(path, shown)) {
    client.tally.find(`${client.account}: ${path} shows octets that nobody sent`);
  }
}
