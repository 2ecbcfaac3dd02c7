import { renameOutcomes } from './client-model.ts';
import type { CrashClient } from './crash-client.ts';
import { noteTrashed } from './own-trash.ts';
import { deleted, fileAt, isDirectory, renamed, type Tree, visibleAt, withEntry } from './tree.ts';

const DIRECTORY = { kind: 'directory' } as const;

/** DELE of a file or partial of the client's own. */
export async function deleteOwn(client: CrashClient, path: string): Promise<void> {
  const { file: content } = fileAt(client.model.tree, path);
  await change(client, {
    path,
    after: (tree) => deleted(tree, path),
    command: () => {
      client.passed('delete sent');
      return client.command(`DELE ${path}`);
    },
  });
  client.tally.add('deletes');
  noteTrashed(client, { path, content });
}

export async function makeOwnDirectory(client: CrashClient, path: string): Promise<void> {
  await change(client, {
    path,
    after: (tree) => withEntry(tree, path, DIRECTORY),
    command: () => client.command(`MKD ${path}`),
  });
  client.tally.add('directories made or removed');
}

export async function removeOwnDirectory(client: CrashClient, path: string): Promise<void> {
  const isEmpty = ![...client.model.tree.keys()].some((name) => name.startsWith(`${path}/`));
  const removal = {
    path,
    after: (tree: Tree) => withEntry(tree, path, undefined),
    command: () => client.command(`RMD ${path}`),
  };
  if (isEmpty) await change(client, removal);
  else if ((await removal.command()).code !== 550) {
    client.tally.find(`${client.account}: RMD ${path} of a directory that is not empty`);
  }
  client.tally.add('directories made or removed');
}

/** RNFR and RNTO of a file, a partial or a directory with all that it holds. */
export async function renameOwn(client: CrashClient, from: string, to: string): Promise<void> {
  const opening = await client.command(`RNFR ${from}`);
  if (opening.code !== 350) client.complain(`RNFR ${from}`, opening);
  await change(client, {
    path: from,
    to,
    after: (tree) => renamed(tree, from, to),
    outcomes: (tree) => renameOutcomes(tree, renamed(tree, from, to), { from, to }),
    command: () => {
      client.passed('rename sent');
      return client.command(`RNTO ${to}`);
    },
  });
  client.tally.add(isDirectory(client.model.tree, to) ? 'directories renamed' : 'renames');
}

/** RETR, compared with what the name must show. */
export async function downloadOwn(client: CrashClient, path: string): Promise<void> {
  const expected = visibleAt(client.model.tree, path);
  const shown = await client.retrieve(path);
  client.tally.add('downloads compared');
  const isRight =
    expected === undefined || shown === undefined
      ? expected === shown
      : client.octets.are(shown, expected);
  if (!isRight) client.tally.find(`${client.account}: ${path} shows other octets than it has`);
}

interface NameChange {
  readonly path: string;
  /** Of a rename. */
  readonly to?: string;
  readonly after: (tree: Tree) => Tree;
  /** What may be found if the reply is lost; else before and after. */
  readonly outcomes?: (tree: Tree) => readonly Tree[];
  readonly command: () => ReturnType<CrashClient['command']>;
}

async function change(client: CrashClient, plan: NameChange): Promise<void> {
  const { path, to = path, after, command, outcomes = (tree) => [tree, after(tree)] } = plan;
  client.model.begin(outcomes);
  for (const name of [path, to]) client.touch(name, 'unclear');
  const answer = await command();
  const isDone = answer.code >= 200 && answer.code < 300;
  if (isDone) for (const name of [path, to]) client.touch(name, 'changed');
  client.model.settle(isDone ? after : (tree) => tree);
  if (!isDone) client.complain(`a change of ${path}`, answer);
}
