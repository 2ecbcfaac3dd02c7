import { type Content, sizeOf } from './content.ts';
import type { CrashClient } from './crash-client.ts';
import { withEntry } from './tree.ts';

/** Smaller files of one name are hard to tell from each other in a list. */
const MIN_BYTES = 100;

/** A file that a client has deleted or replaced: it must come back as it was, or has made room. */
export interface TrashedFile {
  readonly path: string;
  readonly content: Content;
}

/** Remembers a file of the client's own that has surely been deleted or replaced. */
export function noteTrashed(
  client: CrashClient,
  { path, content }: { readonly path: string; readonly content: Content | undefined },
): void {
  if (content === undefined || sizeOf(content) < MIN_BYTES) return;
  client.trashed.push({ path, content });
}

/** SITE TRASH RESTORE of a file whose name is free, compared with what it held. */
export async function restoreOwn(client: CrashClient): Promise<void> {
  const { model, random, tally } = client;
  const file = random.pick(client.trashed);
  if (file === undefined) return;
  client.trashed.splice(client.trashed.indexOf(file), 1);
  const { path, content } = file;
  const directory = path.slice(0, path.lastIndexOf('/'));
  if (!model.isSettled(path) || model.tree.has(path) || !model.tree.has(directory)) return;
  const id = await onlyIdOf(client, file);
  if (id === undefined) return tally.add('deleted files that made room');
  const after = { kind: 'file', file: content, partial: undefined } as const;
  model.begin((tree) => [tree, withEntry(tree, path, after)]);
  client.touch(path, 'unclear');
  client.passed('rename sent');
  const answer = await client.command(`SITE TRASH RESTORE ${id}`);
  const isDone = answer.code === 250;
  model.settle((tree) => (isDone ? withEntry(tree, path, after) : tree));
  // Another client's upload may have needed its room, or have taken the room that an uncounted file needs now.
  if (!isDone)
    return [550, 552].includes(answer.code) ? undefined : client.complain('RESTORE', answer);
  client.touch(path, 'changed');
  tally.add('files restored');
  const shown = await client.retrieve(path);
  if (shown === undefined || !client.octets.are(shown, content)) {
    tally.find(`${client.account}: ${path} was restored to other octets`);
  }
}

/** Undefined if there is none, or several of that name and size. */
async function onlyIdOf(
  client: CrashClient,
  { path, content }: TrashedFile,
): Promise<string | undefined> {
  const { lines } = await client.command('SITE TRASH');
  const ids = lines.flatMap((line) => {
    const isIt = line.includes(`;size=${sizeOf(content)};`) && line.endsWith(`; ${path}`);
    return isIt ? (/X\.id=([^;]+);/.exec(line)?.[1] ?? []) : [];
  });
  return ids.length === 1 ? ids[0] : undefined;
}
