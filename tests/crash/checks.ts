import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { published } from './client-model.ts';
import { type Content, continued, sizeOf } from './content.ts';
import type { CrashClient } from './crash-client.ts';
import type { AccountFindings } from './observe.ts';
import { within } from './observe.ts';
import { LOG } from './shared-log.ts';
import type { SharedNames } from './shared-names.ts';
import type { Tally } from './tally.ts';
import { deleted, fileAt } from './tree.ts';

/** Compares all that an account has on disk with what its clients have done. */
export function compareFiles(
  found: AccountFindings,
  {
    clients,
    shared,
    tally,
  }: { clients: readonly CrashClient[]; shared: SharedNames; tally: Tally },
): void {
  tally.add('files compared', found.files.size);
  tally.add('partials compared', found.partials.size);
  tally.add('staging files seen', found.stagedFiles);
  for (const fault of found.faults) tally.find(fault);
  for (const { model, account, dialogue } of clients) {
    const why = model.compare(within(found, model.home));
    if (why !== undefined) tally.find(`${account}: ${why}; its last words: ${dialogue}`);
  }
  const homes = clients.map(({ model }) => model.home);
  compareShared(found, { homes, shared, tally });
}

function compareShared(
  found: AccountFindings,
  parts: { homes: readonly string[]; shared: SharedNames; tally: Tally },
): void {
  const { homes, shared, tally } = parts;
  const isOwn = (path: string) => homes.some((home) => path.startsWith(`${home}/`));
  const paths = new Set([...shared.paths, ...found.files.keys(), ...found.partials.keys()]);
  for (const path of paths) {
    if (isOwn(path) || path === LOG) continue;
    const file = found.files.get(path);
    const partial = found.partials.get(path);
    if (!shared.mayHold(path, file)) {
      tally.find(`${path}: ${file?.length ?? 'no'} bytes, which nobody completed last`);
    }
    if (partial !== undefined && !shared.mayBePartial(path, partial)) {
      tally.find(`${path}: a partial of ${partial.length} bytes that nobody sent`);
    }
  }
}

/** What SITE QUOTA says. */
async function quotaTold(
  client: ControlClient,
): Promise<{ usedBytes: number; limitBytes: number }> {
  const { lines } = await client.command('SITE QUOTA');
  const [, used, limit] = /^200 (\d+) of (\d+) /.exec(lines[0] ?? '') ?? [];
  return { usedBytes: Number(used), limitBytes: Number(limit) };
}

export async function compareQuota(
  client: ControlClient,
  {
    found,
    account,
    tally,
    when,
  }: {
    found: AccountFindings;
    account: string;
    tally: Tally;
    when: string;
  },
): Promise<void> {
  const { usedBytes, limitBytes } = await quotaTold(client);
  tally.add('quotas compared');
  if (usedBytes !== found.bytes) {
    tally.find(`${account}: ${usedBytes} bytes used, ${found.bytes} on the disk, ${when}`);
  }
  if (usedBytes > limitBytes) tally.find(`${account}: over its quota, ${when}`);
}

/** Carries on a partial of the client's own, to the end, and compares what is then on the disk. */
export async function resumePartial(
  client: CrashClient,
  { path, homeDirectory }: { path: string; homeDirectory: string },
): Promise<void> {
  const { model, octets, tally, random } = client;
  const { partial } = fileAt(model.tree, path);
  if (partial === undefined) return;
  const sizeBytes = sizeOf(partial.content);
  const told = await client.command(`SIZE ${path}`);
  if (told.lines[0] !== `213 ${sizeBytes}`) return client.complain(`SIZE of ${sizeBytes}`, told);
  const content = continued(partial.content, {
    offsetBytes: sizeBytes,
    stream: client.newStream(),
    sizeBytes: sizeBytes + 1 + random.below(100_000),
  });
  const code = await store(client, { path, content, offsetBytes: sizeBytes });
  if (code === 552) return makeRoom(client, path);
  if (code !== 226) return tally.find(`${client.account}: ${path} could not be resumed: ${code}`);
  model.settle((before) => published(before, path, content));
  tally.add('partials resumed');
  const found = await readFile(join(homeDirectory, path));
  if (!octets.are(found, content))
    tally.find(`${client.account}: ${path} was resumed to other bytes`);
}

async function store(
  client: CrashClient,
  upload: { path: string; content: Content; offsetBytes: number },
): Promise<number> {
  const { path, content, offsetBytes } = upload;
  const isAppended = client.random.chance(0.5);
  if (!isAppended) await client.command(`REST ${offsetBytes}`);
  const rest = client.octets.of(content, offsetBytes);
  const { closing } = await client.control.store(`${isAppended ? 'APPE' : 'STOR'} ${path}`, rest);
  return closing.code;
}

/** The account is full: what was sent of the resume is there, and is deleted with all that has the name. */
async function makeRoom(client: CrashClient, path: string): Promise<void> {
  const answer = await client.command(`DELE ${path}`);
  if (answer.code !== 250) client.complain(`DELE ${path}`, answer);
  client.model.settle((before) => deleted(before, path));
  client.tally.add('partials deleted for want of room');
}
