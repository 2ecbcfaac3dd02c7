import type { Using } from '../context/app-context.ts';
import { isCancelled } from '../errors/failure-text.ts';
import { isOfOneDirectory } from '../files/listing.ts';
import { type Entry, joinPath, type Place } from '../files/place.ts';
import { inChunks } from '../scheduling/chunks.ts';
import { chosenEntries } from '../state/pane.ts';
import { counted, shortBytes } from '../text/format.ts';
import type { TransferPlan } from '../transfers/transfer-plan.ts';
import { walk } from './walk.ts';

type Chosen = ReturnType<typeof chosenEntries>;

/** Puts what is chosen into the queue, after a look at whether it fits. */
export async function copyChosen(
  app: Using<'ui' | 'dialogs' | 'connection' | 'places' | 'services'>,
): Promise<void> {
  const { active: online } = app.connection;
  if (online === undefined) throw new Error('Not connected.');
  const side = app.ui.get().active;
  const chosen = chosenEntries(app.ui.activePane, app.ui.otherPane.path);
  if (chosen.length === 0) {
    app.ui.notify('Nothing to copy.');
    return;
  }
  const wanted = await targetsFor(app, chosen);
  if (wanted === undefined) return;
  const targets = await withoutLinks(app, wanted);
  if (app.ui.activePane.place === 'local' && !(await mayUpload(app, chosen))) return;
  const direction = app.ui.activePane.place === 'local' ? 'upload' : 'download';
  for await (const portion of inChunks(targets)) {
    const links = app.services.settings.links === 'follow' ? 'follow' : undefined;
    online.queue.add(portion.map((one) => ({ ...planFor(one, direction), links })));
  }
  app.ui.changePane(side, { type: 'unmarked', chosen });
  const directories = new Set(targets.map(({ targetDirectory }) => targetDirectory));
  const where = directories.size === 1 ? ([...directories][0] ?? '') : 'several directories';
  app.ui.notify(`Queued ${counted(targets.length, 'item')} for ${where}`, 'good');
}

/** Marks keep the target that they were made with. If that is not what is seen now, it is said. */
async function targetsFor(
  app: Using<'ui' | 'dialogs'>,
  chosen: Chosen,
): Promise<Chosen | undefined> {
  const here = app.ui.otherPane.path;
  const elsewhere = chosen.filter(({ targetDirectory }) => targetDirectory !== here);
  if (elsewhere.length === 0) return chosen;
  const counts = new Map<string, number>();
  for (const { targetDirectory } of chosen) {
    counts.set(targetDirectory, (counts.get(targetDirectory) ?? 0) + 1);
  }
  const answer = await app.dialogs.choose({
    topic: 'copy',
    title: 'Copy to which directory?',
    lines: [
      'The other pane showed another directory when you marked these:',
      ...[...counts].map(([path, count]) => `${counted(count, 'entry', 'entries')} to ${path}`),
    ],
    choices: [
      { id: 'marked', keys: ['m'], label: 'to the directories shown when marked' },
      { id: 'here', keys: ['h'], label: `all to ${here}` },
    ],
    escape: 'cancel',
  });
  if (answer === undefined) return undefined;
  if (answer.id === 'marked') return chosen;
  return chosen.map((one) => ({ ...one, targetDirectory: here }));
}

/** A link that was chosen stands for what it leads to. */
async function withoutLinks(app: Using<'ui' | 'places'>, chosen: Chosen): Promise<Chosen> {
  const place = app.places.of(app.ui.get().active);
  return Promise.all(
    chosen.map(async (one) => {
      const target = one.entry.kind === 'link' ? await place?.follow(one.path) : undefined;
      return target === undefined ? one : { ...one, entry: target };
    }),
  );
}

function planFor(
  { path, entry, targetDirectory }: Chosen[number],
  direction: TransferPlan['direction'],
): TransferPlan {
  return {
    direction,
    kind: entry.kind === 'directory' ? 'directory' : 'file',
    from: path,
    to: joinPath(targetDirectory, entry.name),
    policy: 'ask',
    sizeBytes: entry.kind === 'file' ? entry.sizeBytes : undefined,
    modifiedMs: entry.modifiedMs,
  };
}

/** Directories are read for a limited time only, so that the user does not wait. */
const LOOKING_MS = 1500;

/** Compares what is to be sent with what is free; asks if it does not fit. */
async function mayUpload(
  app: Using<'dialogs' | 'connection' | 'places'>,
  chosen: Chosen,
): Promise<boolean> {
  const quota = await app.connection.active?.session.quota();
  if (quota === undefined) return true;
  const { bytes, isAtLeast } = await sizeOf(app.places.local, chosen);
  if (bytes <= quota.freeBytes) return true;
  const answer = await app.dialogs.choose({
    topic: 'fit',
    title: 'Not enough space',
    tone: 'danger',
    lines: [
      `Needs ${isAtLeast ? 'at least ' : ''}${shortBytes(bytes)}, ${shortBytes(quota.freeBytes)} free.`,
      'Replacing existing files frees their space.',
    ],
    choices: [{ id: 'upload', keys: ['u'], label: 'upload until the space is used up' }],
    escape: 'cancel',
  });
  return answer !== undefined;
}

async function sizeOf(
  place: Place,
  chosen: Chosen,
): Promise<{ bytes: number; isAtLeast: boolean }> {
  const signal = AbortSignal.timeout(LOOKING_MS);
  let bytes = 0;
  const add = (entry: Entry) => {
    if (entry.kind === 'file') bytes += entry.sizeBytes ?? 0;
  };
  try {
    for (const { path, entry } of chosen) {
      add(entry);
      if (entry.kind !== 'directory') continue;
      for await (const found of walk(place, path, signal)) for (const one of found) add(one.entry);
    }
    return { bytes, isAtLeast: false };
  } catch (error) {
    if (!signal.aborted && !isCancelled(error) && !isOfOneDirectory(error)) throw error;
    return { bytes, isAtLeast: true };
  }
}
