import type { CrashClient } from './client.ts';
import { continued, EMPTY } from './content.ts';
import { uploadSize } from './own-uploads.ts';

export const SHARED_DIRECTORY = '/shared';

const NAMES = 4;

/** STOR, DELE or RETR of a name that other clients of the account change at the same time. */
export async function workOnShared(client: CrashClient): Promise<void> {
  const path = `${SHARED_DIRECTORY}/s${client.random.below(NAMES)}`;
  const verb = client.random.weighted({ STOR: 6, DELE: 2, RETR: 2 });
  if (verb === 'STOR') await store(client, path);
  else if (verb === 'DELE') await remove(client, path);
  else await download(client, path);
}

async function store(client: CrashClient, path: string): Promise<void> {
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
    await client.sendData(data, octets.of(content), { end, onSent: () => {} });
    if (end === 'reset') data.resetAndDestroy();
    else data.end();
    client.passed(end === 'reset' ? 'data cut' : 'data ended');
    const closing = await client.reply();
    shared.end(change, closing.code === 226 ? 'done' : 'refused');
    if (closing.code === 226) tally.add('uploads completed');
    else tally.add(end === 'reset' ? 'uploads cut' : 'uploads over the quota');
    if (![226, 426, 552].includes(closing.code)) client.complain(`STOR ${path}`, closing);
  } finally {
    if (change.state === 'under way') shared.end(change, 'lost');
    data.destroy();
  }
}

/** Whether it is the file that goes or a partial of somebody else, nobody is told. */
async function remove(client: CrashClient, path: string): Promise<void> {
  const change = client.shared.begin(path, undefined);
  client.passed('delete sent');
  try {
    const answer = await client.command(`DELE ${path}`);
    client.tally.add('deletes');
    client.shared.end(change, answer.code === 250 ? 'lost' : 'refused');
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
