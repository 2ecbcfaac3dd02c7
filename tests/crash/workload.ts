import { type CrashClient, ReplyLostError } from './crash-client.ts';
import {
  deleteOwn,
  downloadOwn,
  makeOwnDirectory,
  removeOwnDirectory,
  renameOwn,
} from './own-names.ts';
import { restoreOwn } from './own-trash.ts';
import { uploadOwn } from './own-uploads.ts';
import { appendToLog } from './shared-log.ts';
import { workOnShared } from './shared-operations.ts';
import { loseStale, workOnStale } from './stale-upload.ts';
import { fileAt } from './tree.ts';

const WEIGHTS = {
  store: 22,
  append: 8,
  unique: 4,
  resume: 12,
  remove: 14,
  rename: 12,
  renameDirectory: 4,
  makeDirectory: 3,
  removeDirectory: 3,
  download: 6,
  shared: 14,
  stale: 10,
  log: 10,
  restore: 8,
};

const NAMES = 6;
const DIRECTORIES = 3;

/** What a client does until the server is gone. Who cuts its own connection comes again. */
export async function workUntilKilled(
  client: CrashClient,
  run: { readonly port: number; isKilled(): boolean },
): Promise<void> {
  try {
    await workOn(client, run);
  } finally {
    loseStale(client);
  }
}

async function workOn(
  client: CrashClient,
  run: { readonly port: number; isKilled(): boolean },
): Promise<void> {
  while (!run.isKilled()) {
    try {
      await work(client);
    } catch (error) {
      if (!(error instanceof ReplyLostError)) throw error;
      if (run.isKilled()) return;
      await client.disconnect();
      const isThere = await client.connect(run.port).then(
        () => true,
        () => false,
      );
      if (!isThere) return;
    }
  }
}

async function work(client: CrashClient): Promise<void> {
  const { random, model } = client;
  const kind = random.weighted(WEIGHTS);
  const existing = random.pick(model.paths('file'));
  const directory = random.pick(model.paths('directory'));
  const name = newName(client);
  switch (kind) {
    case 'shared':
      return workOnShared(client);
    case 'stale':
      return workOnStale(client, client.stale?.path ?? `${model.home}/f${random.below(NAMES)}`);
    case 'log':
      // It lies in no folder.
      return client.guest === undefined ? appendToLog(client) : undefined;
    case 'restore':
      return restoreOwn(client);
    case 'unique':
      return uploadOwn(client, 'STOU', `${model.home}/unique`);
    case 'makeDirectory':
      return makeDirectory(client);
    case 'removeDirectory':
      return directory === undefined ? undefined : removeOwnDirectory(client, directory);
    case 'renameDirectory':
      return directory === undefined ? undefined : renameDirectory(client, directory);
    case 'rename':
      return existing === undefined || name === undefined || existing === name
        ? undefined
        : renameOwn(client, existing, name);
    case 'store':
      return name === undefined ? undefined : uploadOwn(client, 'STOR', name);
    case 'append':
      return name === undefined ? undefined : uploadOwn(client, 'APPE', name);
    case 'resume':
    case 'remove':
    case 'download':
      return workOnExisting(client, kind, existing);
  }
}

async function workOnExisting(
  client: CrashClient,
  kind: 'resume' | 'remove' | 'download',
  existing: string | undefined,
): Promise<void> {
  if (existing === undefined) return;
  if (kind === 'remove') return deleteOwn(client, existing);
  if (kind === 'download') return downloadOwn(client, existing);
  const { model, random } = client;
  const partials = model.paths('file').filter((path) => fileAt(model.tree, path).partial);
  const path = random.pick(partials) ?? existing;
  await uploadOwn(client, random.chance(0.5) ? 'APPE' : 'STOR', path);
}

/** A name for a file, in one of the client's directories, that nothing unsettled stands in the way of. */
function newName({ model, random }: CrashClient): string | undefined {
  const directory = random.pick([model.home, model.home, ...model.paths('directory')]);
  const path = `${directory}/f${random.below(NAMES)}`;
  return model.isSettled(path) ? path : undefined;
}

async function makeDirectory(client: CrashClient): Promise<void> {
  const path = freeDirectory(client);
  if (path !== undefined) await makeOwnDirectory(client, path);
}

async function renameDirectory(client: CrashClient, from: string): Promise<void> {
  const to = freeDirectory(client);
  if (to !== undefined && !to.startsWith(`${from}/`)) await renameOwn(client, from, to);
}

function freeDirectory({ model, random }: CrashClient): string | undefined {
  const path = `${model.home}/d${random.below(DIRECTORIES)}`;
  return model.tree.has(path) || !model.isSettled(path) ? undefined : path;
}
